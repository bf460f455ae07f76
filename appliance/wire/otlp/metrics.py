"""Metric requests to samples (opentelemetry/proto/collector/metrics/v1), as Prometheus maps them.

The rules are those of Prometheus' OTLP receiver: `job` and `instance` from the service's
attributes, `target_info` for the others, classic series for histograms and summaries, native
histograms for exponential ones. Deltas are added up by whoever calls, see `Accumulator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, DataPointFlags

from appliance.model.sample import STALE, MetricMetadata, SampleBatch
from appliance.wire.numbers import NAN, print_float
from appliance.wire.otlp.exemplars import by_bucket, exemplars_of
from appliance.wire.otlp.exponential import Unconvertible, explicit, exponential
from appliance.wire.otlp.message import MAX_NS, parse
from appliance.wire.otlp.series import SeriesCollector
from appliance.wire.otlp.translation import Translation, default_translation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.model.accepted import Reject
    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram

_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_NO_RECORDED_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_STALE = float(STALE)
#: (series name, extra label, its value, sample, exemplars)
Part = tuple[str, str, str, "float | Histogram", "Sequence[Exemplar]"]


class Accumulator(Protocol):
    """Adds up the deltas of a series; one sample after the other, by time."""

    def add(
        self, series: tuple[object, ...], start_ms: int, time_ms: int, value: float | Histogram
    ) -> tuple[int, float | Histogram] | str:
        """The start and the sum so far; or why the delta cannot be added."""
        ...


def decode_metrics(
    body: bytes, translation: Translation | None = None, accumulator: Accumulator | None = None
) -> tuple[SampleBatch, dict[str, MetricMetadata], list[Reject]]:
    """Read an ExportMetricsServiceRequest.

    Args:
        accumulator: Without one delta temporality is refused.

    Returns:
        Samples; metadata by metric name; and what was refused, one per data point: deltas out of
        order, histograms without a native form, points without a value, metrics without a name,
        times beyond the year 2262. A reject's index counts all data points of the request.

    Raises:
        BadInput: The body is not such a request.
    """
    request = parse(ExportMetricsServiceRequest, body)
    samples = SeriesCollector(translation or default_translation())
    for group in request.resource_metrics:
        samples.start_resource(group.resource)
        for scoped in group.scope_metrics:
            samples.start_scope(scoped)
            for metric in scoped.metrics:
                _Metric(metric, samples, accumulator).decode()
        samples.end_resource()
    return samples.batch(), samples.metadata, samples.rejects.items


class _Metric:
    """One metric of a request."""

    def __init__(
        self, metric: Any, samples: SeriesCollector, accumulator: Accumulator | None
    ) -> None:
        self._metric = metric
        self._samples = samples
        self._accumulator = accumulator
        self._kind: str = metric.WhichOneof("data") or ""
        self._is_delta = False

    def decode(self) -> None:
        """Add all its points."""
        metric, kind, samples = self._metric, self._kind, self._samples
        if not kind:
            return
        data = getattr(metric, kind)
        role = "counter" if kind == "sum" and data.is_monotonic else kind
        name = samples.translation.metric(metric.name, metric.unit, role)
        reason = "" if name else f"metric name {metric.name!r} is not usable"
        reason = reason or self._temporality(data)
        if reason:
            samples.refuse(reason, count=len(data.data_points))
            return
        points = sorted(data.data_points, key=_time) if self._is_delta else data.data_points
        for point in points:
            self._point(name, point)
        if points:
            type_name = {"sum": "gauge", "exponential_histogram": "histogram"}.get(role, role)
            samples.metadata[name] = MetricMetadata(type_name, metric.description, metric.unit)

    def _temporality(self, data: Any) -> str:
        """Why no point can be kept; empty when they can."""
        if self._kind not in {"sum", "histogram", "exponential_histogram"}:
            return ""
        temporality = data.aggregation_temporality
        self._is_delta = temporality == _DELTA and self._accumulator is not None
        if temporality == _CUMULATIVE or self._is_delta:
            return ""
        word = "delta" if temporality == _DELTA else "unspecified"
        return f"metric {self._metric.name!r}: {word} temporality is not supported, send cumulative"

    def _point(self, name: str, point: Any) -> None:
        samples = self._samples
        if point.time_unix_nano > MAX_NS:
            samples.refuse(f"time_unix_nano {point.time_unix_nano} is out of range")
            return
        base = samples.base_labels(point.attributes)
        try:
            parts = self._parts(name, point)
        except Unconvertible as error:
            samples.refuse(f"metric {self._metric.name!r}: {error}")
            return
        if not parts:
            samples.refuse(f"metric {self._metric.name!r}: a data point without a value")
            return
        start_ms = self._start_ms(point)
        if self._is_delta and not point.flags & _NO_RECORDED_VALUE:
            summed = self._summed(base, parts, start_ms, point)
            if isinstance(summed, str):
                samples.refuse(f"metric {self._metric.name!r}: {summed}")
                return
            start_ms, parts = summed
        time_ms = point.time_unix_nano // 10**6
        for series, label, text, value, exemplars in parts:
            labels = base | {"__name__": series}
            if label:
                labels[label] = text
            samples.add(labels, time_ms, value, start_ms=start_ms, exemplars=exemplars)
        samples.count_point(time_ms)

    def _start_ms(self, point: Any) -> int:
        if self._kind == "gauge" or point.start_time_unix_nano > MAX_NS:
            return 0
        if self._kind == "sum" and not self._metric.sum.is_monotonic:
            return 0
        return int(point.start_time_unix_nano // 10**6)

    def _parts(self, name: str, point: Any) -> list[Part]:
        kind = self._kind
        if kind == "histogram" and self._samples.translation.custom_buckets:
            parts: list[Part] = [(name, "", "", explicit(point), exemplars_of(point))]
        elif kind == "exponential_histogram":
            parts = [(name, "", "", exponential(point), exemplars_of(point))]
        else:
            parts = _PARTS[kind](name, point)
        if point.flags & _NO_RECORDED_VALUE:
            return [(series, label, text, _STALE, ()) for series, label, text, _, _ in parts]
        return parts

    def _summed(
        self, base: dict[str, str], parts: list[Part], start_ms: int, point: Any
    ) -> tuple[int, list[Part]] | str:
        """The start and the parts with all deltas so far, or why not."""
        assert self._accumulator is not None  # noqa: S101 - `_is_delta` says so
        found: list[Part] = []
        time_ms = point.time_unix_nano // 10**6
        key = tuple(sorted(base.items()))
        for series, label, text, value, exemplars in parts:
            identity = (series, label, text, key)
            summed = self._accumulator.add(identity, start_ms, time_ms, value)
            if isinstance(summed, str):
                return summed
            start_ms, total = summed
            found.append((series, label, text, total, exemplars))
        return start_ms, found


def _time(point: Any) -> int:
    time_ns: int = point.time_unix_nano
    return time_ns


def _number(name: str, point: Any) -> list[Part]:
    kind = point.WhichOneof("value")
    if kind is None:
        return [(name, "", "", _STALE, ())] if point.flags & _NO_RECORDED_VALUE else []
    exemplars = exemplars_of(point) if point.exemplars else ()
    return [(name, "", "", _normal(getattr(point, kind)), exemplars)]


def _histogram(name: str, point: Any) -> list[Part]:
    parts: list[Part] = [(f"{name}_count", "", "", float(point.count), ())]
    if point.HasField("sum"):
        parts.append((f"{name}_sum", "", "", _normal(point.sum), ()))
    bounds = [bound for bound in point.explicit_bounds if bound != float("inf")]
    exemplars = by_bucket(point, bounds) if point.exemplars else {}
    bucket = f"{name}_bucket"
    total = 0
    for number, (bound, count) in enumerate(zip(bounds, point.bucket_counts, strict=False)):
        total += count
        shown = exemplars.get(number, ())
        parts.append((bucket, "le", print_float(bound), float(total), shown))
    last = exemplars.get(len(bounds), ())
    parts.append((bucket, "le", "+Inf", float(point.count), last))
    return parts


def _summary(name: str, point: Any) -> list[Part]:
    quantiles: list[Part] = [
        (name, "quantile", print_float(item.quantile), _normal(item.value), ())
        for item in point.quantile_values
    ]
    return [
        (f"{name}_count", "", "", float(point.count), ()),
        (f"{name}_sum", "", "", _normal(point.sum), ()),
        *quantiles,
    ]


def _normal(value: float) -> float:
    """A float; every NaN is the ordinary one."""
    value = float(value)
    return value if value == value else float(NAN)  # noqa: PLR0124 - NaN


_PARTS: dict[str, Callable[[str, Any], list[Part]]] = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "summary": _summary,
}
