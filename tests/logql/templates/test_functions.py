"""Loki's own functions of templates."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.template import TemplateSet
from appliance.gotemplate.values import StringMap
from appliance.logql.templates.functions import FUNCTIONS

DATA = StringMap(dur="3m10s", size="3MB", t="Fri", word="hello", query="a b&c=ü/~")

_NO_NUMBER = 'strconv.ParseInt: parsing "12x": invalid syntax'


def drawn(text: str) -> str:
    found = TemplateSet(FUNCTIONS)
    found.add("line", text)
    try:
        return found.execute("line", DATA, FUNCTIONS)
    except BadInput as error:
        return error.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ duration .dur }} {{ duration_seconds .dur }} {{ bytes .size }}", "190 190 3e+06"),
        ('{{ count "l" .word }}{{ .word | count "l*" }}{{ count "z" .word }}', "240"),
        ("{{ urlencode .query }}", "a+b%26c%3D%C3%BC%2F~"),
        ('{{ urldecode "a+b%26c%3D%C3%BC" }}', "a b&c=ü"),
        ("{{ alignLeft 7 .word }}|{{ alignRight 7 .word }}|", "hello  |  hello|"),
        ("{{ alignLeft 2 .word }}|{{ alignRight 2 .word }}|", "he|lo|"),
        ("{{ alignLeft -1 .word }}|{{ alignRight 0 .word }}|", "hello||"),
        ('{{ unixToTime "1679577215" | date "2006-01-02 15:04:05" }}', "2023-03-23 13:13:35"),
        ('{{ unixToTime "19503" | unixEpoch }}', "1685059200"),
        ('{{ unixToTime "1673798889902000" | unixEpochMillis }}', "1673798889902"),
        (
            '{{ unixEpochNanos (toDateInZone "2006-01-02" "UTC" "2021-11-02") }}',
            "1635811200000000000",
        ),
        ('{{ toDateInZone "15:04" "Nowhere" "x" | unixEpoch }}', "-62135596800"),
        ('{{ toDateInZone "2006" "Europe/Berlin" "2024" }}', "2024-01-01 00:00:00 +0100 CET"),
    ],
)
def test_functions(text: str, expected: str) -> None:
    assert drawn(text) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("duration .word", 'error calling duration: time: invalid duration "hello"'),
        ('urldecode "%zz"', 'error calling urldecode: invalid URL escape "%zz"'),
        (
            'unixToTime "12x"',
            "error calling unixToTime: unable to parse time '12x': " + _NO_NUMBER,
        ),
        ('unixToTime "12"', "error calling unixToTime: unable to parse time '12': %!w(<nil>)"),
    ],
)  # fmt: skip
def test_failures(call: str, message: str) -> None:
    where = f'template: line:1:3: executing "line" at <{call}>: '
    assert drawn(f"{{{{ {call} }}}}") == where + message


def test_too_many_arguments() -> None:
    message = "wrong number of args for now: want 0 got 1"
    assert (
        drawn("{{ .word | now }}") == f'template: line:1:11: executing "line" at <now>: {message}'
    )


def test_there_is_nothing_else_of_sprig() -> None:
    assert (
        drawn_error('{{ sha256sum "a" }}') == 'template: line:1: function "sha256sum" not defined'
    )


def drawn_error(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        TemplateSet(FUNCTIONS).add("line", text)
    return caught.value.message
