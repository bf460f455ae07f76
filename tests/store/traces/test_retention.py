"""Retention by age and by bytes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from appliance.store.retention import Pruned, Retention, RetentionRule

if TYPE_CHECKING:
    from appliance.base.clock import ManualClock
    from appliance.base.telemetry import Telemetry
    from appliance.query.limits import QueryGuard
    from appliance.store.traces.store import SpanStore

HOUR_MS = 3_600_000


def add(store: SpanStore, build: Any, number: int, start_ms: int, **where: Any) -> None:
    name = where.pop("name", "GET /")
    note = random.Random(number).randbytes(where.pop("size", 1)).hex()
    attributes = {"note": note}
    span = build.span(
        number, number, start_ns=start_ms * 1_000_000, name=name, attributes=attributes
    )
    batch = build.batch([span], where.pop("service", "shop"))
    store.append(where.pop("tenant", "a"), batch).result(5)
    store.seal(force=True)


def test_old_blocks_go_by_the_clock(
    store: SpanStore, build: Any, clock: ManualClock, guard: QueryGuard, telemetry: Telemetry
) -> None:
    for hours in (0, 1, 2, 3):
        add(store, build, hours + 1, clock.now_ms() - hours * HOUR_MS)
    pruned = store.retain(Retention((RetentionRule(2 * HOUR_MS),)))
    assert (pruned.blocks, pruned.items) == (1, 1)
    assert pruned.bytes > 0
    source = store.source("a")
    assert [len(source.trace(build.trace_id(n), guard)) for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert store.retain(Retention((RetentionRule(2 * HOUR_MS),))) == Pruned()
    text = telemetry.expose().decode()
    assert 'appliance_store_pruned_blocks_total{signal="traces"} 1.0' in text


def test_first_rule_that_fits_the_tenant_decides(
    store: SpanStore, build: Any, clock: ManualClock
) -> None:
    old = clock.now_ms() - 5 * HOUR_MS
    for number, tenant in enumerate(("keep", "drop", "far"), 1):
        add(store, build, number, old, tenant=tenant)
    rules = (
        RetentionRule(10 * HOUR_MS, tenant="keep"),
        RetentionRule(10**15, tenant="far"),
        RetentionRule(HOUR_MS),
    )
    assert store.retain(Retention(rules)).blocks == 1
    assert store.source("drop").services() == []
    assert store.source("keep").services() == store.source("far").services() == ["shop"]


def test_no_rule_keeps_everything(store: SpanStore, build: Any) -> None:
    add(store, build, 1, 0)
    assert store.retain(Retention()) == Pruned()


def test_byte_bound_removes_the_oldest_first_and_shrinks_the_file(
    store: SpanStore, build: Any, guard: QueryGuard, clock: ManualClock
) -> None:
    for number in range(1, 9):
        add(store, build, number, clock.now_ms() - number * HOUR_MS, size=200_000)
    pages = file_pages(store)
    pruned = store.retain(Retention(max_bytes=1_000_000))
    assert 0 < pruned.blocks < 8
    source = store.source("a")
    left = [n for n in range(1, 9) if source.trace(build.trace_id(n), guard)]
    assert left == list(range(1, 9 - pruned.blocks))
    assert file_pages(store) * 8192 <= 1_000_000 < pages * 8192
    assert store.stats().blocks == len(left)


def file_pages(store: SpanStore) -> int:
    with store._database.reader() as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def test_names_without_spans_are_forgotten(
    store: SpanStore, build: Any, clock: ManualClock
) -> None:
    old = clock.now_ms() - 5 * HOUR_MS
    add(store, build, 1, old, service="gone")
    add(store, build, 2, old, name="old name")
    add(store, build, 3, clock.now_ms())
    store.retain(Retention((RetentionRule(HOUR_MS),)))
    assert store.source("a").services() == ["shop"]
    assert store.source("a").operations("shop") == [("GET /", 2)]
    clock._now_ns += 10 * HOUR_MS * 1_000_000
    store.retain(Retention((RetentionRule(HOUR_MS),)))
    assert store.source("a").services() == []
    assert store.stats().active == 0


def test_numbers_of_pruned_blocks_do_not_come_back(
    store: SpanStore, build: Any, guard: QueryGuard
) -> None:
    """A reused number would find the old block's columns in the cache."""
    for number in (1, 2):
        add(store, build, number, 0)
        source = store.source("a")
        assert len(source.trace(build.trace_id(number), guard)) == 1
        store.retain(Retention((RetentionRule(HOUR_MS),)))
        assert source.trace(build.trace_id(number), guard) == []
