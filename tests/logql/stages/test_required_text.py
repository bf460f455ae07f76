"""Texts without which an expression is not found."""

from __future__ import annotations

import pytest

from appliance.logql.stages.required_text import required_text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r'"status":5\d\d', '"status":5'),
        ("retry.*timeout", "timeout"),
        ("ab?cde", "cde"),
        ("abc+de", "abc"),
        ("abc{0,2}d", "ab"),
        ("abc{2}d", "abc"),
        ("x(foo|bar)yz", "yz"),
        ("ab(c(?:d)e)*fgh", "fgh"),
        ("(?P<n>abc)def", "def"),
        ("[a-z]+ accepted", " accepted"),
        (r"[\w.-]+bar", "bar"),
        (r"[a\]]bcd", "bcd"),
        (r"a\.b\/c", "a.b/c"),
        ("^abc$", "abc"),
        ("a|b", ""),
        ("(?i)abc", ""),
        ("abc(?i:d)", ""),
        (r"\Qa\E", ""),
        (r"\x41bcd", ""),
        (r"\p{L}abc", ""),
        ("[]a]bcd", ""),
        ("[[:alpha:]]abc", ""),
        ("a**bcd", ""),
        ("", ""),
    ],
)
def test_the_longest_text_that_is_certain(expression: str, text: str) -> None:
    assert required_text(expression) == text
