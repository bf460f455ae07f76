"""Alertmanager's matchers."""

from __future__ import annotations

import pytest

from appliance.alertmanager.matchers import parse_matchers
from appliance.base.errors import BadInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', ['severity="critical"']),
        ("severity=critical", ['severity="critical"']),
        (' a = "b" ', ['a="b"']),
        ('a=~"b|c"', ['a=~"b|c"']),
        ("a!~b.*", ['a!~"b.*"']),
        ('{a="b", c!="d",}', ['a="b"', 'c!="d"']),
        ('a="b",c="d"', ['a="b"', 'c="d"']),
        ('a="b,c"', ['a="b,c"']),
        ('"my label"="x"', ['my label="x"']),
        ('a="say \\"hi\\"\\n"', ['a="say \\"hi\\"\\n"']),
        ('a=""', ['a=""']),
        ("a=", ['a=""']),
        ("a=b c", ['a="b c"']),
        ("a=~^(b|c)$", ['a=~"^(b|c)$"']),
        ("a={b}", ['a="{b"']),
    ],
)
def test_both_grammars_are_read(text: str, expected: list[str]) -> None:
    assert [str(matcher) for matcher in parse_matchers(text)] == expected


@pytest.mark.parametrize("text", ["", "{}", "a", "=b", '"a"', 'a="b', 'a="b" c="d"', "a=~("])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_matchers(text)
