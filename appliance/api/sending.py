"""Takes down who sends what, request by request, where it comes in (`ingest/senders.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from appliance.api.http import DEFAULT_TENANT, HTTP
from appliance.api.request import BODY_BYTES
from appliance.base.errors import ApplianceError
from appliance.ingest.senders import SenderKey

if TYPE_CHECKING:
    from types import TracebackType

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.model.accepted import Accepted, Origin

_AGENT_CHARS = 200


class Sending:
    """One request from when it is read; a context manager that takes it down at its end.

    What is raised inside is taken down as the failure of the request, and goes on.

    Attributes:
        size_bytes: Of the body, after decompression.
    """

    __slots__ = ("_deps", "_items", "_key", "_origins", "_reasons", "_rejected", "_request",
                 "size_bytes")  # fmt: skip

    def __init__(self, deps: HttpDeps, key: SenderKey, request: web.Request | None = None) -> None:
        self._deps = deps
        self._key = key
        self._request = request
        self._items = self._rejected = self.size_bytes = 0
        self._origins: tuple[Origin, ...] = ()
        self._reasons: list[tuple[str, int]] = []

    def took(self, accepted: Accepted, origins: tuple[Origin, ...] = ()) -> None:
        """What a door made of it."""
        self._items, self._rejected = accepted.count, accepted.rejected_count
        self._origins = origins or accepted.origins
        if accepted.rejected_count:
            self._reasons = [(one.reason, one.count) for one in accepted.rejected[:3]]

    def stored(
        self,
        items: int,
        *,
        rejected: int = 0,
        reasons: tuple[str, ...] = (),
        origins: tuple[Origin, ...] = (),
    ) -> None:
        """The same for doors that tell it otherwise."""
        self._items, self._rejected, self._origins = items, rejected, origins
        self._reasons = [(reason, 1) for reason in reasons[:3]]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not self._items and not self._rejected:
            self._reasons = [(_said(error), 1)] if isinstance(error, Exception) else []
        size = self.size_bytes
        if self._request is not None:
            size = self._request.get(BODY_BYTES, 0)
        self._deps.senders.note(
            self._key,
            self._deps.clock.now_ms(),
            items=self._items,
            rejected=self._rejected,
            size_bytes=size,
            failed=error is not None and not self._items,
            origins=self._origins,
            reasons=self._reasons,
        )


def sending(request: web.Request, signal: str, protocol: str) -> Sending:
    """Take down a request over HTTP."""
    headers = request.headers
    key = SenderKey(
        signal,
        protocol,
        headers.get("X-Scope-OrgID", "")[:150] or DEFAULT_TENANT,
        request.remote or "",
        headers.get("User-Agent", "")[:_AGENT_CHARS],
    )
    return Sending(request.app[HTTP], key, request)


def sending_call(deps: HttpDeps, call: Call, body: bytes, signal: str, protocol: str) -> Sending:
    """Take down a call over gRPC."""
    agent = str(call.metadata.get("user-agent", ""))[:_AGENT_CHARS]
    remote = call.sender.partition(" ")[0]
    made = Sending(deps, SenderKey(signal, protocol, call.tenant, remote, agent))
    made.size_bytes = len(body)
    return made


def _said(error: BaseException) -> str:
    if isinstance(error, ApplianceError):
        return error.message
    if isinstance(error, web.HTTPException):
        return error.text or error.reason
    return f"{type(error).__name__}: see the log"
