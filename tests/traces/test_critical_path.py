"""Critical paths of traces one can draw; see tests/properties for the laws."""

from __future__ import annotations

import pytest

from appliance.traces.critical_path import critical_path, time_on_path
from appliance.traces.trace import TraceSpan

INTERNAL, CONSUMER = 1, 5


def trace(*rows: tuple[str, str, int, int]) -> list[TraceSpan]:
    """Rows of (name, parent's name, start, end)."""
    return [
        TraceSpan(name.encode(), parent.encode(), "s", name, INTERNAL, start, end)
        for name, parent, start, end in rows
    ]


def path(spans: list[TraceSpan]) -> list[tuple[str, int, int]]:
    return [(spans[one.span].name, one.start_ns, one.end_ns) for one in critical_path(spans)]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        # one after the other: both, and what is between them
        (
            trace(("a", "", 0, 100), ("b", "a", 10, 30), ("c", "a", 40, 90)),
            [("a", 0, 10), ("b", 10, 30), ("a", 30, 40), ("c", 40, 90), ("a", 90, 100)],
        ),
        # at the same time: the one that ends last; what it hides is not on the path
        (
            trace(("a", "", 0, 100), ("b", "a", 10, 60), ("c", "a", 20, 90)),
            [("a", 0, 20), ("c", 20, 90), ("a", 90, 100)],
        ),
        # a grandchild
        (
            trace(("a", "", 0, 100), ("b", "a", 20, 100), ("c", "b", 30, 50)),
            [("a", 0, 20), ("b", 20, 30), ("c", 30, 50), ("b", 50, 100)],
        ),
        # the end of one is the start of the next
        (
            trace(("a", "", 0, 20), ("b", "a", 0, 10), ("c", "a", 10, 20)),
            [("b", 0, 10), ("c", 10, 20)],
        ),
        # children are cut to their parent's time, those outside of it left out
        (
            trace(("a", "", 10, 50), ("b", "a", 0, 20), ("c", "a", 40, 90), ("d", "a", 60, 70)),
            [("b", 10, 20), ("a", 20, 40), ("c", 40, 50)],
        ),
        # nothing below a child that is left out
        (trace(("a", "", 0, 10), ("b", "a", 20, 30), ("c", "b", 2, 5)), [("a", 0, 10)]),
        # the longest of the earliest roots
        (
            trace(("x", "", 0, 5), ("a", "", 0, 10), ("b", "a", 1, 2)),
            [("a", 0, 1), ("b", 1, 2), ("a", 2, 10)],
        ),
        (trace(("a", "", 5, 5)), []),
        # a child that takes no time does not divide its parent
        (trace(("a", "", 0, 10), ("b", "a", 5, 5)), [("a", 0, 10)]),
        ([], []),
    ],
)
def test_paths(spans: list[TraceSpan], expected: list[tuple[str, int, int]]) -> None:
    assert path(spans) == expected


def test_nobody_waits_for_consumers() -> None:
    root, child = trace(("a", "", 0, 100), ("b", "a", 10, 90))
    consumer = TraceSpan(b"c", b"a", "s", "c", CONSUMER, 20, 95)
    assert path([root, child, consumer]) == [("a", 0, 10), ("b", 10, 90), ("a", 90, 100)]


def test_time_on_the_path_by_span() -> None:
    spans = trace(("a", "", 0, 100), ("b", "a", 10, 30), ("c", "a", 40, 90))
    assert time_on_path(critical_path(spans)) == {0: 30, 1: 20, 2: 50}


def test_a_very_deep_trace() -> None:
    rows = [(f"n{at}", f"n{at - 1}" if at else "", at, 20_000 - at) for at in range(5000)]
    sections = critical_path(trace(*rows))
    assert sum(one.end_ns - one.start_ns for one in sections) == 20_000
