"""Retention: by age, by rule, by bytes; series without data are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.base.errors import Conflict
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.metrics.upkeep import retention
from appliance.store.retention import Pruned, Retention, RetentionRule
from tests.store.metrics.conftest import name_of

if TYPE_CHECKING:
    from tests.store.metrics.conftest import Bench

HOUR_MS = 3_600_000


def add(bench: Bench, name: str, hours_ago: int, *, tenant: str = "a") -> int:
    """One block with one sample."""
    time_ms = bench.clock.now_ms() - hours_ago * HOUR_MS
    bench.push((name, time_ms, 1.0), tenant=tenant)
    bench.store.seal(force=True)
    return time_ms


def test_old_blocks_go_by_the_clock(bench: Bench) -> None:
    times = [add(bench, "m", hours) for hours in (3, 2, 1)]
    pruned = bench.store.retain(Retention((RetentionRule(2 * HOUR_MS),)))
    assert (pruned.blocks, pruned.items) == (1, 1)
    assert pruned.bytes > 0
    assert set(bench.read()["m"]) == set(times[1:])
    assert bench.store.stats().blocks == 2
    assert bench.metric("appliance_store_pruned_blocks_total") == 1
    assert bench.store.retain(Retention((RetentionRule(2 * HOUR_MS),))) == Pruned()


def test_first_rule_that_fits_decides(bench: Bench) -> None:
    for name in ("debug_x", "debug_y", "keep"):
        for tenant in ("a", "b"):
            add(bench, name, 5, tenant=tenant)
    debug = (Matcher("__name__", MatchOp.REGEX, "debug_.*"),)
    rules = (
        RetentionRule(10 * HOUR_MS, tenant="b"),
        RetentionRule(HOUR_MS, matchers=debug),
        RetentionRule(24 * HOUR_MS),
    )
    assert bench.store.retain(Retention(rules)).blocks == 2
    assert set(bench.read()) == {"keep"}
    assert set(bench.read(tenant="b")) == {"debug_x", "debug_y", "keep"}


def test_without_a_rule_nothing_goes(bench: Bench) -> None:
    add(bench, "m", 10**6)
    assert bench.store.retain(Retention()) == Pruned()


def test_oldest_blocks_go_when_the_file_is_too_large(large: Bench) -> None:
    rng = np.random.default_rng(1)
    ids = large.store.resolve("a", [name_of(f"m{n}") for n in range(64)])
    for time in range(480 * 5):
        large.store.append_column("a", "g", time, ids, rng.random(64))
    large.push(("end", 10**6, 1.0))
    large.store.seal(force=True)
    bound = 600_000
    pruned = large.store.retain(Retention(max_bytes=bound))
    assert pruned.blocks == 3
    assert pruned.bytes == pytest.approx(3 * 480 * 64 * 6.5, rel=0.1)
    assert min(large.read()["m0"]) == 480 * 3
    assert large.store.retain(Retention(max_bytes=0)).blocks == 3
    assert large.read() == {}


def test_free_pages_are_given_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_SPARE_PAGES", 4)
    bench.push(*((f"m{n}", n * time, time + 0.1) for n in range(200) for time in range(20)))
    bench.store.seal(force=True)
    add(bench, "m", 0)
    bench.store.retain(Retention((RetentionRule(HOUR_MS),)))
    free = bench.count("PRAGMA freelist_count")
    assert free <= max(4, bench.count("PRAGMA page_count") // 4)
    assert bench.count("PRAGMA page_count") < 60


async def test_series_without_data_are_forgotten_after_a_while(bench: Bench) -> None:
    add(bench, "old", 5)
    add(bench, "new", 0)
    bench.scrape(bench.clock.now_ms(), {"head": 1.0})
    rules = Retention((RetentionRule(HOUR_MS),))
    bench.store.retain(rules)
    assert bench.store.stats().active == 3
    ids = bench.store.resolve("a", [name_of("old")])
    await bench.clock.advance(16 * 60)
    bench.store.retain(rules)
    assert bench.store.stats().active == 2
    assert bench.count("SELECT count(*) FROM series") == 2
    with pytest.raises(Conflict):
        bench.store.append_column("a", "g", 1 << 50, ids, np.array([1.0])).result(5)
    bench.push(("old", 7, 2.0))
    assert bench.read()["old"] == {7: 2.0}
    bench.reopen()
    assert bench.read()["old"] == {7: 2.0}


async def test_series_forgotten_while_it_is_resolved_gets_a_new_id(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(bench, "old", 5)
    await bench.clock.advance(16 * 60)
    usage = bench.store._usage
    name = usage.name

    def forget_first(ids: np.ndarray, now_ms: int) -> bool:
        monkeypatch.setattr(usage, "name", name)
        bench.store.retain(Retention((RetentionRule(HOUR_MS),)))
        return name(ids, now_ms)

    monkeypatch.setattr(usage, "name", forget_first)
    bench.push(("old", 7, 2.0))
    assert bench.read() == {"old": {7: 2.0}}


def test_deleted_blocks_leave_the_cache(bench: Bench) -> None:
    add(bench, "m", 5)
    assert bench.read()
    assert bench.store._blocks.cache.decoded.get(1) is not None
    bench.store.retain(Retention((RetentionRule(HOUR_MS),)))
    assert bench.store._blocks.cache.decoded.get(1) is None
    assert bench.read() == {}
