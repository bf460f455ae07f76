"""All servers that samples are sent on to: a component that starts and stops their senders."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError
from appliance.base.tasks import attempt, offload, spawn
from appliance.config.http_client import rebased
from appliance.config.secret import mask_url_passwords
from appliance.ingest.forward.metrics import RemoteMetrics
from appliance.ingest.forward.reader import SenderParts, reader_name
from appliance.ingest.forward.tap import ForwardTap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.forward.sender import RemoteSender
    from appliance.ingest.forward.tap import ForwardedStore
    from appliance.ingest.scrape.remote_config import RemoteWriteConfig
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.store.forward.queue import ForwardQueue

_log = logging.getLogger(__name__)
_TRIM_SECONDS = 10.0


class Forwarder:
    """Sends on what comes in; a component.

    Attributes:
        appender: The way into the store for everything that is to be sent on.

    Args:
        tenant: Whose samples are sent on.
        metadata: What is known of metrics, by name.
    """

    name = "forwarder"

    def __init__(
        self,
        store: ForwardedStore,
        queue: ForwardQueue,
        clock: Clock,
        telemetry: Telemetry,
        *,
        tenant: str,
        metadata: Callable[[], Mapping[str, MetricMetadata]],
    ) -> None:
        self.appender = ForwardTap(store, queue, clock, telemetry, tenant=tenant)
        self._queue = queue
        self._clock = clock
        self._telemetry = telemetry
        self._metadata = metadata
        self._metrics: dict[str, RemoteMetrics] = {}
        self._senders: list[tuple[RemoteSender, asyncio.Task[None]]] = []

    async def start(self) -> None:
        """From now on the queue is filled for those who were sent to in the run before."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake)

        self._queue.listeners.append(wake)
        self.appender.is_active = bool(self._queue.readers())

    async def run(self) -> None:
        """Keep the queue within its bounds."""
        while True:
            await self._clock.sleep(_TRIM_SECONDS)
            lost = await offload(self._queue.trim, self._clock.now_ms())
            for reader, samples in lost.items():
                _log.error("remote write to %s: queue full, %d samples lost", reader, samples)
                if reader in self._metrics:
                    self._metrics[reader].note_lost(samples)

    async def apply(
        self, configs: Sequence[RemoteWriteConfig], external: Labels, directory: Path
    ) -> None:
        """Send to these servers from now on; what waits for those that stay is kept.

        Args:
            external: Labels that are added to every series.
            directory: Where file names in the configuration start.
        """
        await self._stop_senders()
        names = [reader_name(config) for config in configs]
        await asyncio.wrap_future(self._queue.keep_readers(names))
        self.appender.is_active = bool(configs)
        parts = SenderParts(self._queue, self._clock, self._metadata, external, directory)
        for config in configs:
            self._start(rebased(config, directory), parts)

    def _start(self, config: RemoteWriteConfig, parts: SenderParts) -> None:
        from appliance.ingest.forward.sender import RemoteSender  # noqa: PLC0415 - protobuf

        name, shown = reader_name(config), mask_url_passwords(config.url)
        metrics = self._metrics.get(name)
        if metrics is None:
            metrics = RemoteMetrics(self._telemetry, mask_url_passwords(config.name or name), shown)
            self._metrics[name] = metrics
        try:
            sender = RemoteSender(config, parts, metrics)
        except ApplianceError as error:
            _log.error("remote write to %s: %s; its samples wait", shown, error)
            return
        task = spawn(self._keep_running(sender), name=f"remote write to {shown}")
        self._senders.append((sender, task))

    async def _keep_running(self, sender: RemoteSender) -> None:
        """A sender that fails for an unknown reason goes on after a while."""
        while True:
            await attempt(sender.run(), name=f"remote write to {sender.shown_url}")
            await self._clock.sleep(_TRIM_SECONDS)

    def _wake(self) -> None:
        for sender, _ in self._senders:
            sender.wake()

    async def _stop_senders(self) -> None:
        tasks = [task for _, task in self._senders]
        self._senders = []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Stop sending; what is left waits in the queue."""
        self._queue.listeners.clear()
        await self._stop_senders()
