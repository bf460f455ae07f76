"""Traces: search, by id, archive, and OTLP brought into the page's form."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.api.http import HTTP, require_control
from appliance.api.jaeger.answers import answer, answer_found, compact, is_pretty
from appliance.api.jaeger.deps import JAEGER, traces_of
from appliance.api.jaeger.parameters import parse_bool, parse_search, whole_number
from appliance.api.request import body_of, run_query
from appliance.base.errors import NotFound
from appliance.traces.find import find_traces
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiohttp import web

    from appliance.api.jaeger.answers import Found
    from appliance.api.jaeger.deps import TenantTraces
    from appliance.api.jaeger.parameters import Asked
    from appliance.model.sources import Guard

_NOT_FOUND = "trace not found"


async def search(request: web.Request) -> web.Response:
    """`GET /api/traces`: by conditions, or by several ids."""
    traces, printer = traces_of(request), _Printer(is_pretty(request))
    asked = parse_search(request.query, request.app[HTTP].clock.now_ns())
    if asked.ids:
        return await answer_found(request, lambda guard: _by_ids(traces, asked, printer, guard))

    def find(guard: Guard) -> list[object]:
        ids = find_traces(traces.source, asked.search, guard)
        return printer.traces(traces.load(ids, guard, raw=asked.raw), guard)

    return await answer(request, find)


def _by_ids(traces: TenantTraces, asked: Asked, printer: _Printer, guard: Guard) -> Found:
    """Traces that are known, and an error for each that is not."""
    from appliance.wire.jaeger import page_json  # noqa: PLC0415 - protobuf

    data: list[object] = []
    missing: list[object] = []
    for trace_id in dict.fromkeys(asked.ids):
        found = printer.traces(traces.load([trace_id], guard, raw=asked.raw), guard)
        data += found
        if not found:
            missing.append(page_json.error(_NOT_FOUND, trace_id=trace_id))
    return data, missing or None


async def trace(request: web.Request) -> web.Response:
    """`GET /api/traces/{trace_id}`.

    Raises:
        NotFound: It is not here.
    """
    traces, trace_id = traces_of(request), parse_trace_id(request.match_info["trace_id"])
    for name in ("start", "end"):
        whole_number(request.query, name)  # only to refuse nonsense: a trace is found without
    raw, printer = parse_bool(request.query, "raw"), _Printer(is_pretty(request))

    def find(guard: Guard) -> list[object]:
        found = printer.traces(traces.load([trace_id], guard, raw=raw), guard)
        if not found:
            raise NotFound(_NOT_FOUND)
        return found

    return await answer(request, find)


async def archive(request: web.Request) -> web.Response:
    """`POST /api/archive/{trace_id}`: keep a trace whatever retention does.

    Raises:
        NotFound: It is not here.
    """
    require_control(request)
    traces, trace_id = traces_of(request), parse_trace_id(request.match_info["trace_id"])
    spans = await run_query(request, lambda guard: traces.spans(trace_id, guard))
    if not spans:
        raise NotFound(_NOT_FOUND)
    kept = request.app[JAEGER].archive.keep
    done = await run_query(request, lambda _: kept(traces.tenant, trace_id, spans))
    await asyncio.wrap_future(done)
    return await answer_found(request, lambda _: ([], []))


async def transform(request: web.Request) -> web.Response:
    """`POST /api/transform`: OTLP/JSON in the form of the page; nothing is stored.

    Raises:
        BadInput: Not such a document.
    """
    body, printer = await body_of(request), _Printer(is_pretty(request))

    def convert(guard: Guard) -> list[object]:
        from appliance.wire.otlp.by_trace import spans_by_trace  # noqa: PLC0415 - protobuf
        from appliance.wire.otlp.json import traces_from_json  # noqa: PLC0415 - protobuf
        from appliance.wire.span_json import group_spans  # noqa: PLC0415 - protobuf

        found = map(group_spans, spans_by_trace(traces_from_json(body)).values())
        return printer.traces(found, guard)

    return await answer(request, convert)


@dataclass(frozen=True, slots=True)
class _Printer:
    """Traces as JSON."""

    is_pretty: bool

    def traces(self, found: Iterable[Sequence[Any]], guard: Guard) -> list[object]:
        """For `page_json.encode`.

        Args:
            found: ResourceSpans messages of each.

        Raises:
            LimitExceeded: As the guard says.
        """
        from appliance.wire.jaeger import page_json  # noqa: PLC0415 - protobuf

        pretty = self.is_pretty
        return [compact(page_json.trace(groups), guard, pretty=pretty) for groups in found]
