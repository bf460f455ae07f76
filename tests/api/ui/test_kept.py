from __future__ import annotations

import asyncio

from appliance.api.ui.kept import Kept
from appliance.base.clock import ManualClock
from appliance.base.errors import TimedOut


class Finder:
    """Counts how often it is asked; finds once it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.let = asyncio.Event()
        self.let.set()

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        await self.let.wait()
        return number


async def test_a_figure_is_looked_for_again_only_when_it_is_old() -> None:
    clock, find = ManualClock(), Finder()
    kept = Kept(clock, 10)
    assert [await kept.get("a", find) for _ in range(3)] == [1, 1, 1]
    assert await kept.get("b", find) == 2
    await clock.advance(10)
    assert await kept.get("a", find) == 3


async def test_who_asks_while_it_is_looked_for_gets_what_was_known() -> None:
    clock, find = ManualClock(), Finder()
    kept = Kept(clock, 10, patience=0.01)
    find.let.clear()
    assert await asyncio.gather(*(kept.get("a", find) for _ in range(3))) == [None] * 3
    find.let.set()
    assert await kept.get("a", find) == 1
    await clock.advance(10)
    find.let.clear()
    assert await kept.get("a", find) == 1
    assert find.asked == 2
    find.let.set()
    await asyncio.sleep(0)
    assert await kept.get("a", find) == 2


async def test_what_was_known_stays_when_it_cannot_be_found() -> None:
    clock, find = ManualClock(), Finder()
    kept = Kept(clock, 10)
    await kept.get("a", find)
    await clock.advance(10)

    async def fail() -> int:
        raise TimedOut("too much")

    assert await kept.get("a", fail) == 1
    assert await kept.get("a", find) == 1  # not before it is old again


async def test_only_so_many_are_kept() -> None:
    clock, find = ManualClock(), Finder()
    kept = Kept(clock, 10)
    for name in "abcdefghi":
        await kept.get(name, find)
    assert await kept.get("i", find) == 9
    assert await kept.get("a", find) == 10
