"""Text and positions in it: line, column, and an excerpt with a caret."""

from __future__ import annotations


def line_column(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position, both counted from 1, the column in characters."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def line_byte(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position as Go counts: from 1, the column in UTF-8 bytes."""
    line, column = line_column(text, position)
    start = position - column + 1
    return line, len(text[start:position].encode()) + 1


def excerpt(text: str, position: int) -> str:
    """The line of a position and, under it, a caret where the position is."""
    line, column = line_column(text, position)
    shown = (text.split("\n") or [""])[line - 1].replace("\t", " ")
    return f"{shown}\n{' ' * (column - 1)}^"
