"""Traces from and to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.http import HTTP, require_control, tenant_of
from appliance.api.request import body_of, run_query
from appliance.api.traces.deps import TRACES, spans_of, trace_id_of, traces_of
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from appliance.model.sources import Guard

_MAX_IDS = 1000


async def export(request: web.Request) -> web.Response:
    """`GET /api/ui/traces/{trace_id}/export`: the trace as a file, as it came.

    Raises:
        NotFound: The trace is not here.
        BadInput: The format is unknown.
    """
    traces, trace_id = traces_of(request), trace_id_of(request)
    form = request.query.get("format", "") or "jaeger"

    def write(guard: Guard) -> bytes:
        from appliance.wire.trace_files.write import write_trace_file  # noqa: PLC0415 - protobuf

        return write_trace_file(spans_of(traces, trace_id, guard), form)

    body = await run_query(request, write)
    name = f'attachment; filename="trace-{trace_id.hex()}.{form}.json"'
    return web.Response(
        body=body, content_type="application/json", headers={"Content-Disposition": name}
    )


async def import_(request: web.Request) -> web.Response:
    """`POST /api/ui/traces/import`: store the traces of a file.

    Raises:
        BadInput: The file has none of the known formats.
    """
    require_control(request)
    body, now_ns = await body_of(request), request.app[HTTP].clock.now_ns()
    form, content, ids = await offload(_read, body, now_ns)
    accepted = await request.app[TRACES].door.accept(
        tenant_of(request), content, protocol=f"file_{form}", translate=_as_it_is
    )
    document = {
        "format": form,
        "spans": accepted.count,
        "traces": [trace_id.hex() for trace_id in ids[:_MAX_IDS]],
        "trace_count": len(ids),
        "rejected": accepted.rejected_count,
        "message": accepted.describe(),
    }
    return web.Response(body=orjson.dumps(document), content_type="application/json")


def _read(body: bytes, now_ns: int) -> tuple[str, bytes, list[bytes]]:
    """Format, request and trace ids of a file."""
    from appliance.wire.otlp.by_trace import spans_by_trace  # noqa: PLC0415 - protobuf
    from appliance.wire.trace_files.read import read_trace_file  # noqa: PLC0415 - protobuf

    found = read_trace_file(body, now_ns=now_ns)
    return found.form, found.request, list(spans_by_trace(found.request))


def _as_it_is(body: bytes) -> bytes:
    return body
