"""The wall clock jumps: nothing is lost, pruned early, or kept out of blocks for good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.model.labels import Labels
from appliance.store.retention import Retention, RetentionRule
from tests.faults.numbered import EVERYTHING, GUARD, START_MS, append, numbers, open_store
from tests.faults.stores import SIGNALS

HOUR = 3600


class JumpingClock(ManualClock):
    """Its wall clock can be set; what it measures goes on."""

    def __init__(self) -> None:
        super().__init__(START_MS + 2 * HOUR * 1000)
        self._jumped_ns = 0

    def jump(self, seconds: int) -> None:
        self._jumped_ns += seconds * 10**9

    def now_ns(self) -> int:
        return super().now_ns() + self._jumped_ns

    def now_ms(self) -> int:
        return self.now_ns() // 1_000_000


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_items_around_a_jump_are_kept_once(tmp_path: Path, signal: str, jump: int) -> None:
    clock = JumpingClock()
    store = open_store(signal, tmp_path / f"{signal}.db", clock)
    sent: list[int] = []
    for seconds in (0, jump):
        clock.jump(seconds)
        for _ in range(20):
            number = (clock.now_ms() - START_MS) // 1000
            append(signal, store, number)
            sent.append(number)
            await clock.advance(1)
        rules = Retention((RetentionRule((HOUR + 600) * 1000),))
        assert store.retain(rules).blocks == 0
    expected = dict.fromkeys(sent, 1)
    assert numbers(signal, store) == expected
    await clock.advance(4 * HOUR)
    assert store.seal_due
    store.seal()
    assert store.stats().head_items == 0
    assert numbers(signal, store) == expected
    store.close()
    store = open_store(signal, tmp_path / f"{signal}.db", clock)
    assert numbers(signal, store) == expected
    store.close()


async def test_scrapes_after_a_jump_back_are_kept(tmp_path: Path) -> None:
    clock = JumpingClock()
    store = open_store("metrics", tmp_path / "metrics.db", clock)
    ids = store.resolve("t", [Labels.of({"__name__": "up"})])
    times = []
    for jump in (0, -HOUR, 0):
        clock.jump(jump)
        for _ in range(10):
            times.append(clock.now_ms())
            value = np.array([float(times[-1])])
            store.append_column("t", "target", times[-1], ids, value).result(5)
            await clock.advance(15)
        store.seal(force=True)
    (group,) = store.source("t").select((), *EVERYTHING, GUARD)
    assert group.timestamps_ms.tolist() == sorted(times)
    assert group.values[0].tolist() == [float(time) for time in sorted(times)]
    store.close()
