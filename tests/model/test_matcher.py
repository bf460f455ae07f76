"""Matchers."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp


@pytest.mark.parametrize(
    ("op", "value", "given", "expected"),
    [
        ("=", "a", "a", True),
        ("=", "", "", True),
        ("!=", "a", "", True),
        ("=~", "a|b", "b", True),
        ("=~", "a.", "ab", True),
        ("=~", "a", "ab", False),
        ("!~", "a.*", "xa", True),
        ("!~", "a.*", "ax", False),
    ],
)
def test_matches(op: str, value: str, given: str, *, expected: bool) -> None:
    assert Matcher("n", MatchOp(op), value).matches(given) is expected


def test_check_reports_a_broken_expression() -> None:
    with pytest.raises(BadInput):
        Matcher("n", MatchOp.REGEX, "(").check()


def test_alternatives_only_of_literals() -> None:
    assert Matcher("n", MatchOp.REGEX, "a|b").alternatives() == frozenset({"a", "b"})
    assert Matcher("n", MatchOp.REGEX, "a|b.").alternatives() is None


def test_text_form_escapes() -> None:
    assert str(Matcher("n", MatchOp.EQUAL, 'a"b\\c\n')) == 'n="a\\"b\\\\c\\n"'
