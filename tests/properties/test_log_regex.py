"""Expressions found in whole chunks, with what is known of them beforehand, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.base.re2 import NO_SPAN, Pattern
from appliance.logql.stages.line_scan import RegexTest
from appliance.logql.stages.required_text import required_text
from tests.sources import Entry, labels, make_chunk

PIECES = [
    "a", "b", "ab", "abc", "é", " ", ".", "^", "$", "|", "(", ")", "(?:", "(?i)", "(?i:", "*", "+",
    "?", "{0,1}", "{2}", "{,2}", "{", "}", "[ab]", "[^a]", "[]a]", "[a-c]", "[", "]", r"\.", r"\d",
    r"\b", r"\Q", r"\E", r"\pL", r"\n", r"\x61", "-", "[[:alpha:]]", "(?P<n>", "(?s)", "[\\]a]",
]  # fmt: skip
EXPRESSIONS = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
LINES = st.lists(st.text("abcé .\n1-[]", max_size=12), max_size=40)


def is_one(expression: str) -> bool:
    try:
        Pattern(expression)
    except BadInput:
        return False
    return True


@given(EXPRESSIONS.filter(is_one), LINES)
def test_what_matches_has_the_text_that_is_required(expression: str, lines: list[str]) -> None:
    pattern, text = Pattern(expression), required_text(expression)
    assert [line for line in lines if pattern.matches(line) and text not in line] == []


@given(EXPRESSIONS.filter(is_one), LINES.filter(bool))
def test_a_chunk_is_searched_as_its_lines_are(expression: str, lines: list[str]) -> None:
    chunk = make_chunk(labels(app="x"), [Entry(at, line, ()) for at, line in enumerate(lines)])
    pattern = Pattern(expression)
    expected = [pattern.search(line.encode()) is not None for line in lines]

    assert RegexTest(expression).chunk(chunk).tolist() == expected
    spans = [pattern.spans(line.encode(), 0, len(line.encode())) for line in lines]
    assert [one[0] != NO_SPAN for one in spans] == expected
