"""Single spans of a trace: all that is known of one, and those that have a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.jaeger.answers import answer_bytes
from appliance.api.traces.deps import limit_of, spans_of, trace_id_of, traces_of
from appliance.base.errors import BadInput, NotFound
from appliance.traces.find_in import find_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aiohttp import web

    from appliance.model.sources import Guard
    from appliance.model.trace import StoredSpan

_MOST_FOUND = 20_000


async def span(request: web.Request) -> web.Response:
    """`GET /api/ui/traces/{trace_id}/spans/{span_id}`: resource, scope and span as OTLP/JSON.

    More than one where a client and a server share an id.

    Raises:
        NotFound: The trace is not here, or has no such span.
        BadInput: The id is none.
    """
    traces, trace_id = traces_of(request), trace_id_of(request)
    wanted = _span_id(request.match_info["span_id"])

    def encode(guard: Guard) -> bytes:
        found = list(_with_id(spans_of(traces, trace_id, guard), wanted))
        if not found:
            raise NotFound(f"trace {trace_id.hex()} has no span {wanted.hex()}")
        return orjson.dumps({"trace_id": trace_id.hex(), "spans": found})

    return await answer_bytes(request, encode)


async def find(request: web.Request) -> web.Response:
    """`GET /api/ui/traces/{trace_id}/find?q=…`: ids of the spans that have a text or `key=value`.

    Raises:
        NotFound: The trace is not here.
        BadInput: There is no text.
    """
    traces, trace_id, text = traces_of(request), trace_id_of(request), request.query.get("q", "")
    limit = limit_of(request, _MOST_FOUND, _MOST_FOUND)
    if not text.strip(' ="'):
        raise BadInput("'q' is empty; write a text or key=value")

    def encode(guard: Guard) -> bytes:
        ids, is_partial = find_spans(spans_of(traces, trace_id, guard), text, guard, most=limit)
        return orjson.dumps({"spans": [one.hex() for one in ids], "is_partial": is_partial})

    return await answer_bytes(request, encode)


def _with_id(stored: Sequence[StoredSpan], wanted: bytes) -> Iterator[dict[str, Any]]:
    from opentelemetry.proto.common.v1.common_pb2 import (  # noqa: PLC0415 - lazy
        InstrumentationScope,
    )
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource  # noqa: PLC0415 - lazy
    from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - lazy

    from appliance.wire.otlp.print_json import to_object  # noqa: PLC0415 - protobuf

    for one in stored:
        if wanted not in one.span:  # most spans need not be read
            continue
        message = Span.FromString(one.span)
        if message.span_id == wanted:
            yield {
                "resource": to_object(Resource.FromString(one.resource)),
                "scope": to_object(InstrumentationScope.FromString(one.scope)),
                "span": to_object(message),
            }


def _span_id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 8:
        raise BadInput(f"{text[:50]!r} is no span id (16 hexadecimal digits)")
    return found
