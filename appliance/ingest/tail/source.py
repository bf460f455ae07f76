"""Sources of lines that are no files, and the way of their entries through a job's stages.

Invariant: marks never run ahead of the entries that are stored: a source moves its position only
when it is the turn of its entries, and back when they were not stored.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

from appliance.base.tasks import offload, spawn
from appliance.ingest.tail.streams import group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from appliance.base.clock import Clock
    from appliance.ingest.tail.entry import Entry, EntryPipeline, Origin
    from appliance.ingest.tail.outlet import Outlet
    from appliance.ingest.tail.status import SourceStatus
    from appliance.ingest.tail.streams import TenantStream

#: Held entries are looked at this often.
_FLUSH_SECONDS = 0.25
#: More entries than this are worked on in a worker thread.
_MANY = 500


class Source(Protocol):
    """Something that lines come from, between `run` and its cancellation."""

    async def run(self) -> None:
        """Take lines until cancelled; it is started again when it fails."""
        ...

    def status(self) -> Sequence[SourceStatus]:
        """What it is doing now."""
        ...

    def cursors(self) -> Mapping[str, str]:
        """Positions by promtail's names, for its positions file."""
        ...


class SourceFeed:
    """From entries to the outlet, through the stages of a job.

    Args:
        job: Its name.
        pipeline: Its stages; None when it has none.
        outlet: Where entries go.
        clock: Tells when held entries have waited for too long.
    """

    def __init__(
        self,
        job: str,
        pipeline: EntryPipeline | None,
        outlet: Callable[[], Outlet],
        clock: Clock,
    ) -> None:
        self.job = job
        self._pipeline = pipeline
        self._outlet = outlet
        self._clock = clock
        self._order = asyncio.Lock()
        self._marks: Callable[[Sequence[Origin]], Mapping[str, str]] = lambda _: {}
        self._is_holding = False
        # What has left the stages when the sending was cut off; it goes first at the next time.
        self._unsent: Sequence[TenantStream] = ()

    async def put(
        self,
        entries: Sequence[Entry],
        marks: Callable[[Sequence[Origin]], Mapping[str, str]] | None = None,
        *,
        moved: AbstractContextManager[None] | None = None,
    ) -> None:
        """Deliver entries; returns when they are in the store.

        Args:
            marks: Makes the marks to be committed with them, given what the stages still hold.
            moved: Moves the position that `marks` looks at; entered when it is the entries' turn,
                left with an error when they were not stored.
        """
        while self._pipeline is not None and self._pipeline.is_full:
            await self._clock.sleep(_FLUSH_SECONDS)
        async with self._order:
            with moved or nullcontext():
                self._marks = marks or self._marks
                if len(entries) > _MANY:
                    streams = await self._offloaded(entries)
                else:
                    streams = self._process(entries)
                await self._send(streams)

    async def _offloaded(self, entries: Sequence[Entry]) -> list[TenantStream]:
        """Process in a worker thread, which is done with the stages when this ends."""
        task = spawn(offload(self._process, entries), name=f"stages of {self.job}")
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if task.exception() is None:
                self._unsent = [*self._unsent, *task.result()]
            raise

    async def flush_regularly(self) -> None:
        """Give out what the stages have held for too long, until cancelled."""
        while True:
            await self._clock.sleep(_FLUSH_SECONDS)
            if self._is_holding:
                await self.flush(self._clock.monotonic())

    async def flush(self, now: float = math.inf) -> None:
        """Give out what the stages have held for too long; by default everything."""
        async with self._order:
            found = [] if self._pipeline is None else group(self._pipeline.flush(now))
            if found or self._unsent:
                await self._send(found)

    def _process(self, entries: Sequence[Entry]) -> list[TenantStream]:
        return group(entries if self._pipeline is None else self._pipeline.process(entries))

    async def _send(self, streams: Sequence[TenantStream]) -> None:
        held = [] if self._pipeline is None else self._pipeline.held()
        self._is_holding = bool(held)
        origins = [origin for entry in held for origin in entry.origins]
        marks = self._marks(origins)
        streams = [*self._unsent, *streams]
        if streams or marks:
            try:
                await self._outlet().send(streams, marks, source=self.job)
            except asyncio.CancelledError:
                self._unsent = streams
                raise
            self._unsent = ()
