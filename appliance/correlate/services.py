"""What there is of a service: log streams, metrics and operations that carry its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.matcher import Matcher, MatchOp
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.labels import Labels
    from appliance.model.sources import Guard, LogSource, SeriesSource, SpanSource
    from appliance.traces.window import Window

#: Labels that tell the service, the surest first.
SERVICE_LABELS = (
    "service_name",
    "service",
    "service.name",
    "job",
    "app",
    "exported_job",
    "container",
)
#: Streams, metrics of a label, and operations: more are not told.
MOST = 1000
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class ServiceStreams:
    """Log streams with the name under one label; `selector` is LogQL."""

    label: str
    selector: str
    streams: Sequence[Labels]


@dataclass(frozen=True, slots=True)
class ServiceMetrics:
    """Metrics with the name under one label; `selector` is PromQL."""

    label: str
    selector: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class ServiceSignals:
    """Everything of a service.

    Attributes:
        operations: (name, kind as OTLP's number).
        is_partial: There is more than `MOST` of something.
    """

    service: str
    logs: Sequence[ServiceStreams]
    metrics: Sequence[ServiceMetrics]
    operations: Sequence[tuple[str, int]]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """What is stored for one tenant."""

    series: SeriesSource
    logs: LogSource
    spans: SpanSource


def signals_of_service(
    sources: Sources, service: str, window: Window, *, guard: Guard
) -> ServiceSignals:
    """All signals with data in the window; operations of any time.

    Of what there is very much only the first `MOST` are told.

    Raises:
        TimedOut: As the guard says.
    """
    logs: list[ServiceStreams] = []
    metrics: list[ServiceMetrics] = []
    is_partial = False
    start_ms, end_ms = window.start_ns // _MS, window.end_ns // _MS
    for label in SERVICE_LABELS:
        guard.check()
        matchers = (_matcher(label, service),)
        streams = sources.logs.series([matchers], window.start_ns, window.end_ns)
        if streams:
            logs.append(ServiceStreams(label, _selector(matchers[0]), streams[:MOST]))
        names = sources.series.label_values("__name__", [matchers], start_ms, end_ms)
        if names:
            metrics.append(ServiceMetrics(label, _selector(matchers[0]), names[:MOST]))
        is_partial |= max(len(streams), len(names)) > MOST
    operations = sources.spans.operations(service)
    is_partial |= len(operations) > MOST
    return ServiceSignals(service, logs, metrics, operations[:MOST], is_partial)


def _matcher(label: str, service: str) -> Matcher:
    """`job` is `namespace/name` where OTLP metrics became series."""
    if label in {"job", "exported_job"}:
        return Matcher(label, MatchOp.REGEX, f"(.+/)?{re.escape(service)}")
    return Matcher(label, MatchOp.EQUAL, service)


def _selector(matcher: Matcher) -> str:
    name = matcher.name if _NAME.fullmatch(matcher.name) else quote(matcher.name)
    return f"{{{name}{matcher.op.value}{quote(matcher.value)}}}"


def services_selector(services: Sequence[str]) -> str:
    """A LogQL selector of the streams of some services, or of all of them when none is given."""
    names = "|".join(re.escape(name) for name in services) or ".+"
    return f"{{service_name=~{quote(names)}}}"
