"""`/traces`, `/traces/ID` and `/traces/compare`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import orjson
from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.request import run_query
from appliance.api.traces.deps import spans_of, traces_of
from appliance.api.ui.rendering import endpoints_of, json_answer, page, variable, wants_json
from appliance.api.ui.trace_search import Asked, find, nothing, source
from appliance.base.errors import ApplianceError, BadInput, NotFound, TimedOut
from appliance.traces.prefix import ids_with_prefix
from appliance.traces.view import columns_of, view_trace
from appliance.traces.window import Window
from appliance.ui.guides import demo_command, environment
from appliance.ui.trace_form import FIELDS, has_fields, traceql_of, window_of_jaeger
from appliance.ui.traces import summary_of, tree_rows
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from appliance.model.sources import Guard

_ID = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{31,32}", re.ASCII)
#: A page waits so long for its first rows; the browser asks again without that bound.
_FIRST_SECONDS = 1.5
#: Spans that a browser is given, and those that a page lists itself.
MOST_SPANS, _LISTED = 100_000, 200
_LISTED_BYTES = 400_000
_SIMILAR = 10
_NOT_KEPT = {"Cache-Control": "no-store"}


async def traces(request: web.Request) -> web.Response:
    """`GET /traces?q=…`: traces that a TraceQL query finds.

    Raises:
        BadInput: As JSON, the query is wrong.
    """
    text = request.query.get("q", "").strip()
    if _ID.fullmatch(text):
        raise web.HTTPFound(f"/traces/{text.lower()}")
    if not text and has_fields(request.query):
        raise web.HTTPFound(_as_query(request))
    asked, spans = Asked.of(request), source(request)
    if wants_json(request):
        found = await run_query(request, lambda guard: find(spans, asked, guard), label=asked.q)
        return json_answer(found)
    try:
        found = await run_query(
            request,
            lambda guard: find(spans, asked, guard),
            timeout_seconds=_FIRST_SECONDS,
            label=asked.q,
        )
    except TimedOut:
        found = nothing(asked)  # the island asks again, and waits
    except (BadInput, ApplianceError) as error:
        found = nothing(asked, error.message)
    is_first = not found["traces"] and not await run_query(request, lambda _: spans.services())
    at = endpoints_of(request)
    return await page(
        request,
        "traces.html",
        found=found,
        is_first=is_first,
        now_ms=request.app[HTTP].clock.now_ms(),
        environment=environment(at),
        demo=demo_command(at),
    )


def _as_query(request: web.Request) -> str:
    """The address of a form, or of an old link, with a query in place of the fields."""
    kept = [
        (name, value)
        for name, value in request.query.items()
        if name not in {*FIELDS, "q", "lookback", "start", "end"}
    ]
    window = {} if request.query.get("from") else window_of_jaeger(request.query)
    return f"{request.path}?{urlencode([('q', traceql_of(request.query)), *window.items(), *kept])}"


async def trace(request: web.Request) -> web.Response:
    """`GET /traces/ID`: one trace; as JSON its spans are columns (`traces/view.py`).

    Raises:
        NotFound: As JSON, the trace is not here.
    """
    text = variable(request, "trace_id")
    try:
        trace_id = parse_trace_id(text)
    except BadInput as error:
        raise NotFound(f"{text[:80]!r} is no trace id (16 or 32 hexadecimal digits)") from error
    if wants_json(request):
        body = await run_query(request, lambda guard: _columns(request, trace_id, guard))
        return web.Response(body=body, content_type="application/json", headers=_NOT_KEPT)
    spans = await run_query(
        request,
        lambda guard: traces_of(request).source.trace(trace_id, guard, max_bytes=_LISTED_BYTES),
    )
    if not spans:
        return await _missing(request, text, trace_id)
    view = await run_query(request, lambda guard: view_trace(spans, guard, most=5000))
    return await page(
        request,
        "trace.html",
        trace_id=trace_id.hex(),
        summary=summary_of(view),
        rows=tree_rows(view, most=_LISTED),
        is_partial=spans.is_partial or len(view.spans) > _LISTED,
        now_ms=request.app[HTTP].clock.now_ms(),
    )


def _columns(request: web.Request, trace_id: bytes, guard: Guard) -> bytes:
    view = view_trace(spans_of(traces_of(request), trace_id, guard), guard, most=MOST_SPANS)
    summary = summary_of(view)
    facts = {"trace_id": trace_id.hex(), "total": view.total}
    return orjson.dumps(summary | facts | columns_of(view))


async def _missing(request: web.Request, text: str, trace_id: bytes) -> web.Response:
    """The page of a trace that is not here: ids that begin alike, and how long traces are kept."""
    spans = source(request)

    def look(guard: Guard) -> list[str]:
        prefix = (text if len(text) < 32 else trace_id.hex()[:8]).lower()
        found = ids_with_prefix(spans, prefix, Window(), guard, most=_SIMILAR)
        return [one.hex() for one in found]

    try:
        similar = await run_query(request, look, timeout_seconds=_FIRST_SECONDS)
    except TimedOut:
        similar = []
    at = endpoints_of(request)
    return await page(
        request,
        "trace_missing.html",
        status=404,
        trace_id=text,
        similar=similar,
        kept=_kept(request),
        environment=environment(at),
    )


def _kept(request: web.Request) -> str:
    """How long traces are kept, as the settings say; empty when they do not."""
    from appliance.api.tempo.deps import TEMPO  # noqa: PLC0415 - only here

    return request.app[TEMPO].settings().get("retention.traces", "")


async def compare(request: web.Request) -> web.Response:
    """`GET /traces/compare?a=…&b=…`; as JSON what `/api/ui/traces/A/compare/B` answers.

    Raises:
        BadInput: An id is none.
    """
    ids = [request.query.get(name, "").strip().lower() for name in ("a", "b")]
    for one in filter(None, ids):
        parse_trace_id(one)
    if wants_json(request):
        if not all(ids):
            raise BadInput("'a' and 'b' have to be trace ids")
        raise web.HTTPFound(f"/api/ui/traces/{quote(ids[0])}/compare/{quote(ids[1])}")
    now_ms = request.app[HTTP].clock.now_ms()
    return await page(request, "trace_compare.html", first=ids[0], second=ids[1], now_ms=now_ms)
