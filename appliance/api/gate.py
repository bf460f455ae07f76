"""How many requests run at a time over all listeners, and when none does any more."""

from __future__ import annotations

import asyncio

from appliance.base.errors import Unavailable


class Gate:
    """Counts running requests over all listeners and refuses those beyond the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running = 0
        self._idle: asyncio.Event | None = None

    @property
    def is_draining(self) -> bool:
        """Whether the server stops: answers close their connections."""
        return self._idle is not None

    def enter(self) -> None:
        """Take a slot.

        Raises:
            Unavailable: None is free.
        """
        if self._running >= self._limit:
            raise Unavailable(
                f"{self._limit} requests are being served, which is the limit"
                " (limits.concurrent_requests); try again"
            )
        self._running += 1

    def leave(self) -> None:
        """Give the slot back."""
        self._running -= 1
        if self._idle is not None and not self._running:
            self._idle.set()

    async def drain(self) -> None:
        """Wait until no request runs."""
        self._idle = self._idle or asyncio.Event()
        if self._running:
            await self._idle.wait()
