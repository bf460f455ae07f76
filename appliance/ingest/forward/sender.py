"""Sending the queue to one server: rounds of shards, retries, metadata.

A round takes what waits (or what has waited long enough), sends its shards at the same time, and
then moves the position. So samples of one series arrive in order, and after a crash a round is
sent again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from appliance.base.errors import Unavailable
from appliance.base.tasks import offload, spawn
from appliance.config.secret import mask_url_passwords
from appliance.ingest.forward.batch import Batcher, Counts, Outgoing
from appliance.ingest.forward.client import Refused, RemoteClient
from appliance.ingest.forward.reader import reader_name
from appliance.ingest.scrape.remote_config import RemoteWriteConfig, WriteMessage
from appliance.wire import snappy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.forward.metrics import RemoteMetrics
    from appliance.ingest.forward.reader import SenderParts

_log = logging.getLogger(__name__)
#: Bytes of the queue that one round takes.
_ROUND_BYTES = 2 << 20


class RemoteSender:
    """Sends to one server; see the module's docstring."""

    def __init__(
        self, config: RemoteWriteConfig, parts: SenderParts, metrics: RemoteMetrics
    ) -> None:
        self.config = config
        self.shown_url = mask_url_passwords(config.url)
        self._parts = parts
        self._metrics = metrics
        self._name = reader_name(config)
        self._client = RemoteClient(config, parts.clock, parts.directory)
        self._batcher = Batcher(config, parts.external, parts.metadata)
        self._wake = asyncio.Event()
        self._is_down = False
        queue, name = parts.queue, self._name
        metrics.pending.set_function(lambda: queue.pending_samples(queue.position(name)))

    def wake(self) -> None:
        """Something new is in the queue."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        others = []
        if self.config.metadata_config.send and self.config.protobuf_message is WriteMessage.V1:
            others.append(spawn(self._send_metadata(), name=f"remote write metadata {self._name}"))
        try:
            while True:
                await self._wait()
                await self._round()
        finally:
            for task in others:
                task.cancel()
            await self._client.close()

    async def _wait(self) -> None:
        """Until a full request waits, or the first sample has waited long enough."""
        parts, config = self._parts, self.config.queue_config
        waited = 0.0
        while True:
            self._wake.clear()
            pending = parts.queue.pending_samples(parts.queue.position(self._name))
            left = int(config.batch_send_deadline) / 1000 - waited
            if pending >= config.max_samples_per_send or (pending and left <= 0):
                return
            began = parts.clock.monotonic()
            try:
                async with asyncio.timeout(left if pending else None):
                    await self._wake.wait()
            except TimeoutError:
                pass
            waited += parts.clock.monotonic() - began if pending else 0.0

    async def _round(self) -> None:
        parts = self._parts
        position = parts.queue.position(self._name)
        items = await offload(parts.queue.read, position, _ROUND_BYTES)
        if not items:
            return
        found = await offload(self._batcher.round_of, items, parts.clock.now_ms())
        self._metrics.note_dropped(found.dropped, found.too_old)
        self._metrics.shards.set(len(found.shards))
        async with asyncio.TaskGroup() as group:
            for requests in found.shards:
                group.create_task(self._send_all(requests))
        await asyncio.wrap_future(parts.queue.set_position(self._name, items[-1].seq))

    async def _send_all(self, requests: Sequence[Outgoing]) -> None:
        for request in requests:
            await self._send(request)

    async def _send(self, request: Outgoing) -> None:
        """One request, until it is taken, refused, or too old."""
        config, clock = self.config.queue_config, self._parts.clock
        backoff = int(config.min_backoff) / 1000
        limit = int(config.sample_age_limit)
        while True:
            began = clock.monotonic()
            try:
                await self._client.send(request.body, message=self.config.protobuf_message)
            except Unavailable as error:
                self._note_down(error)
                self._metrics.note_retry(request.counts)
                wait = max(backoff, error.retry_after_seconds)
            except Refused as error:
                _log.error("remote write to %s: %s; dropped", self.shown_url, error.message)
                self._metrics.note_failure(request.counts)
                return
            else:
                self._metrics.note_sent(request, clock.monotonic() - began)
                self._note_up()
                return
            if limit and request.newest_ms < clock.now_ms() - limit:
                self._metrics.note_dropped(0, request.counts.samples + request.counts.histograms)
                return
            await clock.sleep(wait)
            backoff = min(2 * backoff, int(config.max_backoff) / 1000)

    def _note_down(self, error: Unavailable) -> None:
        """Tell of the first failure of a row."""
        level = logging.DEBUG if self._is_down else logging.WARNING
        _log.log(level, "remote write to %s: %s; trying again", self.shown_url, error)
        self._is_down = True

    def _note_up(self) -> None:
        if self._is_down:
            _log.info("remote write to %s works again", self.shown_url)
        self._is_down = False

    async def _send_metadata(self) -> None:
        """Now and then all metadata; version 2 has them beside the samples."""
        from appliance.wire.remote.send import encode_metadata  # noqa: PLC0415 - protobuf

        config = self.config.metadata_config
        while True:
            families = list(self._parts.metadata().items())
            for at in range(0, len(families), config.max_samples_per_send):
                part = dict(families[at : at + config.max_samples_per_send])
                body = snappy.compress(encode_metadata(part))
                await self._send(Outgoing(body, Counts(metadata=len(part)), 1 << 62))
            await self._parts.clock.sleep(int(config.send_interval) / 1000)
