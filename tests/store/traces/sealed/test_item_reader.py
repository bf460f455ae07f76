"""Events, links and status messages of blocks, also of those that have no columns of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from appliance.store.traces.sealed.block import BlockLimits
from appliance.store.traces.sealed.layout import FIRST_ATTRIBUTE, FIRST_FRAME, FIXED
from appliance.wire.otlp.traces import decode_traces
from tests.properties.test_traces_whole import described
from tests.spans import PlainEvent, PlainLink, PlainSpan, PlainSpans, otlp_request

if TYPE_CHECKING:
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore

END_NS = 2**63 - 1
EVENT = PlainEvent("exception", 70, {"type": "IOError", "fatal": True, "rare": [1]})
SPANS = [
    PlainSpan(1, 1, events=[EVENT, PlainEvent("", 0)], status=2, status_message="boom"),
    PlainSpan(1, 2, links=[PlainLink(5, 6, {"why": "retry"}), PlainLink(7, 8)]),
    PlainSpan(2, 3, attributes={"a": 1}, scope={"k": "v"}),
    PlainSpan(2, 4, events=[PlainEvent("log", 9, {"type": "text"})], links=[PlainLink(1, 1)]),
]


def seal(store: SpanStore) -> None:
    store.append("t", decode_traces(otlp_request(SPANS))[0]).result(5)
    store.seal(force=True)


def check(store: SpanStore, guard: QueryGuard) -> None:
    (found,) = store.source("t").scan(0, END_NS, guard)
    (expected,) = PlainSpans(SPANS, 10).scan(0, END_NS, guard)
    assert described(found) == described(expected)
    for kind in ("event", "link"):
        assert found.attribute_keys(kind) == expected.attribute_keys(kind)
        assert found.items(kind).attribute("nobody has it") is None


@pytest.mark.parametrize("limits", [BlockLimits(), BlockLimits(max_columns=0)])
def test_sealed_spans_tell_all(
    open_store: Callable[..., SpanStore], guard: QueryGuard, limits: BlockLimits
) -> None:
    store = open_store(block=limits)
    seal(store)
    check(store, guard)


def test_blocks_of_the_first_release_are_read_from_the_spans(
    open_store: Callable[..., SpanStore], guard: QueryGuard
) -> None:
    store = open_store()
    seal(store)

    def forget(connection: sqlite3.Connection) -> int:
        newer = [*range(FIXED["status_message"], 32), *range(FIRST_ATTRIBUTE["event"], FIRST_FRAME)]
        marks = ",".join("?" * len(newer))
        sql = f"DELETE FROM block_column WHERE id & 65535 IN ({marks})"
        return connection.execute(sql, newer).rowcount

    assert store._database.write(forget).result(5) >= 8
    check(store, guard)
