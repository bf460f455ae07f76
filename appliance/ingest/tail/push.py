"""Entries pushed to a listener of a job's own (promtail, configuration, loki_push_api)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.base.tasks import run, spawn
from appliance.ingest.tail.entry import Entry
from appliance.ingest.tail.labels import EntryLabels
from appliance.ingest.tail.status import SourceKind, SourceStatus
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from appliance.ingest.tail.config import TailConfig
    from appliance.ingest.tail.job import JobParts
    from appliance.ingest.tail.source import SourceFeed
    from appliance.model.log import StreamBatch

_USUAL_PORT = 80
#: More lines, or a larger raw body, are worked on in a worker thread.
_MANY, _MANY_BYTES = 500, 64 << 10


class PushTaker(Protocol):
    """Takes what a listener has received."""

    async def take_streams(self, streams: Sequence[StreamBatch], tenant: str) -> None:
        """Streams of a push request; returns when they are in the store."""
        ...

    async def take_lines(self, body: bytes) -> None:
        """Lines of a raw request; returns when they are in the store."""
        ...


class OpenPush(Protocol):
    """Opens a listener (`api/loki/promtail_push.py`)."""

    async def __call__(
        self, host: str, port: int, taker: PushTaker
    ) -> tuple[int, Callable[[], Awaitable[None]]]:
        """Listen; the result are the port and what closes the listener.

        Raises:
            ApplianceError: The address is taken.
        """
        ...


class PushSource:
    """One job's listener; implements `PushTaker`."""

    def __init__(self, config: TailConfig, feed: SourceFeed, parts: JobParts) -> None:
        assert config.loki_push_api is not None, "the job has a listener"  # noqa: S101
        self._config = config.loki_push_api
        self._job = config.job_name
        self._feed = feed
        self._parts = parts
        self._labels = EntryLabels(config.relabel_configs, {})
        server = self._config.server
        self._host = str(server.get("http_listen_address") or "")
        self._wanted_port = int(server.get("http_listen_port") or _USUAL_PORT)
        self._shown_host = self._host
        self.port = 0
        self._lines = 0
        self._read_ms = 0
        self._error = ""

    def __str__(self) -> str:
        return f"pushes at {self._host}:{self._wanted_port} for job {self._job}"

    async def run(self) -> None:
        """See `Source`."""
        flushing = spawn(self._feed.flush_regularly(), name=f"flush {self}")
        try:
            await self._listen()
        finally:
            flushing.cancel()

    async def _listen(self) -> None:
        try:
            self._shown_host = self._parts.host_for(self._host, str(self))
            self.port, close = await self._parts.open_push(
                self._shown_host, self._wanted_port, self
            )
        except ApplianceError as error:
            self._error = error.message
            raise
        self._error = ""
        try:
            await asyncio.Event().wait()
        finally:
            self.port = 0
            await close()

    async def take_streams(self, streams: Sequence[StreamBatch], tenant: str) -> None:
        """See `PushTaker`."""
        is_large = sum(len(batch.lines) for batch in streams) > _MANY
        await self._put(await run(self._all_entries, streams, tenant, offloaded=is_large))

    def _all_entries(self, streams: Sequence[StreamBatch], tenant: str) -> list[Entry]:
        entries: list[Entry] = []
        for batch in streams:
            labels = self._labels.of({**dict(batch.labels), **self._config.labels})
            if labels:
                entries += self._entries(batch, labels, tenant)
        return entries

    def _entries(self, batch: StreamBatch, labels: Mapping[str, str], tenant: str) -> list[Entry]:
        texts = [line.decode("utf-8", "replace") for line in batch.lines]
        first = self._parts.timeline.take(len(texts))
        times = batch.timestamps_ns.tolist()
        metadata = batch.metadata or [()] * len(texts)
        return [
            Entry(
                dict(labels),
                time_ns if self._config.use_incoming_timestamp else first + number,
                text,
                metadata=dict(pairs),
                tenant=tenant,
            )
            for number, (text, time_ns, pairs) in enumerate(
                zip(texts, times, metadata, strict=True)
            )
        ]

    async def take_lines(self, body: bytes) -> None:
        """See `PushTaker`."""
        await self._put(await run(self._raw_entries, body, offloaded=len(body) > _MANY_BYTES))

    def _raw_entries(self, body: bytes) -> list[Entry]:
        texts = [text.rstrip("\r") for text in body.decode("utf-8", "replace").split("\n")]
        texts = [text for text in texts if text]
        first = self._parts.timeline.take(len(texts))
        labels = self._config.labels
        return [Entry(dict(labels), first + number, text) for number, text in enumerate(texts)]

    async def _put(self, entries: Sequence[Entry]) -> None:
        await self._feed.put(entries)
        self._lines += len(entries)
        self._read_ms = self._parts.clock.now_ms()

    def status(self) -> Sequence[SourceStatus]:
        """See `Source`."""
        return [
            SourceStatus(
                job=self._job,
                kind=SourceKind.PUSH,
                name=f"http://{self._shown_host or '0.0.0.0'}:{self.port or self._wanted_port}",  # noqa: S104 - shown
                labels=Labels.of(self._config.labels),
                lines=self._lines,
                last_read_ms=self._read_ms,
                error=self._error,
            )
        ]

    def cursors(self) -> Mapping[str, str]:
        """See `Source`: pushes have no position."""
        return {}
