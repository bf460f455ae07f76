"""Findings name the line and column of a JSON text."""

from __future__ import annotations

from appliance.dashboards.positions import line_and_column, offsets_of

TEXT = '{\n  "a": [ {"x": "q\\"}{", "y": -1.5e3}, [], true ],\n  "b": {"c": null}\n}'


def test_offsets_of_nested_values() -> None:
    paths = [("a", 0, "y"), ("a", 1), ("a", 2), ("b", "c"), ()]
    found = offsets_of(TEXT, paths)
    starts = [TEXT[found[path] :][:4] for path in paths]
    assert starts == ["-1.5", "[], ", "true", "null", "{\n  "]
    assert line_and_column(TEXT, found["b", "c"]) == (3, 14)


def test_what_is_not_there_stands_where_it_would_be() -> None:
    found = offsets_of(TEXT, [("a", 0, "z"), ("a", 9, "z"), ("nothing",)])
    assert TEXT[found["a", 0, "z"] :].startswith('{"x"')
    assert found["a", 9, "z"] == TEXT.index("[")
    assert found["nothing",] == 0
