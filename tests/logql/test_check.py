"""What a query has to obey beside the grammar."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.parser import parse


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            '|~ "(?P<a"',
            "stage '|~ \"(?P<a\"' : error parsing regexp: invalid named capture: `(?P<a`",
        ),
        (
            '|= "b" | json |~ "("',
            'stage \'|= "b" |~ "("\' : error parsing regexp: missing closing ): `(`',
        ),
        (
            '| json a="b["',
            (
                "stage '| json a=\"b[\"' : cannot parse expression [b[]: syntax error:"
                " unexpected $end, expecting STRING or INDEX"
            ),
        ),
        ('| regexp "(.*)"', "invalid regexp parser: at least one named capture must be supplied"),
        (
            '| pattern "<a><b>" | json,',
            ("invalid pattern parser: found consecutive capture '<a><b>': invalid expression"),
        ),
        (
            '| line_format "{{ nosuchfunc .a }}"',
            (
                "stage '| line_format \"{{ nosuchfunc .a }}\"' :"
                ' invalid line template: template: line:1: function "nosuchfunc" not defined'
            ),
        ),
        (
            "| label_format a=b, a=c",
            (
                "stage '| label_format a=b,a=c' : multiple label name 'a' not"
                " allowed in a single format operation"
            ),
        ),
        ('|~ ip("1.2.3.4")', "stage '|~ ip(\"1.2.3.4\")' : ip: invalid operation"),
    ],
)
def test_stages_that_cannot_be_made(stages: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(f'{{app="x"}} {stages}')
    assert str(caught.value) == f"parse error : {message}"


def test_stages_of_ranges_are_made_too() -> None:
    with pytest.raises(BadInput, match="stage"):
        parse('sum(rate({app="x"} |~ "(" [5m])) / vector(1)')
