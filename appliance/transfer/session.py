"""Requests of a transfer: bodies of bytes, sent again while the server is busy."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from http.client import HTTPResponse

    from appliance.base.clock import Clock

_SECONDS = 300.0
_ATTEMPTS = 20
_PIECE = 1 << 20
#: Answers after which the same request may succeed.
_BUSY = {429, 503}


class Session:
    """A server, and as whom it is asked.

    Args:
        address: Such as `http://127.0.0.1:9090`.
        is_patient: Whether a server that has answered before is waited for when it goes away; only
            for requests that may be made twice.
        received: Told how many bytes of an answer have come, while it comes.

    Raises:
        BadInput: Not an address.
    """

    def __init__(
        self,
        address: str,
        clock: Clock,
        *,
        tenant: str | None = None,
        token: str | None = None,
        is_patient: bool = False,
        received: Callable[[int], None] | None = None,
    ) -> None:
        if not address.startswith(("http://", "https://")):
            raise BadInput(f"{address!r} is no address; write for example http://127.0.0.1:9090")
        self._address = address.rstrip("/")
        self._clock = clock
        self._is_patient = is_patient
        self._received = received
        self._has_answered = False
        self._headers: dict[str, str] = {}
        if tenant:
            self._headers["X-Scope-OrgID"] = tenant
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, given: Sequence[tuple[str, str]] = ()) -> Any:
        """The `data` of an answer of Prometheus' API."""
        return json.loads(self.fetch(path, given))["data"]

    def fetch(
        self,
        path: str,
        given: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """An answer's bytes. Raises what `post` raises."""
        query = f"?{urllib.parse.urlencode(given)}" if given else ""
        return self._send(path + query, None, headers or {})

    def ask(self, path: str, given: Sequence[tuple[str, str]]) -> Any:
        """The same with the parameters as a form."""
        return json.loads(self._send(path, urllib.parse.urlencode(given).encode(), {}))["data"]

    def form(
        self, path: str, given: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Send parameters as a form; the answer's bytes. Raises what `post` raises."""
        return self._send(path, urllib.parse.urlencode(given).encode(), headers or {})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Send bytes; the answer's.

        Raises:
            BadInput: The server refuses it; with its text.
            Unavailable: There is no server, or it stays busy.
        """
        return self._send(path, body, headers)

    def _send(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        url = self._address + path
        request = urllib.request.Request(url, body, {**self._headers, **headers})  # noqa: S310 - checked above
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                    data = self._read(response)
                self._has_answered = True
            except urllib.error.HTTPError as error:
                text = error.read().decode(errors="replace").strip()
                if error.code not in _BUSY or attempt == _ATTEMPTS:
                    raise BadInput(f"HTTP {error.code}: {_told(text)[:2000]}") from error
                self._wait(error.headers.get("Retry-After"))
            except (OSError, HTTPException) as error:
                if not (self._is_patient and self._has_answered) or attempt == _ATTEMPTS:
                    raise Unavailable(
                        f"{url}: {error}; is the server running? (appliance up)"
                    ) from error
                self._wait(None)
            else:
                return data
        raise Unavailable(f"{url}: stays busy")

    def _read(self, response: HTTPResponse) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if self._received is not None:
                self._received(size)
        if response.length:
            raise OSError(f"the answer ends {response.length} bytes early")
        return b"".join(pieces)

    def _wait(self, told: str | None) -> None:
        seconds = float(told) if told and told.isdigit() else 1.0
        asyncio.run(self._clock.sleep(min(seconds, 30.0)))


def _told(text: str) -> str:
    """What an error says: our own paths and Jaeger's have it in a field of JSON."""
    try:
        document = json.loads(text)
        return str(document["error"] if "error" in document else document["errors"][0]["msg"])
    except (ValueError, KeyError, IndexError, TypeError):
        return text
