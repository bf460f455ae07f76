"""What these paths need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import HTTP, tenant_of
from appliance.api.jaeger.deps import TenantTraces
from appliance.api.loki.params import parse_time_ns
from appliance.base.digits import read_digits
from appliance.base.errors import BadInput, NotFound
from appliance.traces.window import Window
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.api.jaeger.deps import JaegerDeps
    from appliance.ingest.spans import TranslatedSpans
    from appliance.model.sources import Guard, LogSource, SeriesSource
    from appliance.model.trace import StoredSpan

_HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class TracesDeps:
    """What the paths need.

    Attributes:
        jaeger: The traces, archived ones included.
        door: Where imported spans enter.
        series, logs: What is stored for a tenant.
    """

    jaeger: JaegerDeps
    door: TranslatedSpans
    series: Callable[[str], SeriesSource]
    logs: Callable[[str], LogSource]


TRACES = web.AppKey("traces", TracesDeps)


def traces_of(request: web.Request) -> TenantTraces:
    """The traces that a request may see."""
    return TenantTraces(request.app[TRACES].jaeger, tenant_of(request))


def trace_id_of(request: web.Request, name: str = "trace_id") -> bytes:
    """A trace id of the path.

    Raises:
        BadInput: It is none.
    """
    return parse_trace_id(request.match_info[name])


def spans_of(traces: TenantTraces, trace_id: bytes, guard: Guard) -> list[StoredSpan]:
    """The spans of a trace.

    Raises:
        NotFound: It is not here.
    """
    found = traces.spans(trace_id, guard)
    if not found:
        raise NotFound(f"trace {trace_id.hex()} is not here")
    return found


def window_of(request: web.Request) -> Window:
    """`start` (an hour before the end) and `end` (now), as Loki reads times.

    Raises:
        BadInput: They are no times, or the wrong way round.
    """
    end = _time(request, "end", request.app[HTTP].clock.now_ns())
    start = _time(request, "start", end - _HOUR_NS)
    if start > end:
        raise BadInput("'start' must not be after 'end'")
    return Window.of(start, end)


def limit_of(request: web.Request, usual: int, most: int) -> int:
    """The parameter `limit`.

    Raises:
        BadInput: It is no number between 1 and `most`.
    """
    text = request.query.get("limit", "") or str(usual)
    number = read_digits(text) if text.isdecimal() else 0
    if not 1 <= number <= most:
        raise BadInput(f"'limit' must be a number from 1 to {most}, not {text[:50]!r}")
    return number


def _time(request: web.Request, name: str, usual_ns: int) -> int:
    text = request.query.get(name, "")
    try:
        return parse_time_ns(text) if text else usual_ns
    except BadInput as error:
        raise BadInput(f"could not parse '{name}' parameter: {error}") from error
