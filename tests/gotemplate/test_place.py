"""Places of nodes."""

from __future__ import annotations

from appliance.gotemplate.ast import Tree
from appliance.gotemplate.place import line_and_column, place


def test_columns_are_the_bytes_before() -> None:
    assert line_and_column("é\nüx", 3) == (2, 2)
    assert line_and_column("abc", 0) == (1, 0)
    assert place(Tree("a", "file.tmpl", "x\nyz", []), 3) == "file.tmpl:2:1"
