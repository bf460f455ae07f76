"""Damaged blocks: told once, left out, and the query goes on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.traces.sealed.layout import FIRST_ATTRIBUTE, FIRST_FRAME, FIXED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from appliance.base.clock import ManualClock
    from appliance.base.telemetry import Telemetry
    from appliance.store.traces.store import SpanStore

END_NS = 2**63 - 1
#: Columns without which no span of the block can be shown.
NEEDED = range(FIXED["lengths"] + 1)
#: Others; the block has no keys without a column.
EXTRA = [FIXED[name] for name in ("status_message", "event", "event_name", "link")] + [
    FIRST_ATTRIBUTE["span"]
]


@pytest.fixture
def damage(open_store: Callable[..., SpanStore], build: Any) -> Callable[[int], SpanStore]:
    """Opens a store with two blocks, of traces 1 and 2; a column of the first is damaged."""

    def make(ordinal: int) -> SpanStore:
        store = open_store()
        for number in (1, 2):
            spans = [build.span(number, n, attributes={"n": n}) for n in range(1, 10)]
            store.append("anonymous", build.batch(spans)).result(5)
            store.seal(force=True)

        def spoil(connection: sqlite3.Connection) -> None:
            key = 1 << 16 | ordinal
            row = connection.execute(
                "SELECT data FROM block_column WHERE id = ?", (key,)
            ).fetchone()
            data = bytes([*row[0][:-1], row[0][-1] ^ 1])
            connection.execute("UPDATE block_column SET data = ? WHERE id = ?", (data, key))

        store._database.write(spoil).result(5)
        return store

    return make


@pytest.mark.parametrize("ordinal", [*NEEDED, FIRST_FRAME])
def test_trace_of_a_damaged_block_is_left_out_the_others_are_read(
    damage: Callable[[int], SpanStore],
    build: Any,
    guard: QueryGuard,
    telemetry: Telemetry,
    caplog: pytest.LogCaptureFixture,
    ordinal: int,
) -> None:
    source = damage(ordinal).source("anonymous")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert source.trace(build.trace_id(1), guard) == []
            assert len(source.trace(build.trace_id(2), guard)) == 9
    (record,) = caplog.records
    assert record.getMessage().startswith("traces: block 1 ")
    text = telemetry.expose().decode()
    assert 'appliance_store_damaged_blocks_total{signal="traces"} 1.0' in text


@pytest.mark.parametrize("ordinal", [*NEEDED, *EXTRA, FIRST_FRAME])
def test_columns_of_a_damaged_block_can_still_be_asked_for(
    damage: Callable[[int], SpanStore], guard: QueryGuard, ordinal: int
) -> None:
    sound, spoilt = list(damage(ordinal).source("anonymous").scan(0, END_NS, guard))
    assert len(sound.spans(np.arange(9))) == 9
    for name in ("start_ns", "duration_ns", "kind", "status", "span_id", "parent_id"):
        assert spoilt.numbers(name).shape == (9,)
        assert spoilt.numbers(name).dtype == sound.numbers(name).dtype
    assert spoilt.trace_ids().shape == (9, 16)
    assert len(spoilt.names().ids) == len(spoilt.services().ids) == 9
    found = spoilt.attribute("span", "n")
    assert (found is None) == (ordinal == FIRST_ATTRIBUTE["span"])
    assert len(spoilt.status_messages().ids) == len(spoilt.scopes()[0].ids) == 9
    assert spoilt.traces().offsets[-1] == 9
    for kind in ("event", "link"):
        items = spoilt.items(kind)
        assert len(items.rows) == len(items.numbers("")) == len(items.names().ids)
        spoilt.attribute_keys(kind)
    spoilt.attribute("resource", "service.name")
    spoilt.attribute_keys("resource")
    assert spoilt.attribute_keys("span") == ["n"]
    assert len(spoilt.spans(np.arange(9))) == (9 if ordinal in EXTRA else 0)


@pytest.mark.parametrize("ordinal", [*NEEDED, *EXTRA, FIRST_FRAME])
def test_split_traces_of_a_damaged_block_can_still_be_searched(
    damage: Callable[[int], SpanStore], build: Any, guard: QueryGuard, ordinal: int
) -> None:
    store = damage(ordinal)
    again = [build.span(1, n, attributes={"n": n}) for n in range(1, 10)]  # as in the first block
    store.append("anonymous", build.batch([*again, build.span(2, 77)])).result(5)
    with store.source("anonymous").whole_traces(0, END_NS, guard) as views:
        assert len(views) == 4
        for view in views:
            assert view.traces().offsets[-1] == view.count
            assert len(view.names().ids) == len(view.numbers("parent_id")) == view.count
            view.attribute("span", "n")
            for kind in ("event", "link"):
                assert len(view.items(kind).rows) == 0
        live = [np.arange(view.count) if view.live is None else view.live for view in views]
        found = [one.span for view, mine in zip(views, live, strict=True)
                 for one in view.spans(np.arange(view.count)[mine])]  # fmt: skip
        assert set(found) >= {one.SerializeToString() for one in again}


def test_guard_bounds_what_is_decoded(
    open_store: Callable[..., SpanStore], build: Any, clock: ManualClock
) -> None:
    store = open_store()
    spans = [build.span(n, n, attributes={"a": "x" * 50 + str(n)}) for n in range(1, 1000)]
    store.append("anonymous", build.batch(spans)).result(5)
    store.seal(force=True)
    small = QueryGuard(QueryLimits(max_bytes=10_000), clock)
    (view,) = list(store.source("anonymous").scan(0, END_NS, small))
    with pytest.raises(LimitExceeded):
        view.attribute("span", "a")
