"""The remote write receiver, versions 1 and 2 (Prometheus, "Remote-Write specification")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import Failure, Kind, text_response
from appliance.api.http import HTTP, require_token, tenant_of, with_contract
from appliance.api.remote.deps import REMOTE
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.ingest.remote_write import Version

if TYPE_CHECKING:
    from appliance.ingest.remote_write import Written

_PROTOBUF = "application/x-protobuf"
_HEADER = "X-Prometheus-Remote-Write-{}-Written"


def routes() -> list[web.RouteDef]:
    """The one path; errors are plain text there, as Go's `http.Error` gives it."""
    return with_contract(_plain_text, [web.post("/api/v1/write", _write)])


def _plain_text(request: web.Request, failure: Failure) -> web.Response:
    del request
    return text_response(failure, failure.status)


async def _write(request: web.Request) -> web.Response:
    version = _version(request)
    with sending(request, "metrics", f"remote_write_{version.name.lower()}") as sent:
        require_token(request)
        body = await body_of(request, raw=("snappy",))
        tenant, limit = tenant_of(request), request.app[HTTP].limits.decompressed_bytes
        written = await request.app[REMOTE].door.accept(tenant, body, version, limit=limit)
        stored = written.samples + written.histograms
        sent.stored(stored, rejected=written.refused, reasons=tuple(written.reasons))
    if written.reasons:
        failure = Failure(Kind.BAD_INPUT, "\n".join(written.reasons), 400, _headers(written))
        return text_response(failure, 400)
    return web.Response(status=204, headers=_headers(written))


def _headers(written: Written) -> dict[str, str]:
    counts = {
        "Samples": written.samples,
        "Histograms": written.histograms,
        "Exemplars": written.exemplars,
    }
    return {_HEADER.format(name): str(count) for name, count in counts.items()}


def _version(request: web.Request) -> Version:
    """Which message the body is; version 1 unless something is said of it.

    Raises:
        web.HTTPUnsupportedMediaType: Another type, message or compression.
    """
    given = request.headers.get("Content-Type", _PROTOBUF).strip() or _PROTOBUF
    kind, *parameters = given.split(";")
    encoding = request.headers.get("Content-Encoding", "")
    if encoding.lower() not in {"", "snappy"}:
        message = f"{encoding} encoding (compression) is not accepted by this server;"
        raise web.HTTPUnsupportedMediaType(text=f"{message} only snappy is acceptable")
    if kind.strip() != _PROTOBUF:
        message = f"expected {_PROTOBUF} as the first (media) part, got {given} content-type"
        raise web.HTTPUnsupportedMediaType(text=message)
    for parameter in parameters:
        name, equals, value = parameter.strip().partition("=")
        if not equals:
            message = f"expected parameters to be key-values, got {parameter} in {given}"
            raise web.HTTPUnsupportedMediaType(text=f"{message} content-type")
        if name == "proto":
            try:
                return Version(value)
            except ValueError:
                message = f"got {given} content type; unknown remote write protobuf message {value}"
                raise web.HTTPUnsupportedMediaType(text=message) from None
    return Version.V1
