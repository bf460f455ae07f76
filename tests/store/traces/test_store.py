"""The span store as a whole: what was acknowledged is found, across seals and restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from appliance.base.errors import Unavailable
from appliance.store.database import DatabaseOptions
from appliance.store.traces.store import SpanOptions, SpanStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.base.clock import ManualClock
    from appliance.base.telemetry import Telemetry
    from appliance.query.limits import QueryGuard


def test_acknowledged_span_is_found_exactly_as_sent(
    store: SpanStore, build: Any, guard: QueryGuard
) -> None:
    root = build.span(1, 1, attributes={"a": "b"})
    child = build.span(1, 2, parent=1)
    store.append("anonymous", build.batch([child, root, build.span(2, 3)])).result(5)
    found = store.source("anonymous").trace(build.trace_id(1), guard)
    assert [one.span for one in found] == [root.SerializeToString(), child.SerializeToString()]
    assert {one.resource for one in found} == {build.resource("shop")}
    assert {one.scope for one in found} == {build.scope()}


def test_tenants_do_not_see_each_other(store: SpanStore, build: Any, guard: QueryGuard) -> None:
    store.append("a", build.batch([build.span(1, 1)])).result(5)
    store.append("b", build.batch([build.span(2, 2)])).result(5)
    store.seal(force=True)
    assert store.source("a").trace(build.trace_id(2), guard) == []
    assert len(store.source("b").trace(build.trace_id(2), guard)) == 1
    assert [block.count for block in store.source("a").scan(0, 2**63 - 1, guard)] == [1]


def test_unknown_tenant_and_trace_have_empty_answers(
    store: SpanStore, build: Any, guard: QueryGuard
) -> None:
    nobody = store.source("nobody")
    assert nobody.trace(build.trace_id(1), guard) == []
    assert list(nobody.scan(0, 2**63 - 1, guard)) == []
    assert nobody.services() == []
    assert nobody.operations("shop") == []


def test_empty_batch_is_acknowledged_at_once(store: SpanStore, build: Any) -> None:
    assert store.append("anonymous", build.batch([])).done()
    assert store.stats().tenants == ()


def test_trace_in_head_and_blocks_is_joined_and_duplicates_dropped(
    store: SpanStore, build: Any, guard: QueryGuard
) -> None:
    spans = [build.span(1, number) for number in range(1, 5)]
    store.append("anonymous", build.batch(spans[2:])).result(5)
    store.append("anonymous", build.batch(spans[2:3])).result(5)  # sent again
    assert store.seal(force=True) == 1
    store.append("anonymous", build.batch(spans[:3])).result(5)
    found = store.source("anonymous").trace(build.trace_id(1), guard)
    assert [one.span for one in found] == [one.SerializeToString() for one in spans]


@pytest.mark.parametrize("sealed", [False, True])
def test_restart_loses_nothing(
    open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard, *, sealed: bool
) -> None:
    store = open_store()
    for number in range(1, 40):
        span = build.span(number % 5, number, name=f"n{number}", attributes={"i": number})
        store.append("anonymous", build.batch([span])).result(5)
    if sealed:
        store.seal(force=True)
    before = store.source("anonymous").trace(build.trace_id(3), guard)
    store.close()
    again = open_store()
    assert again.source("anonymous").trace(build.trace_id(3), guard) == before
    assert len(before) == 8
    assert again.stats().head_items == (0 if sealed else 39)
    assert len(again.source("anonymous").operations("shop")) == 39


def test_seal_waits_until_a_head_is_full_or_old(
    open_store: Callable[..., SpanStore], build: Any, clock: ManualClock
) -> None:
    store = open_store(spans=10, age_ms=60_000)
    store.append("anonymous", build.batch([build.span(1, 1)])).result(5)
    assert not store.seal_due
    assert store.seal() == 0
    clock._now_ns += 60_000 * 1_000_000
    assert store.seal_due
    assert store.seal() == 1
    many = build.batch([build.span(2, number) for number in range(10)])
    store.append("anonymous", many).result(5)
    assert store.seal_due
    assert store.seal() == 1
    assert store.stats().head_items == 0
    assert store.stats().blocks == 2


def test_largest_head_is_sealed_when_memory_is_short(
    open_store: Callable[..., SpanStore], build: Any
) -> None:
    store = open_store(head_bytes=20_000)
    store.append("small", build.batch([build.span(1, 1)])).result(5)
    big = [build.span(2, number, name="x" * 100) for number in range(100)]
    store.append("big", build.batch(big)).result(5)
    assert store.seal_due
    assert store.seal() == 1
    assert store.stats().head_items == 1
    assert not store.seal_due


def test_big_head_becomes_several_blocks(
    open_store: Callable[..., SpanStore], build: Any, guard: QueryGuard
) -> None:
    store = open_store(spans=100, block_spans=1200)
    for start in range(0, 3000, 600):
        spans = [build.span(number, number) for number in range(start + 1, start + 601)]
        store.append("anonymous", build.batch(spans)).result(5)
    assert store.seal() == 3
    counts = [block.count for block in store.source("anonymous").scan(0, 2**63 - 1, guard)]
    assert counts == [600, 1200, 1200]


def test_stats_and_telemetry_tell_what_happened(
    store: SpanStore, build: Any, telemetry: Telemetry, clock: ManualClock
) -> None:
    assert store.stats().last_received_ms is None
    store.append("a", build.batch([build.span(1, 1)], "one")).result(5)
    store.append("b", build.batch([build.span(1, 2), build.span(1, 3)], "two")).result(5)
    stats = store.stats()
    assert (stats.received_total, stats.active, stats.head_items, stats.blocks) == (3, 2, 3, 0)
    assert (stats.last_received_ms, stats.tenants) == (clock.now_ms(), ("a", "b"))
    assert stats.disk_bytes > 0
    store.seal(force=True)
    text = telemetry.expose().decode()
    assert 'appliance_store_received_total{signal="traces"} 3.0' in text
    assert 'appliance_store_blocks_sealed_total{signal="traces"} 2.0' in text
    assert 'appliance_store_head_items{signal="traces"} 0.0' in text
    assert 'appliance_store_seal_seconds_count{signal="traces"} 1.0' in text


def test_closed_store_refuses(store: SpanStore, build: Any) -> None:
    store.close()
    with pytest.raises(Unavailable):
        store.append("anonymous", build.batch([build.span(1, 1)]))


def test_a_full_head_takes_nothing_until_it_has_been_sealed(
    tmp_path: Path, build: Any, clock: ManualClock, telemetry: Telemetry
) -> None:
    options = SpanOptions(max_head_bytes=1000)
    path = tmp_path / "full.db"
    store = SpanStore(path, options, database=DatabaseOptions(), clock=clock, telemetry=telemetry)
    spans = [build.span(1, number, name="x" * 100) for number in range(1, 20)]
    store.append("t", build.batch(spans)).result(5)
    with pytest.raises(Unavailable, match="takes in more than it can seal"):
        store.append("t", build.batch([build.span(2, 30)]))
    store.seal(force=True)
    store.append("t", build.batch([build.span(2, 30)])).result(5)
    store.close()
