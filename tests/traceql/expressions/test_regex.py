"""Expressions over many texts."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.base.re2 import full_match
from appliance.traceql.expressions.regex import matching_texts

TEXTS = ["", "a", "ab", "b", "xaby", "x\nab", "ab\n", "a|b", "a.b", "A", "über"]


PATTERNS = [
    *["", "a", "a|b", "a|", ".*", ".*.*", "ab.*", ".*ab", ".*ab.*", ".+", "a.b", "(?i)a"],
    *["[a-b]+", "a.*|b", "(a|b).*", ".*(a|b)", r"a\.b", r"a\|b", "^a$", ".*b$", "ü.*", "..*"],
]
AMONG_MANY = [
    *["", "a?", "/v[12]/item/[0-9]*7", r"/v\d/item/12\d?", "/v1/(item|thing)/5.*", "/v.*/99"],
    *["(?i)/V1/.*9", r"/v1[^x]*99", r"/v1\D*item/7", r"\A/v1/item/5", "/v1/item/(77|78)$"],
    *[".+/.+0", "(/v1/item/7)?"],
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_finds_what_re2_finds(pattern: str) -> None:
    expected = [full_match(pattern).matches(text) for text in TEXTS]
    assert matching_texts(pattern, TEXTS).tolist() == expected


@pytest.mark.parametrize("pattern", ["(", "a**", ".*[.*"])
def test_refuses_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(BadInput):
        matching_texts(pattern, TEXTS)


@pytest.mark.parametrize("pattern", AMONG_MANY)
@pytest.mark.parametrize("last", ["/v1/item/7", "", "a\nb"])
def test_finds_the_same_among_many_texts(pattern: str, last: str) -> None:
    texts = [*(f"/v{number % 3}/item/{number}" for number in range(3000)), last]
    expected = [full_match(pattern).matches(text) for text in texts]
    assert matching_texts(pattern, texts).tolist() == expected


@pytest.mark.parametrize("pattern", ["b[[:space:]]a", "b[[:^alpha:]]a", "[b[:space:]]+a", "b[:x]a"])
def test_no_match_goes_over_several_texts(pattern: str) -> None:
    texts = ["x"] * 2000 + ["b", "a", "b:a"]
    expected = [full_match(pattern).matches(text) for text in texts]
    assert matching_texts(pattern, texts).tolist() == expected
