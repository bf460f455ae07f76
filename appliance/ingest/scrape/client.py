"""Asking targets over HTTP, with the headers that Prometheus sends."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput, LimitExceeded, Unavailable
from appliance.http_client.client import HttpClient
from appliance.ingest.scrape.config import NameEscaping, ScrapeProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import aiohttp

    from appliance.base.clock import Clock
    from appliance.ingest.scrape.config import ScrapeConfig
    from appliance.ingest.scrape.target import Target

_MEDIA_TYPES = {
    ScrapeProtocol.PROTO: (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    ),
    ScrapeProtocol.OPENMETRICS_1: "application/openmetrics-text;version=1.0.0",
    ScrapeProtocol.OPENMETRICS_0: "application/openmetrics-text;version=0.0.1",
    ScrapeProtocol.TEXT_1: "text/plain;version=1.0.0",
    ScrapeProtocol.TEXT_0: "text/plain;version=0.0.4",
}
#: Formats that can say how names outside the classic alphabet are escaped.
_WITH_ESCAPING = {ScrapeProtocol.OPENMETRICS_1, ScrapeProtocol.TEXT_1}
_READABLE = {text.partition(";")[0] for text in _MEDIA_TYPES.values()}


@dataclass(frozen=True, slots=True)
class Page:
    """A target's answer, decompressed."""

    body: bytes
    content_type: str


def accept_header(
    protocols: Sequence[ScrapeProtocol], escaping: NameEscaping = NameEscaping.ALLOW_UTF8
) -> str:
    """The `Accept` header for these formats, first the most wanted."""
    weight = len(ScrapeProtocol) + 1
    parts = []
    for protocol in protocols:
        media_type = _MEDIA_TYPES[protocol]
        if protocol in _WITH_ESCAPING:
            media_type += f";escaping={escaping.value}"
        parts.append(f"{media_type};q=0.{weight}")
        weight -= 1
    return ",".join([*parts, f"*/*;q=0.{weight}"])


class JobClient:
    """How the targets of one job are asked.

    Args:
        job: With the defaults filled in and file names that can be opened.
        session: Gives the session; it lives longer than this.
        clock: Tells when tokens expire.
        max_body_bytes: The most that is read when the job sets no limit.
    """

    def __init__(
        self,
        job: ScrapeConfig,
        session: Callable[[], aiohttp.ClientSession],
        clock: Clock,
        *,
        max_body_bytes: int,
    ) -> None:
        self._job = job
        self._limit = int(job.body_size_limit) or max_body_bytes
        self._client = HttpClient(job, session, clock, directory=job.directory)
        escaping = job.metric_name_escaping_scheme or NameEscaping.ALLOW_UTF8
        self._headers = {
            "Accept": accept_header(job.scrape_protocols, escaping),
            "Accept-Encoding": "gzip" if job.enable_compression else "identity",
        }

    async def fetch(self, target: Target) -> Page:
        """Ask a target.

        Raises:
            Unavailable: No connection, or an answer other than 200.
            TimedOut: Not within the target's timeout.
            LimitExceeded: The answer is too long.
            BadInput: Its format is not known, or a certificate cannot be used.
        """
        seconds = target.timeout_ms / 1000
        headers = {**self._headers, "X-Prometheus-Scrape-Timeout-Seconds": f"{seconds:g}"}
        async with self._client.request(
            target.url, headers=headers, timeout_seconds=seconds, decompress=False
        ) as response:
            if response.status != 200:
                status = f"{response.status} {response.reason or ''}".strip()
                raise Unavailable(f"server returned HTTP status {status}")
            body = await self._read(response)
            return Page(body, self._content_type(response.headers.get("Content-Type", "")))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        is_zipped = response.headers.get("Content-Encoding", "").lower() == "gzip"
        unzip = _Unzip(self._limit) if is_zipped else None
        async for raw in response.content.iter_any():
            chunk = raw if unzip is None else unzip.feed(raw)
            size += len(chunk)
            if size > self._limit:
                raise LimitExceeded("body size limit exceeded", limit="body_size_limit")
            chunks.append(chunk)
        if unzip is not None:
            unzip.finish()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _content_type(self, given: str) -> str:
        """The content type to read by; the job's fallback when the target's is of no use."""
        if given.partition(";")[0].strip().lower() in _READABLE:
            return given
        fallback = self._job.fallback_scrape_protocol
        if fallback is not None:
            return _MEDIA_TYPES[fallback]
        end = "and no fallback_scrape_protocol specified for target"
        if not given:
            raise BadInput(f"non-compliant scrape target sending blank Content-Type {end}")
        raise BadInput(f"received unsupported Content-Type {given!r} {end}")


class _Unzip:
    """Reads gzip in pieces, of one member or several, at most a little more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._left = limit + 1
        self._member = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> bytes:
        """What the next piece holds.

        Raises:
            Unavailable: It is not gzip.
        """
        found = b""
        while data and self._left > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                piece = self._member.decompress(data, self._left)
            except zlib.error as error:
                raise Unavailable(f"the body is not gzip: {error}") from error
            found += piece
            self._left -= len(piece)
            data = self._member.unused_data
        return found

    def finish(self) -> None:
        """Insist on having read all of it.

        Raises:
            Unavailable: It ends too early.
        """
        if not self._member.eof:
            raise Unavailable("unexpected EOF")
