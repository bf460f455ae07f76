"""The manual clock wakes sleepers in order, each at its time."""

from __future__ import annotations

import asyncio

from appliance.base.clock import ManualClock
from appliance.base.tasks import every, spawn


async def test_sleepers_wake_in_order_at_their_times() -> None:
    clock = ManualClock(0)
    seen: list[tuple[str, int]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        seen.append((name, clock.now_ms()))

    tasks = [spawn(sleeper("b", 2), name="b"), spawn(sleeper("a", 1), name="a")]
    await clock.advance(1.5)
    assert seen == [("a", 1000)]
    await clock.advance(10)
    assert seen == [("a", 1000), ("b", 2000)]
    await asyncio.gather(*tasks)
    assert clock.now_ms() == 11_500


async def test_every_goes_on_after_an_error() -> None:
    clock = ManualClock(0)
    calls: list[int] = []

    async def work() -> None:
        calls.append(clock.now_ms())
        if len(calls) == 1:
            raise ValueError("first one fails")

    task = spawn(every(clock, 5, work), name="work")
    await clock.advance(12)
    task.cancel()
    assert calls == [5000, 10_000]
