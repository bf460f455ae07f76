"""Time as a dependency: the only place that reads the system's clocks."""

from __future__ import annotations

import asyncio
import heapq
import time
from typing import Protocol


class Clock(Protocol):
    """A source of time, and the only way to wait for it."""

    def now_ns(self) -> int:
        """Wall clock in nanoseconds since the Unix epoch."""
        ...

    def now_ms(self) -> int:
        """Wall clock in milliseconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences have a meaning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for a span of this clock's time."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        """Wall clock in nanoseconds since the Unix epoch."""
        return time.time_ns()

    def now_ms(self) -> int:
        """Wall clock in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for real time to pass."""
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that stands still until `advance` moves it; for tests.

    Invariant: sleepers wake in the order of their due times, each at exactly its due time.
    """

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self._now_ns = start_ms * 1_000_000
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def now_ns(self) -> int:
        """The time it was last set to, in nanoseconds since the Unix epoch."""
        return self._now_ns

    def now_ms(self) -> int:
        """The time it was last set to, in milliseconds since the Unix epoch."""
        return self._now_ns // 1_000_000

    def monotonic(self) -> float:
        """The same time in seconds."""
        return self._now_ns / 1e9

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has passed the due time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._now_ns + int(max(0.0, seconds) * 1e9)
        self._count += 1
        heapq.heappush(self._sleepers, (due, self._count, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking each sleeper at its due time and letting it run."""
        end = self._now_ns + int(seconds * 1e9)
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._now_ns = max(self._now_ns, due)
            if not future.done():
                future.set_result(None)
            await _settle()
        self._now_ns = end
        await _settle()


async def _settle(rounds: int = 20) -> None:
    """Let every task that is ready run until it waits again."""
    for _ in range(rounds):
        await asyncio.sleep(0)
