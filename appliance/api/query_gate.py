"""How many queries run at a time, and a file that names them: after a crash it tells which."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from appliance.base.clock import Clock

_log = logging.getLogger(__name__)
_SLOT_BYTES = 1024


class QueryGate:
    """Used on the event loop only.

    Args:
        concurrency: Queries at a time; others wait.
        file: Where running queries are written down, as in Prometheus' `queries.active`; None:
            nowhere.
    """

    def __init__(self, concurrency: int, file: Path | None, clock: Clock) -> None:
        self._clock = clock
        self._free = list(range(concurrency - 1, -1, -1))
        self._semaphore = asyncio.Semaphore(concurrency)
        self._file: int | None = None
        if file is not None:
            _tell_unfinished(file)
            self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    @asynccontextmanager
    async def slot(self, text: str, timeout_seconds: float) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Args:
            text: The query, for the file.

        Raises:
            TimedOut: No turn came in time.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._semaphore.acquire()
        except TimeoutError:
            raise TimedOut("query timed out in query queue") from None
        number = self._free.pop()
        try:
            self._write(number, text)
            yield
        finally:
            self._write(number, "")
            self._free.append(number)
            self._semaphore.release()

    def _write(self, number: int, text: str) -> None:
        if self._file is None:
            return
        entry = b""
        if text:
            shown = text[: _SLOT_BYTES // 4]
            entry = orjson.dumps({"query": shown, "timestamp_sec": self._clock.now_ms() // 1000})
        data = entry[:_SLOT_BYTES].ljust(_SLOT_BYTES)
        with contextlib.suppress(OSError):  # a full disk does not keep queries from running
            os.pwrite(self._file, data, number * _SLOT_BYTES)

    def close(self) -> None:
        """Nothing runs any more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _tell_unfinished(file: Path) -> None:
    """Log what the last run left in the file."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return
    for at in range(0, len(data), _SLOT_BYTES):
        entry = data[at : at + _SLOT_BYTES].strip(b" \0")
        if entry:
            _log.warning(
                "this query did not finish in the last run: %s", entry.decode(errors="replace")
            )
