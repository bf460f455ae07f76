"""Pushing entries to another Loki, as promtail's clients do it (promtail, configuration, clients).

Invariants:
- A request holds entries of one tenant, `batchsize` bytes of lines at most unless one line is more.
- It is sent again after 429, 5xx and failed connections, `backoff_config.max_retries` times in all;
  then it is dropped and counted. What waits is bounded.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import numpy as np

from appliance.base.errors import ApplianceError, BadInput, TimedOut, Unavailable
from appliance.base.tasks import offload
from appliance.config.secret import mask_url_passwords
from appliance.http_client.client import HttpClient
from appliance.model.log import PlainLines, StreamBatch
from appliance.wire import snappy
from appliance.wire.loki_request import encode_push

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.ingest.tail.config import ClientConfig
    from appliance.ingest.tail.metrics import TailMetrics
    from appliance.ingest.tail.streams import TenantStream

_log = logging.getLogger(__name__)
#: Lines that may wait for a server that does not answer, in bytes.
_MAX_PENDING_BYTES = 32 << 20
_SHOWN_CHARACTERS = 512


class _Refused(ApplianceError):  # noqa: N818 - an answer, not a failure of ours
    """The server will never take this request."""


class PushClient:
    """Sends to one server.

    Args:
        config: Where to, and how.
        directory: Where files of further headers are.

    Attributes:
        error: What went wrong last; empty when the last request went through.
    """

    def __init__(
        self, config: ClientConfig, clock: Clock, metrics: TailMetrics, *, directory: Path
    ) -> None:
        self._config = config
        self._clock = clock
        self._metrics = metrics
        self._host = urlsplit(config.url.reveal()).netloc.rpartition("@")[2]
        self._session: aiohttp.ClientSession | None = None
        self._http = HttpClient(config, self._open_session, clock, directory=directory)
        self._pending: list[TenantStream] = []
        self._pending_bytes = 0
        self._wake = asyncio.Event()
        self._is_ending = False
        self.error = ""

    @property
    def shown_url(self) -> str:
        """The address without its password."""
        return mask_url_passwords(self._config.url.reveal())

    def put(self, streams: Sequence[TenantStream]) -> None:
        """Send in the background; what is too much is dropped and counted."""
        size = sum(_size(batch) for _, batch in streams)
        if self._pending_bytes + size > _MAX_PENDING_BYTES:
            count = sum(len(batch.lines) for _, batch in streams)
            self._metrics.dropped("queue_full", count, size, host=self._host)
            return
        self._pending += streams
        self._pending_bytes += size
        self._wake.set()

    async def run(self) -> None:
        """Send what was put, until `end` and everything is sent."""
        while self._pending or not self._is_ending:
            await self._wake.wait()
            if not self._is_ending:
                await self._clock.sleep(int(self._config.batchwait) / 1000)
            self._wake.clear()
            streams, self._pending, self._pending_bytes = self._pending, [], 0
            await self.send(streams)

    def end(self) -> None:
        """Let `run` send what waits, and return."""
        self._is_ending = True
        self._wake.set()

    async def send(self, streams: Sequence[TenantStream]) -> None:
        """Send now; returns when everything was taken or given up."""
        by_tenant: dict[str, list[StreamBatch]] = {}
        for tenant, batch in streams:
            by_tenant.setdefault(tenant or self._config.tenant_id, []).append(batch)
        external = self._config.external_labels
        for tenant, batches in by_tenant.items():
            for part in split(batches, int(self._config.batchsize)):
                sent = [with_external(batch, external) for batch in part] if external else part
                await self._deliver(tenant, sent)

    async def _deliver(self, tenant: str, batches: Sequence[StreamBatch]) -> None:
        body = await offload(lambda: snappy.compress(encode_push(batches)))
        count = sum(len(batch.lines) for batch in batches)
        backoff, retries = self._config.backoff_config, 0
        wait = int(backoff.min_period) / 1000
        while True:
            try:
                await self._post(tenant, body)
            except (_Refused, Unavailable) as error:
                self._note(error)
                reason = "rate_limited" if _is_rate_limit(error) else "ingester_error"
                is_last = 0 < backoff.max_retries <= retries + 1
                is_final = isinstance(error, _Refused) or is_last
                if is_final or (_is_rate_limit(error) and self._config.drop_rate_limited_batches):
                    self._metrics.dropped(reason, count, len(body), host=self._host, tenant=tenant)
                    return
            else:
                self._note(None)
                self._metrics.sent_entries.labels(self._host).inc(count)
                self._metrics.sent_bytes.labels(self._host).inc(len(body))
                return
            retries += 1
            self._metrics.retries.labels(self._host, tenant).inc()
            await self._clock.sleep(wait)
            wait = min(2 * wait, int(backoff.max_period) / 1000)

    async def _post(self, tenant: str, body: bytes) -> None:
        headers = {"Content-Type": "application/x-protobuf", **self._config.headers}
        if tenant:
            headers["X-Scope-OrgID"] = tenant
        seconds = int(self._config.timeout) / 1000
        try:
            async with self._http.request(
                self._config.url.reveal(),
                method="POST",
                headers=headers,
                data=body,
                timeout_seconds=seconds,
            ) as response:
                if response.status // 100 == 2:
                    return
                text = (await response.text(errors="replace"))[:_SHOWN_CHARACTERS].strip()
        except (TimedOut, BadInput) as error:  # a secret may be there later
            raise Unavailable(error.message) from error
        message = f"server returned HTTP status {response.status} ({response.reason}): {text}"
        if response.status == 429 or response.status // 100 == 5:
            raise Unavailable(message)
        raise _Refused(message)

    def _note(self, error: ApplianceError | None) -> None:
        """Keep what went wrong, and log it when it is something else than before."""
        message = "" if error is None else error.message
        if message and message != self.error:
            _log.warning("entries cannot be sent to %s: %s", self.shown_url, message)
        self.error = message

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _is_rate_limit(error: ApplianceError) -> bool:
    return "HTTP status 429" in error.message


def _size(batch: StreamBatch) -> int:
    return len(PlainLines.of(batch.lines).text)


def with_external(batch: StreamBatch, external: dict[str, str]) -> StreamBatch:
    """A batch whose stream has further labels; its own ones count more."""
    return StreamBatch(
        labels=batch.labels.extended({**external, **dict(batch.labels)}),
        timestamps_ns=batch.timestamps_ns,
        lines=batch.lines,
        metadata=batch.metadata,
    )


def split(batches: Sequence[StreamBatch], most: int) -> Iterator[list[StreamBatch]]:
    """Requests of at most so many bytes of lines."""
    part: list[StreamBatch] = []
    size = 0
    for piece in itertools.chain.from_iterable(_pieces(batch, most) for batch in batches):
        if part and size + _size(piece) > most:
            yield part
            part, size = [], 0
        part.append(piece)
        size += _size(piece)
    if part:
        yield part


def _pieces(batch: StreamBatch, most: int) -> Iterator[StreamBatch]:
    """Parts of a batch that fit into a request, at least a line each."""
    lines = PlainLines.of(batch.lines)
    if len(lines.text) <= most:
        yield batch
        return
    start = 0
    while start < len(lines):
        limit = int(lines.offsets[start]) + most
        end = max(start + 1, int(np.searchsorted(lines.offsets, limit, side="right")) - 1)
        rows = np.arange(start, end)
        yield StreamBatch(
            labels=batch.labels,
            timestamps_ns=batch.timestamps_ns[start:end],
            lines=lines.take(rows),
            metadata=None if batch.metadata is None else batch.metadata[start:end],
        )
        start = end
