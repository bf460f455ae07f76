"""What runs at a time over all listeners: requests and the bytes they hold; when none does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from appliance.base.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """Counts running requests and their bodies over all listeners; refuses what is too much.

    Args:
        limit: Requests.
        max_bytes: Bytes of bodies, raw and decompressed.
    """

    def __init__(self, limit: int, max_bytes: int = 512 << 20) -> None:
        self._limit = limit
        self._max_bytes = max_bytes
        self._running = 0
        self._held_bytes = 0
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

    def hold(self, size_bytes: int) -> None:
        """Count a part of a body, until `release`.

        Raises:
            Unavailable: There is no room for it.
        """
        if self._held_bytes + size_bytes > self._max_bytes:
            raise Unavailable(
                f"bodies of running requests would take more than {self._max_bytes} bytes,"
                " which is the limit (twice limits.decompressed_bytes); try again"
            )
        self._held_bytes += size_bytes

    def release(self, size_bytes: int) -> None:
        """Count bytes no longer."""
        self._held_bytes -= size_bytes

    @contextlib.contextmanager
    def holding(self, size_bytes: int) -> Iterator[None]:
        """Count a body while something is done with it; see `hold`."""
        self.hold(size_bytes)
        try:
            yield
        finally:
            self.release(size_bytes)

    async def drain(self) -> None:
        """Wait until no request runs."""
        self._idle = self._idle or asyncio.Event()
        if self._running:
            await self._idle.wait()
