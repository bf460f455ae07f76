"""Sources of lines that are no files, and the way of their entries through a job's stages."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Protocol

from appliance.base.tasks import offload
from appliance.ingest.tail.streams import group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

    async def put(
        self,
        entries: Sequence[Entry],
        marks: Callable[[Sequence[Origin]], Mapping[str, str]] | None = None,
    ) -> None:
        """Deliver entries; returns when they are in the store.

        Args:
            marks: Makes the marks to be committed with them, given what the stages still hold.
        """
        while self._pipeline is not None and self._pipeline.is_full:
            await self._clock.sleep(_FLUSH_SECONDS)
        async with self._order:
            self._marks = marks or self._marks
            if len(entries) > _MANY:
                streams = await offload(self._process, entries)
            else:
                streams = self._process(entries)
            await self._send(streams)

    async def flush_regularly(self) -> None:
        """Give out what the stages have held for too long, until cancelled."""
        while True:
            await self._clock.sleep(_FLUSH_SECONDS)
            if self._is_holding:
                await self.flush(self._clock.monotonic())

    async def flush(self, now: float = math.inf) -> None:
        """Give out what the stages have held for too long; by default everything."""
        if self._pipeline is None:
            return
        async with self._order:
            found = group(self._pipeline.flush(now))
            if found:
                await self._send(found)

    def _process(self, entries: Sequence[Entry]) -> list[TenantStream]:
        return group(entries if self._pipeline is None else self._pipeline.process(entries))

    async def _send(self, streams: Sequence[TenantStream]) -> None:
        held = [] if self._pipeline is None else self._pipeline.held()
        self._is_holding = bool(held)
        origins = [origin for entry in held for origin in entry.origins]
        marks = self._marks(origins)
        if streams or marks:
            await self._outlet().send(streams, marks, source=self.job)
