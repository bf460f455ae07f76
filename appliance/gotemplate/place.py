"""Where in a text a node stands, as Go's messages say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.gotemplate.ast import Tree


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The line, from 1, and the bytes before the position on it."""
    before = text[:position]
    column = len(before[before.rfind("\n") + 1 :].encode("utf-8", "surrogatepass"))
    return before.count("\n") + 1, column


def place(tree: Tree, position: int) -> str:
    """`SOURCE:LINE:COLUMN`."""
    line, column = line_and_column(tree.text, position)
    return f"{tree.source}:{line}:{column}"
