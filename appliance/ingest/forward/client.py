"""Sending requests to another server over HTTP, with login and TLS as configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from appliance.base.errors import ApplianceError, BadInput, TimedOut, Unavailable
from appliance.http_client.client import HttpClient
from appliance.ingest.scrape.remote_config import WriteMessage

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.ingest.scrape.remote_config import RemoteWriteConfig

_VERSIONS = {WriteMessage.V1: "0.1.0", WriteMessage.V2: "2.0.0"}
_CONTENT_TYPES = {
    WriteMessage.V1: "application/x-protobuf",
    WriteMessage.V2: f"application/x-protobuf;proto={WriteMessage.V2.value}",
}
_SHOWN_CHARACTERS = 512


class Refused(ApplianceError):  # noqa: N818 - an answer, not a failure of ours
    """The server will never take this request."""


class RemoteClient:
    """How one server is reached.

    Args:
        config: Login, TLS and headers; its file names can be opened as they are.
        directory: Where files of further headers are.
    """

    def __init__(self, config: RemoteWriteConfig, clock: Clock, directory: Path) -> None:
        self._config = config
        self._session: aiohttp.ClientSession | None = None
        self._client = HttpClient(config, self._open_session, clock, directory=directory)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def send(self, body: bytes, *, message: WriteMessage) -> None:
        """Send one request.

        Raises:
            Unavailable: It may be taken later; says when if the server did.
            Refused: It will not.
        """
        headers = {
            "Content-Type": _CONTENT_TYPES[message],
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": _VERSIONS[message],
            **self._config.headers,
        }
        seconds = int(self._config.remote_timeout) / 1000
        try:
            async with self._client.request(
                self._config.url, method="POST", headers=headers, data=body, timeout_seconds=seconds
            ) as response:
                if response.status // 100 != 2:
                    text = (await response.text(errors="replace"))[:_SHOWN_CHARACTERS].strip()
                    raise self._explained(response, text)
        except (TimedOut, BadInput) as error:  # a secret may be there later
            raise Unavailable(error.message, retry_after_seconds=0.0) from error

    def _explained(self, response: aiohttp.ClientResponse, text: str) -> ApplianceError:
        status = response.status
        message = f"server returned HTTP status {status} {response.reason or ''}: {text}"
        is_patient = status == 429 and self._config.queue_config.retry_on_http_429
        if status // 100 != 5 and not is_patient:
            return Refused(message)
        wait = response.headers.get("Retry-After", "")
        seconds = float(wait) if wait.isdecimal() and wait.isascii() else 0.0
        return Unavailable(message, retry_after_seconds=seconds)

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
