"""What queries find, before any contract's encoding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.traceql.static import Static


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span of a spanset.

    Attributes:
        name: Empty unless the query asks for names.
        attributes: Fields that the query speaks of, as the answer spells them, in its order.
    """

    span_id: int
    name: str
    start_ns: int
    duration_ns: int
    attributes: Sequence[tuple[str, Static]] = ()


@dataclass(frozen=True, slots=True)
class FoundSpanset:
    """A spanset of a trace.

    Attributes:
        spans: As many as were asked for, ascending by start.
        matched: All of them.
        attributes: Of by() and aggregates.
    """

    spans: Sequence[FoundSpan]
    matched: int
    attributes: Sequence[tuple[str, Static]] = ()


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """A trace of a search's answer.

    Attributes:
        root_service, root_name: Empty when no root span has come.
        service_stats: (spans, errors) by service, of the whole trace.
    """

    trace_id: bytes
    root_service: str
    root_name: str
    start_ns: int
    duration_ns: int
    spansets: Sequence[FoundSpanset] = ()
    service_stats: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A search's answer, newest first.

    Attributes:
        inspected_traces, inspected_spans, inspected_bytes: What was looked at.
    """

    traces: Sequence[FoundTrace]
    inspected_traces: int = 0
    inspected_spans: int = 0
    inspected_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SpanExemplar:
    """A span that stands for a point of a series.

    Attributes:
        labels: As for series; `trace:id` among them.
    """

    labels: Sequence[tuple[str, Static]]
    value: float
    timestamp_ns: int


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """A series of a metrics query.

    Attributes:
        labels: In the order of the query.
        values: float64[step]; NaN where there is no point.
    """

    labels: Sequence[tuple[str, Static]]
    values: NDArray[np.float64]
    exemplars: Sequence[SpanExemplar] = ()


@dataclass(frozen=True, slots=True)
class MetricsResult:
    """A metrics query's answer.

    Attributes:
        steps_ns: int64[step], the times of the points.
        message: Why the answer is partial; empty when it is whole.
    """

    series: Sequence[MetricSeries]
    steps_ns: NDArray[np.int64]
    inspected_spans: int = 0
    inspected_bytes: int = 0
    message: str = ""
