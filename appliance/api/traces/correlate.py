"""From one signal to the others, for the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.http import tenant_of
from appliance.api.jaeger.answers import answer_bytes
from appliance.api.request import body_of
from appliance.api.traces.deps import (
    TRACES,
    limit_of,
    spans_of,
    trace_id_of,
    traces_of,
    window_of,
)
from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.correlate.exemplars import traced_exemplars
from appliance.correlate.services import Sources, services_selector, signals_of_service
from appliance.correlate.trace_ids import find_references
from appliance.correlate.trace_logs import id_forms
from appliance.correlate.trace_logs import logs_of_trace as find_logs
from appliance.traces.criteria import KINDS
from appliance.traces.trace import TraceSpan, read_trace
from appliance.traces.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.api.jaeger.deps import TenantTraces
    from appliance.correlate.trace_ids import TraceReference
    from appliance.correlate.trace_logs import LogHit
    from appliance.model.sources import Guard

_MS = 1_000_000
_USUAL_PAD_MS = 60_000
_MAX_PAD_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """A log entry, or an exemplar that has only labels, as a client describes it."""

    labels: Mapping[str, str]
    line: str
    metadata: Mapping[str, str]


async def logs_of_trace(request: web.Request) -> web.Response:
    """`GET /api/ui/correlate/traces/{trace_id}/logs`.

    Raises:
        NotFound: The trace is not here.
        BadInput: `pad` is no duration.
    """
    traces, trace_id, pad_ns = traces_of(request), trace_id_of(request), _pad_ns(request)
    logs, limit = request.app[TRACES].logs(traces.tenant), limit_of(request, 100, 5000)

    def encode(guard: Guard) -> bytes:
        spans = read_trace(spans_of(traces, trace_id, guard))
        window = _around(spans, pad_ns)
        found = find_logs(logs, trace_id, window, guard=guard, limit=limit)
        selector = services_selector(sorted({span.service for span in spans if span.service}))
        return orjson.dumps(
            {
                "trace_id": trace_id.hex(),
                "start_ns": str(window.start_ns),
                "end_ns": str(window.end_ns),
                "services_query": selector,
                "query": _query(selector, id_forms(trace_id)),
                "is_partial": found.is_partial,
                "entries": [_entry(hit) for hit in found.hits],
            }
        )

    return await answer_bytes(request, encode)


def _query(selector: str, forms: list[str]) -> str:
    """Entries with the id in the line or in the metadata `trace_id`.

    A filter of lines passes over metadata, so the line is looked at by a label's template.
    """
    in_line = f'label_format trace_id_in_line=`{{{{ contains "{forms[-1]}" __line__ }}}}`'
    named = " or ".join(f"trace_id=`{form}`" for form in forms)
    return f"{selector} | {in_line} | trace_id_in_line=`true` or {named}"


async def traces_of_log(request: web.Request) -> web.Response:
    """`POST /api/ui/correlate/log`: the traces that a log entry or an exemplar refers to.

    Raises:
        BadInput: The body does not describe one.
    """
    traces, body = traces_of(request), await body_of(request)

    def encode(guard: Guard) -> bytes:
        entry = _read_entry(body)
        found = find_references(labels=entry.labels, line=entry.line, metadata=entry.metadata)
        show = _References(traces, guard).show
        return orjson.dumps({"traces": [show(one) for one in found]})

    return await answer_bytes(request, encode)


async def exemplars(request: web.Request) -> web.Response:
    """`GET /api/ui/correlate/exemplars`: exemplars of a query's series, with their traces.

    Raises:
        BadInput: The query cannot be parsed.
    """
    from appliance.promql.parser import parse  # noqa: PLC0415 - only here
    from appliance.promql.selectors import selectors_of  # noqa: PLC0415 - only here

    traces, window = traces_of(request), window_of(request)
    limit = limit_of(request, 100, 5000)
    matchers = [one.matchers for one in selectors_of(parse(request.query.get("query", "")))]
    series = request.app[TRACES].series(traces.tenant)

    def encode(guard: Guard) -> bytes:
        found = list(traced_exemplars(series, matchers, window, guard=guard))
        found.sort(key=lambda one: one.exemplar.timestamp_ms, reverse=True)
        show = _References(traces, guard).show
        rows = [
            {
                "series": dict(one.series),
                "labels": dict(one.exemplar.labels),
                "value": one.exemplar.value,
                "timestamp_ms": one.exemplar.timestamp_ms,
                **show(one.reference),
            }
            for one in found[:limit]
        ]
        return orjson.dumps({"exemplars": rows, "is_partial": len(found) > limit})

    return await answer_bytes(request, encode)


async def signals(request: web.Request) -> web.Response:
    """`GET /api/ui/correlate/services/{service}`: what there is of a service in all signals."""
    deps, tenant = request.app[TRACES], tenant_of(request)
    service, window = request.match_info["service"], window_of(request)
    sources = Sources(deps.series(tenant), deps.logs(tenant), deps.jaeger.spans(tenant))

    def encode(guard: Guard) -> bytes:
        found = signals_of_service(sources, service, window, guard=guard)
        return orjson.dumps(
            {
                "service": service,
                "logs": [
                    {
                        "label": one.label,
                        "selector": one.selector,
                        "streams": [dict(labels) for labels in one.streams],
                    }
                    for one in found.logs
                ],
                "metrics": [
                    {"label": one.label, "selector": one.selector, "names": one.names}
                    for one in found.metrics
                ],
                "operations": [
                    {"name": name, "kind": KINDS[kind]} for name, kind in found.operations
                ],
                "is_partial": found.is_partial,
            }
        )

    return await answer_bytes(request, encode)


def _around(spans: Sequence[TraceSpan], pad_ns: int) -> Window:
    start, end = min(span.start_ns for span in spans), max(span.end_ns for span in spans)
    return Window.of(start - pad_ns, end + pad_ns + 1)


def _pad_ns(request: web.Request) -> int:
    text = request.query.get("pad", "")
    pad_ms = parse_duration(text) if text else _USUAL_PAD_MS
    if pad_ms > _MAX_PAD_MS:
        raise BadInput(f"'pad' is {text!r}; at most a day is possible")
    return pad_ms * _MS


def _entry(hit: LogHit) -> dict[str, object]:
    return {
        "timestamp_ns": str(hit.timestamp_ns),
        "labels": dict(hit.labels),
        "metadata": dict(hit.metadata),
        "line": hit.line.decode(errors="replace"),
        "via": hit.via,
    }


class _References:
    """References as they are shown, with whether their traces are here; each is looked for once."""

    def __init__(self, traces: TenantTraces, guard: Guard) -> None:
        self._traces = traces
        self._guard = guard
        self._known: dict[bytes, bool] = {}

    def show(self, one: TraceReference) -> dict[str, Any]:
        """One of them."""
        self._guard.check()
        if one.trace_id not in self._known:
            self._known[one.trace_id] = self._traces.has(one.trace_id, self._guard)
        return {
            "trace_id": one.trace_id.hex(),
            "span_id": one.span_id.hex(),
            "via": one.via,
            "name": one.name,
            "exists": self._known[one.trace_id],
        }


def _read_entry(body: bytes) -> _Entry:
    try:
        document = orjson.loads(body)
        entry = _Entry(
            document.get("labels") or {},
            document.get("line") or "",
            document.get("metadata") or {},
        )
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise BadInput(f"the body is not a JSON object: {error}") from error
    texts = [entry.line]
    for fields in (entry.labels, entry.metadata):
        if not isinstance(fields, dict):
            raise BadInput("labels and metadata have to be objects of strings")
        texts += fields.values()
    if not all(isinstance(text, str) for text in texts):
        raise BadInput("labels, metadata and line have to be strings")
    return entry
