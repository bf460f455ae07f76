"""Traces in several pieces; the property tests compare all columns with a plain model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from appliance.base.clock import ManualClock
    from appliance.model.trace import SpanColumns
    from appliance.store.traces.store import SpanStore

END_NS = 2**63 - 1


def live(views: Sequence[SpanColumns]) -> list[list[int]]:
    """Ids of live spans, view by view."""
    found = []
    for view in views:
        ids = view.numbers("span_id")
        found.append((ids if view.live is None else ids[view.live]).tolist())
    return found


@pytest.fixture
def send(store: SpanStore, build: Any) -> Callable[..., None]:
    """Stores spans (trace, number) of one request; `seal` makes a block of it."""

    def append(*spans: tuple[int, int], seal: bool = True) -> None:
        store.append("anonymous", build.batch([build.span(*one) for one in spans])).result(5)
        if seal:
            store.seal(force=True)

    return append


def test_whole_traces_stay_where_they_are(
    store: SpanStore, send: Callable[..., None], guard: QueryGuard
) -> None:
    send((1, 1), (1, 2))
    send((2, 3))
    with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
        assert live(views) == [[3], [1, 2]]
        assert all(view.live is None for view in views)
    with store.source("other").whole_traces(0, END_NS, guard) as views:
        assert list(views) == []


def test_split_traces_come_together_in_one_more_block(
    store: SpanStore, send: Callable[..., None], guard: QueryGuard
) -> None:
    send((1, 9), (2, 2), (2, 1))
    send((1, 3), (3, 4))
    send((1, 5), (4, 6), seal=False)
    for _ in range(2):  # the second time from what was remembered
        with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
            assert live(views) == [[3, 5, 9], [6], [1, 2], [4]]
            assert views[0].traces().offsets.tolist() == [0, 3]
    send((4, 7), seal=False)
    send((2, 8), seal=False)
    with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
        assert live(views) == [[3, 5, 9, 1, 2, 8], [6, 7], [], [4]]


def test_only_blocks_of_the_range_count(store: SpanStore, build: Any, guard: QueryGuard) -> None:
    for number, start in ((1, 1000), (2, 2000)):
        span = build.span(1, number, start_ns=start, duration_ns=100)
        store.append("anonymous", build.batch([span])).result(5)
        store.seal(force=True)
    source = store.source("anonymous")
    with source.whole_traces(1500, END_NS, guard) as views:
        assert live(views) == [[2]]
    with source.whole_traces(0, END_NS, guard) as views:
        assert live(views) == [[1, 2], [], []]


def test_a_request_sent_again_after_sealing_shows_once(
    store: SpanStore, send: Callable[..., None], guard: QueryGuard
) -> None:
    for seal in (True, True, False):
        send((1, 1), (1, 2), seal=seal)
    send((1, 3), seal=False)
    with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
        assert live(views) == [[1, 2, 3], [], [], []]
        assert len(set(views[0].spans(np.array([2, 0, 1])))) == 3


def test_views_can_be_read_as_long_as_the_context_is_open(
    store: SpanStore, send: Callable[..., None], guard: QueryGuard
) -> None:
    send((1, 1))
    send((1, 2))
    with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
        store._database.write(
            lambda connection: connection.execute("DELETE FROM block_column").rowcount
        ).result(5)
        assert views[0].names().values == ["GET /"]
        assert [len(view.spans(np.arange(view.count))) for view in views] == [2, 1, 1]


def test_derived_is_built_once(
    store: SpanStore, send: Callable[..., None], guard: QueryGuard
) -> None:
    send((1, 1), (2, 2))
    send((1, 3))
    send((5, 5), seal=False)
    built: list[int] = []

    def build(at: int) -> int:
        built.append(at)
        return at

    def look() -> None:
        with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
            for at, view in enumerate(views):
                view.derived("test", partial(build, at))

    look()
    look()
    assert built == [0, 1, 2, 3]
    send((6, 6), seal=False)  # the head is another one now
    look()
    assert built == [0, 1, 2, 3, 1]
    send((1, 7), seal=False)  # and now a part of the split trace is there, too
    look()
    assert built == [0, 1, 2, 3, 1, 0, 1]


def test_what_is_put_together_counts_for_the_guard(
    store: SpanStore, build: Any, clock: ManualClock
) -> None:
    for first in (1, 1001):
        spans = [
            build.span(1, n, attributes={"a": f"{n}" * 30}) for n in range(first, first + 1000)
        ]
        store.append("anonymous", build.batch(spans)).result(5)
        store.seal(force=True)
    small = QueryGuard(QueryLimits(max_bytes=300_000), clock)
    with (
        store.source("anonymous").whole_traces(0, END_NS, small) as views,
        pytest.raises(LimitExceeded),
    ):
        views[0].attribute("span", "a")
