"""Regular expressions: Go's syntax, linear time."""

from __future__ import annotations

import pytest

from appliance.base import re2
from appliance.base.errors import BadInput
from appliance.base.re2 import NO_SPAN, Pattern, full_match


def test_full_match_is_anchored_and_dot_matches_newline() -> None:
    assert full_match("a.*b").matches("a\nb")
    assert not full_match("a").matches("ab")
    assert full_match("a|bc").matches("bc")
    assert not full_match("a|bc").matches("abc")


def test_catastrophic_pattern_is_harmless() -> None:
    assert not full_match("(a+)+$").matches("a" * 5000 + "b")


@pytest.mark.parametrize("text", ["(", "a**", r"\C", r"(a)\1"])
def test_broken_expression_says_why(text: str) -> None:
    with pytest.raises(BadInput, match="error parsing regexp"):
        Pattern(text)


def test_search_over_bytes_gives_offsets() -> None:
    found = Pattern("b+", multi_line=True).search(b"aabbb", 1)
    assert (found.start(), found.end()) == (2, 5)


def test_places_of_a_match_and_its_groups() -> None:
    pattern = Pattern("(?P<x>b+)(c)?")
    data = b"aabbb"
    found = [*pattern.spans(data, 3, 5)]
    assert found == [(3, 5), (3, 5), NO_SPAN]
    assert [*re2._spans_by_search(pattern._compiled.search, 2, data, 3, 5)] == found
    assert pattern.spans(data, 0, 2)[0] == NO_SPAN
    assert [*re2._spans_by_search(pattern._compiled.search, 2, data, 0, 2)] == [NO_SPAN] * 3
    assert [*pattern.spans(data, 0, 2)] == [NO_SPAN] * 3
