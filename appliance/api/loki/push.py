"""Loki's HTTP API: push, also under its first path and as OTLP (Loki 3, "Ingest logs")."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api import otlp_http
from appliance.api.errors import Failure, Kind, loki_push, text_response
from appliance.api.http import HTTP, require_token, sender_of, tenant_of, with_contract
from appliance.api.loki.deps import LOKI, PREFIX
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.ingest.otlp import Signal
from appliance.model.accepted import Origin
from appliance.wire.loki_labels import UNKNOWN_SERVICE, with_service_name

if TYPE_CHECKING:
    from appliance.model.accepted import Accepted
    from appliance.model.log import StreamBatch

_OFFLOAD_FROM_BYTES = 16 << 10
#: Streams of a request whose services are told.
_ORIGINS = 16
_NO_STREAMS = "error at least one valid stream is required for ingestion"
_OTLP_TYPES = {"application/x-protobuf": False, "application/json": True}


def routes() -> list[web.RouteDef]:
    """The paths."""
    pushes = [web.post(path, _push) for path in (PREFIX + "/push", "/api/prom/push")]
    otlp = [web.post(path, _push_otlp) for path in ("/otlp/v1/logs", "/otlp")]
    return [*with_contract(loki_push, pushes), *with_contract(as_status, otlp)]


async def _push(request: web.Request) -> web.Response:
    with sending(request, "logs", "loki") as sent:
        streams = await streams_of(request)
        if not streams:
            return text_response(Failure(Kind.BAD_INPUT, _NO_STREAMS, 422), 422)
        accepted = await request.app[LOKI].door.accept(
            tenant_of(request), streams, source=sender_of(request)
        )
        sent.took(accepted, origins_in(streams))
    if accepted.rejected_count:
        return text_response(Failure(Kind.BAD_INPUT, grouped(accepted), 400), 400)
    return web.Response(status=204)


def origins_in(streams: list[StreamBatch]) -> tuple[Origin, ...]:
    """The services of the first streams."""
    names = [with_service_name(one.labels).get("service_name") for one in streams[:_ORIGINS]]
    return tuple(Origin(name) for name in dict.fromkeys(names) if name != UNKNOWN_SERVICE)


async def streams_of(request: web.Request) -> list[StreamBatch]:
    """What a push request holds.

    Raises:
        BadInput: It cannot be decoded.
    """
    require_token(request)
    body = await _body(request, raw=("snappy",))
    # Whatever is not called JSON is protobuf, also without a content type.
    is_json = request.content_type == "application/json"
    decode = partial(_decode_json if is_json else _decode_protobuf, request)
    return decode(body) if len(body) < _OFFLOAD_FROM_BYTES else await offload(decode, body)


async def _body(request: web.Request, *, raw: tuple[str, ...] = ()) -> bytes:
    try:
        return await body_of(request, raw=raw)
    except web.HTTPUnsupportedMediaType as error:
        raise BadInput(error.text or error.reason) from error


def _decode_json(request: web.Request, body: bytes) -> list[StreamBatch]:
    from appliance.wire.loki import decode_push_json  # noqa: PLC0415 - protobuf

    encoding = request.headers.get("Content-Encoding", "").lower()
    if encoding == "snappy":
        raise BadInput('Content-Encoding "snappy" not supported')
    return decode_push_json(body, now_ns=request.app[HTTP].clock.now_ns())


def _decode_protobuf(request: web.Request, body: bytes) -> list[StreamBatch]:
    """Protobuf is in a snappy block, whatever `Content-Encoding` says of it."""
    from appliance.wire import snappy  # noqa: PLC0415
    from appliance.wire.loki import decode_push_protobuf  # noqa: PLC0415 - protobuf

    limit = request.app[HTTP].limits.decompressed_bytes
    return decode_push_protobuf(snappy.decompress(body, limit=limit))


async def _push_otlp(request: web.Request) -> web.Response:
    with sending(request, "logs", "otlp_http") as sent:
        require_token(request)
        is_json = _OTLP_TYPES.get(request.content_type)
        if is_json is None:
            given = request.headers.get("Content-Type", "")
            raise BadInput(f"content type: {given} is not supported")
        body = await _body(request)
        door = request.app[otlp_http.OTLP].door
        accepted = await door.accept(
            Signal.LOGS, tenant_of(request), body, is_json=is_json, source=sender_of(request)
        )
        sent.took(accepted)
    if accepted.rejected_count:
        raise BadInput(grouped(accepted))
    return web.Response(status=204)


def grouped(accepted: Accepted) -> str:
    """Reasons in one line, each once (Loki, pkg/util, `GroupedErrors`)."""
    counts: Counter[str] = Counter()
    for reject in accepted.rejected:
        counts[reject.reason] += reject.count
    if len(counts) == 1 and counts.total() == 1:
        return next(iter(counts))
    return "; ".join(f"{count} errors like: {reason}" for reason, count in counts.items())


def as_status(request: web.Request, failure: Failure) -> web.Response:
    """Loki's answer to OTLP that it cannot take: a google.rpc.Status without a code.

    What is nobody's fault is 503, for senders do not repeat what is answered with 500.
    """
    del request
    from appliance.wire.otlp.response import encode_status  # noqa: PLC0415 - protobuf

    return web.Response(
        body=encode_status(0, failure.message, as_json=False),
        status=503 if failure.status == 500 else failure.status,
        headers=failure.headers,
        content_type="application/octet-stream",
    )
