"""Two traces side by side; see tests/properties for the laws."""

from __future__ import annotations

from appliance.traces.compare import compare
from appliance.traces.trace import TraceSpan


def trace(*rows: tuple[int, int, str]) -> list[TraceSpan]:
    """Rows of (number, parent's number, name), in the order of their starts."""
    return [
        TraceSpan(bytes([number]), bytes([parent]) if parent else b"", "s", name, 1, at, at + 1)
        for at, (number, parent, name) in enumerate(rows)
    ]


def names(first: list[TraceSpan], second: list[TraceSpan]) -> list[tuple[int, str, str]]:
    return [
        (
            row.depth,
            "" if row.first is None else first[row.first].name,
            "" if row.second is None else second[row.second].name,
        )
        for row in compare(first, second)
    ]


def test_matched_by_structure() -> None:
    first = trace((1, 0, "root"), (2, 1, "a"), (3, 2, "leaf"), (4, 1, "a"), (5, 1, "only"))
    second = trace((9, 0, "root"), (8, 9, "new"), (7, 9, "a"), (6, 7, "leaf"))
    assert names(first, second) == [
        (0, "root", "root"),
        (1, "a", "a"),
        (2, "leaf", "leaf"),
        (1, "a", ""),
        (1, "only", ""),
        (1, "", "new"),
    ]


def test_what_has_no_match_is_there_with_all_below_it() -> None:
    first = trace((1, 0, "x"), (2, 1, "a"), (3, 2, "b"))
    second = trace((1, 0, "y"), (2, 1, "a"))
    assert names(first, second) == [
        (0, "x", ""),
        (1, "a", ""),
        (2, "b", ""),
        (0, "", "y"),
        (1, "", "a"),
    ]


def test_empty_traces() -> None:
    one = trace((1, 0, "x"))
    assert names(one, []) == [(0, "x", "")]
    assert names([], one) == [(0, "", "x")]
    assert compare([], []) == []
