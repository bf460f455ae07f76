"""Clocks of hosts that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.wire.jaeger.adjust import spans_of
from appliance.wire.jaeger.clock_skew import correct_clock_skew
from appliance.wire.jaeger.mapping import warnings_of
from appliance.wire.span_json import group_spans
from tests.spans import PlainEvent, PlainSpan

MS = 10**6
BASE = 10**15


def span(number: int, parent: int, start: int, duration: int, host: str = "") -> PlainSpan:
    """Times in milliseconds."""
    start_ns = BASE + start * MS
    resource = {"host.name": host} if host else {}
    event = PlainEvent("e", start_ns)
    return PlainSpan(
        1,
        number,
        parent=parent,
        start_ns=start_ns,
        duration_ns=duration * MS,
        resource=resource,
        events=[event],
    )


def corrected(*spans: PlainSpan, most: int = 10**6) -> dict[int, tuple[int, list[str]]]:
    """Start in milliseconds and warnings by span, after at most so many milliseconds' moves."""
    groups = group_spans([one.stored() for one in spans])
    correct_clock_skew(groups, most * MS)
    found = {}
    for one in spans_of(groups):
        moved = one.start_time_unix_nano
        assert one.events[0].time_unix_nano == moved
        found[one.span_id[-1]] = ((moved - BASE) // MS, warnings_of(one))
    return found


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        (20, 50, 20),  # fits
        (0, 50, 35),  # too early: in the middle of its parent
        (80, 50, 35),  # too late
        (-10, 200, 10),  # longer than its parent: not before it
        (50, 200, 50),  # longer and later: nothing can be said
    ],
)
def test_a_child_of_another_host_is_moved_into_its_parent(
    start: int, duration: int, expected: int
) -> None:
    found = corrected(span(1, 0, 10, 100, "a"), span(2, 1, start, duration, "b"))
    assert found[1] == (10, [])
    assert found[2][0] == expected
    said = [] if start == expected else [f"adjusted by {expected - start}ms"]
    assert [warning.split("were ")[1] for warning in found[2][1]] == said


def test_a_host_agrees_with_itself() -> None:
    found = corrected(span(1, 0, 10, 100, "a"), span(2, 1, 0, 50, "a"))
    assert found[2] == (0, [])
    unknown = corrected(span(1, 0, 10, 100), span(2, 1, 0, 50))
    assert unknown[2][0] == 35


def test_all_below_on_the_same_host_move_alike() -> None:
    found = corrected(
        span(1, 0, 10, 100, "a"),
        span(2, 1, 0, 50, "b"),
        span(3, 2, 5, 10, "b"),
        span(4, 3, 5, 5, "a"),
    )
    assert [found[number][0] for number in (2, 3)] == [35, 40]
    assert 40 <= found[4][0] <= 45


@pytest.mark.parametrize(
    ("most", "warning"),
    [
        (0, "clock skew adjustment disabled;"),
        (
            10,
            "max clock skew adjustment delta of 10ms exceeded;",
        ),
    ],
)
def test_what_is_too_much_is_only_told(most: int, warning: str) -> None:
    found = corrected(span(1, 0, 10, 100, "a"), span(2, 1, 0, 50, "b"), most=most)
    assert found[2] == (0, [f"{warning} not applying calculated delta of 35ms"])


def test_spans_without_a_place() -> None:
    found = corrected(span(1, 0, 0, 10, "a"), span(2, 99, 50, 10, "b"))
    assert found[2] == (
        50,
        ["parent span ID=0000000000000063 is not in the trace; skipping clock skew adjustment"],
    )
    twice = corrected(span(1, 0, 0, 10, "a"), span(1, 0, 5, 10, "b"))
    assert twice[1][1] == ["duplicate span IDs; skipping clock skew adjustment"]


def test_a_circle_of_parents_ends() -> None:
    assert corrected(span(1, 2, 0, 10), span(2, 1, 5, 10))[1] == (0, [])


def test_times_of_events_that_are_none_stay_within_64_bits() -> None:
    child = replace(span(2, 1, -50, 10, "b"), events=[PlainEvent("e", 2**64 - 1)])
    groups = group_spans([one.stored() for one in (span(1, 0, 0, 100, "a"), child)])
    correct_clock_skew(groups, 10**6 * MS)
    [moved] = [one for one in spans_of(groups) if one.parent_span_id]
    assert moved.start_time_unix_nano > BASE
    assert moved.events[0].time_unix_nano == 2**64 - 1
