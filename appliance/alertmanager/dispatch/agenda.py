"""Things to do at their times, on a clock that never goes back: one heap, one sleeper."""

from __future__ import annotations

import asyncio
import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.tasks import attempt_call, give_way, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock

#: So many things are done before others may run.
_BATCH = 200


@dataclass(order=True, slots=True)
class Entry:
    """A thing to do.

    Attributes:
        due: On the monotonic clock, in seconds.
        call: Does it; None when it is done or cancelled.
    """

    due: float
    number: int
    call: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Do not do it."""
        self.call = None


class Agenda:
    """Used on the event loop only; nothing is done but in `run`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[Entry] = []
        self._count = 0
        self._target = math.inf
        self._wake = asyncio.Event()

    def at(self, due: float, call: Callable[[], None]) -> Entry:
        """Call a function at a time, or as soon as possible when it is past."""
        self._count += 1
        entry = Entry(due, self._count, call)
        heapq.heappush(self._heap, entry)
        if due < self._target:
            self._wake.set()
        return entry

    def after(self, seconds: float, call: Callable[[], None]) -> Entry:
        """Call a function so many seconds from now."""
        return self.at(self._clock.monotonic() + seconds, call)

    async def run(self) -> None:
        """Do what there is to do, until cancelled; an error is logged."""
        while True:
            self._wake.clear()
            self._target = -math.inf
            await self._work()
            self._target = self._heap[0].due if self._heap else math.inf
            await self._sleep()

    async def _work(self) -> None:
        done = 0
        while self._heap and self._heap[0].due <= self._clock.monotonic():
            entry = heapq.heappop(self._heap)
            if entry.call is None:
                continue
            call, entry.call = entry.call, None
            attempt_call(call, name="scheduled work of the Alertmanager")
            done += 1
            if done % _BATCH == 0:
                await give_way()

    async def _sleep(self) -> None:
        """Until the next thing is due, or one that is due before comes in."""
        if math.isinf(self._target):
            await self._wake.wait()
            return
        seconds = self._target - self._clock.monotonic()
        sleeper = spawn(self._clock.sleep(seconds), name="alertmanager agenda")
        sleeper.add_done_callback(self._slept)
        try:
            await self._wake.wait()
        finally:
            sleeper.cancel()

    def _slept(self, sleeper: asyncio.Task[None]) -> None:
        if not sleeper.cancelled():
            self._wake.set()
