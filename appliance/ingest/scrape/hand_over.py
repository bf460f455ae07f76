"""The way of scrapes into the store: those of a moment go together and share a transaction.

A commit costs the same for one scrape as for ten, and so does waking the event loop after it.

Invariant: what was handed over is written, in that order, before `flush` returns.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError
from appliance.base.tasks import spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from appliance.base.clock import Clock


@dataclass(slots=True)
class _Item:
    """Appends of one scrape, and who waits for them."""

    appends: list[Callable[[], Future[None]]]
    waiter: asyncio.Future[None]
    error: BaseException | None = None


@dataclass(slots=True)
class _Burst:
    """Items that were handed over together; the last commit wakes the event loop."""

    loop: asyncio.AbstractEventLoop
    items: list[_Item]
    pending: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, item: _Item, future: Future[Any]) -> None:
        with self.lock:
            self.pending += 1
        future.add_done_callback(lambda done: self.ended(item, done.exception()))

    def ended(self, item: _Item | None, error: BaseException | None) -> None:
        """One append has ended, in whatever thread."""
        if item is not None and error is not None:
            item.error = error
        with self.lock:
            self.pending -= 1
            is_last = self.pending == 0
        if is_last:
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for item in self.items:
            if item.waiter.done():
                continue
            if item.error is None:
                item.waiter.set_result(None)
            else:
                item.waiter.set_exception(item.error)


class HandOver:
    """Collects appends for a moment.

    Args:
        clock: Measures the moment.
        window_seconds: Its length; 0 hands over at once.
    """

    def __init__(self, clock: Clock, window_seconds: float) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._waiting: list[_Item] = []
        self._timer: asyncio.Task[None] | None = None

    async def append(self, *appends: Callable[[], Future[None]]) -> None:
        """Put a scrape into the store's queue within a moment, and wait for its commit.

        Being cancelled while waiting takes nothing back.

        Raises:
            ApplianceError: The store does not take it.
        """
        item = _Item(list(appends), asyncio.get_running_loop().create_future())
        self._waiting.append(item)
        if not self._window_seconds:
            self.hand_over()
        elif self._timer is None:
            self._timer = spawn(self._later(), name="hand scrapes over")
        await item.waiter

    async def _later(self) -> None:
        await self._clock.sleep(self._window_seconds)
        self._timer = None
        self.hand_over()

    def hand_over(self) -> None:
        """Put all that waits into the store's queue."""
        if not self._waiting:
            return
        items, self._waiting = self._waiting, []
        burst = _Burst(asyncio.get_running_loop(), items)
        for item in items:
            try:
                for append in item.appends:
                    burst.add(item, append())
            except ApplianceError as error:
                item.error = error
        burst.ended(None, None)

    async def flush(self) -> None:
        """Hand over what still waits, and wait until it is written."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        items = list(self._waiting)
        self.hand_over()
        if items:
            await asyncio.wait([item.waiter for item in items])
            for item in items:
                if not item.waiter.cancelled():
                    item.waiter.exception()  # nobody is left to whom it would matter
