"""Positions in text."""

from __future__ import annotations

from appliance.syntax.source import excerpt, line_byte, line_column


def test_lines_and_columns_count_from_one() -> None:
    text = "ab\ncüd\n"
    assert line_column(text, 0) == (1, 1)
    assert line_column(text, 2) == (1, 3)
    assert line_column(text, 5) == (2, 3)
    assert line_column(text, 7) == (3, 1)
    assert line_byte(text, 5) == (2, 4)


def test_caret_stands_under_the_position() -> None:
    assert excerpt("a\n\tb == c\nd", 5) == " b == c\n   ^"
