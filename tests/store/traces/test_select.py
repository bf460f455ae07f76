"""Scans and lists of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from appliance.base.errors import TimedOut

if TYPE_CHECKING:
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore


@pytest.fixture
def filled(store: SpanStore, build: Any) -> SpanStore:
    """Blocks with starts 100…109, 300…309, 200…209; a head with 400…409."""
    for base in (100, 300, 200, 400):
        spans = [build.span(base, base + n, start_ns=base + n) for n in range(10)]
        store.append("anonymous", build.batch(spans)).result(5)
        if base != 400:
            store.seal(force=True)
    return store


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 1000, [400, 300, 200, 100]),
        (109, 301, [300, 200, 100]),
        (110, 300, [200]),
        (409, 10**30, [400]),
        (-(10**30), 100, []),
    ],
)
def test_scan_gives_overlapping_blocks_newest_first(
    filled: SpanStore, guard: QueryGuard, start: int, end: int, expected: list[int]
) -> None:
    views = filled.source("anonymous").scan(start, end, guard)
    assert [view.numbers("start_ns").min() for view in views] == expected


@pytest.mark.parametrize("blocks", [0, 1])
@pytest.mark.parametrize(("start", "end", "found"), [(0, 101, 1), (300, 400, 1), (401, 500, 0)])
def test_spans_that_reach_into_the_range_are_in_it_for_whole_traces(
    store: SpanStore, build: Any, guard: QueryGuard, blocks: int, start: int, end: int, found: int
) -> None:
    spans = [build.span(1, 1, start_ns=100, duration_ns=300), build.span(1, 2, start_ns=100)]
    spans[1].end_time_unix_nano = 110
    store.append("anonymous", build.batch(spans)).result(5)
    if blocks:
        assert store.seal(force=True) == blocks
    source = store.source("anonymous")
    with source.whole_traces(start, end, guard) as views:
        assert sum(view.count for view in views) == 2 * found
    assert len(list(source.scan(200, 400, guard))) == 0  # none starts there


def test_cancelled_query_stops_between_blocks(filled: SpanStore, guard: QueryGuard) -> None:
    scan = filled.source("anonymous").scan(0, 1000, guard)
    next(scan)
    guard.cancel()
    with pytest.raises(TimedOut):
        next(scan)


def test_id_of_another_length_is_unknown(filled: SpanStore, guard: QueryGuard) -> None:
    assert filled.source("anonymous").trace(b"\x01", guard) == []


def test_pruned_while_a_scan_is_open_is_still_read(filled: SpanStore, guard: QueryGuard) -> None:
    scan = filled.source("anonymous").scan(0, 250, guard)
    newest = next(scan)
    filled._database.write(
        lambda connection: connection.execute("DELETE FROM block_column").rowcount
    ).result(5)
    assert newest.numbers("start_ns").min() == 200
    assert next(scan).numbers("start_ns").min() == 100
