"""Metric requests to samples (opentelemetry/proto/collector/metrics/v1), as Prometheus maps them.

The rules are those of Prometheus' OTLP receiver with its default settings: `job` and `instance`
from the service's attributes, `target_info` for the others, classic series for histograms and
summaries, and only cumulative temporality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, DataPointFlags

from appliance.model.labels import Labels
from appliance.model.sample import STALE, MetricMetadata, SampleBatch
from appliance.wire.numbers import NAN, print_float
from appliance.wire.otlp.message import MAX_NS, Rejects, parse
from appliance.wire.otlp.metric_name import metric_name
from appliance.wire.otlp.values import label_name, to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.accepted import Reject

_IDENTIFYING = frozenset(["service.name", "service.namespace", "service.instance.id"])
_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_NO_RECORDED_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_STALE = float(STALE)


def decode_metrics(body: bytes) -> tuple[SampleBatch, dict[str, MetricMetadata], list[Reject]]:
    """Read an ExportMetricsServiceRequest.

    Returns:
        Samples; metadata by metric name; and what was refused, one per data point: delta
        temporality, exponential histograms, points without a value, metrics without a name,
        times beyond the year 2262. A reject's index counts all data points of the request.

    Raises:
        BadInput: The body is not such a request.
    """
    request = parse(ExportMetricsServiceRequest, body)
    samples = _Samples()
    for group in request.resource_metrics:
        samples.start_resource(group.resource)
        for scoped in group.scope_metrics:
            for metric in scoped.metrics:
                _decode_metric(metric, samples)
        samples.end_resource()
    return samples.batch(), samples.metadata, samples.rejects.items


class _Samples:
    """The samples of one request, collected point by point."""

    def __init__(self) -> None:
        self.rejects = Rejects()
        self.metadata: dict[str, MetricMetadata] = {}
        self.points_seen = 0
        self._target: dict[str, str] = {}
        self._info: dict[str, str] = {}
        self._latest_ms = -1
        self._rows: dict[Labels, int] = {}
        self._series: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def start_resource(self, resource: Any) -> None:
        attributes = {item.key: item.value for item in resource.attributes}
        name, namespace, instance = (
            to_text(attributes[key]) if key in attributes else ""
            for key in ("service.name", "service.namespace", "service.instance.id")
        )
        job = f"{namespace}/{name}" if name and namespace else name
        self._target = {
            label: value for label, value in (("job", job), ("instance", instance)) if value
        }
        others = [item for item in resource.attributes if item.key not in _IDENTIFYING]
        self._info = _attribute_labels(others)
        self._latest_ms = -1

    def end_resource(self) -> None:
        """Add `target_info`, if there is a target and something to say about it."""
        if self._info and self._target and self._latest_ms >= 0:
            labels = self._info | self._target | {"__name__": "target_info"}
            self._add(labels, self._latest_ms, 1.0)
            self.metadata["target_info"] = MetricMetadata("gauge", "Target metadata", "")

    def point(self, point: Any, parts: list[tuple[str, str, str, float]]) -> None:
        """Keep a data point; a part is (series name, extra label, its value, sample value)."""
        time_ns = point.time_unix_nano
        if time_ns > MAX_NS:
            self.refuse(f"time_unix_nano {time_ns} is out of range")
            return
        time_ms = time_ns // 1_000_000
        stale = point.flags & _NO_RECORDED_VALUE
        base = _attribute_labels(point.attributes) | self._target
        for name, label, label_value, value in parts:
            labels = base | {"__name__": name}
            if label:
                labels[label] = label_value
            self._add(labels, time_ms, _STALE if stale else value)
        self._latest_ms = max(self._latest_ms, time_ms)
        self.points_seen += 1

    def refuse(self, reason: str, *, count: int = 1) -> None:
        """Leave out the next point (or points) of the request."""
        if count:
            self.rejects.add(self.points_seen, reason, count=count)
            self.points_seen += count

    def batch(self) -> SampleBatch:
        return SampleBatch(
            labels=list(self._rows),
            series=np.array(self._series, dtype=np.int64),
            timestamps_ms=np.array(self._times, dtype=np.int64),
            values=np.array(self._values, dtype=np.float64),
        )

    def _add(self, labels: dict[str, str], time_ms: int, value: float) -> None:
        row = self._rows.setdefault(Labels.of(labels), len(self._rows))
        self._series.append(row)
        self._times.append(time_ms)
        self._values.append(value)


def _attribute_labels(attributes: Any) -> dict[str, str]:
    """Attributes as label pairs; keys that become one label have their values joined by `;`."""
    labels: dict[str, str] = {}
    for item in sorted(attributes, key=_key) if len(attributes) > 1 else attributes:
        name = label_name(item.key)
        if not name:
            continue
        text = to_text(item.value)
        labels[name] = f"{labels[name]};{text}" if name in labels else text
    return labels


def _key(attribute: Any) -> str:
    key: str = attribute.key
    return key


def _decode_metric(metric: Any, samples: _Samples) -> None:
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    data = getattr(metric, kind)
    points = data.data_points
    reason = _unsupported(metric, kind, data)
    role = "counter" if kind == "sum" and data.is_monotonic else kind
    name = metric_name(metric.name, metric.unit, role)
    if reason or not name:
        samples.refuse(reason or f"metric name {metric.name!r} is not usable", count=len(points))
        return
    for point in points:
        parts = _PARTS[kind](name, point)
        if parts:
            samples.point(point, parts)
        else:
            samples.refuse(f"metric {metric.name!r}: a data point without a value")
    if points:
        type_name = "gauge" if role == "sum" else role
        samples.metadata[name] = MetricMetadata(type_name, metric.description, metric.unit)


def _unsupported(metric: Any, kind: str, data: Any) -> str:
    """Why no point of a metric can be kept; empty when they can."""
    if kind == "exponential_histogram":
        return f"metric {metric.name!r}: exponential histograms are not stored yet"
    if kind in {"sum", "histogram"} and data.aggregation_temporality != _CUMULATIVE:
        word = "delta" if data.aggregation_temporality == _DELTA else "unspecified"
        return f"metric {metric.name!r}: {word} temporality is not supported, send cumulative"
    return ""


def _number(name: str, point: Any) -> list[tuple[str, str, str, float]]:
    kind = point.WhichOneof("value")
    if kind is None:
        return [(name, "", "", _STALE)] if point.flags & _NO_RECORDED_VALUE else []
    return [(name, "", "", _normal(getattr(point, kind)))]


def _histogram(name: str, point: Any) -> list[tuple[str, str, str, float]]:
    parts = [(f"{name}_count", "", "", float(point.count))]
    if point.HasField("sum"):
        parts.append((f"{name}_sum", "", "", _normal(point.sum)))
    bucket = f"{name}_bucket"
    total = 0
    for bound, count in zip(point.explicit_bounds, point.bucket_counts, strict=False):
        total += count
        if bound != float("inf"):
            parts.append((bucket, "le", print_float(bound), float(total)))
    parts.append((bucket, "le", "+Inf", float(point.count)))
    return parts


def _summary(name: str, point: Any) -> list[tuple[str, str, str, float]]:
    quantiles = [
        (name, "quantile", print_float(item.quantile), _normal(item.value))
        for item in point.quantile_values
    ]
    return [
        (f"{name}_count", "", "", float(point.count)),
        (f"{name}_sum", "", "", _normal(point.sum)),
        *quantiles,
    ]


def _normal(value: float) -> float:
    """A float; every NaN is the ordinary one."""
    value = float(value)
    return value if value == value else float(NAN)  # noqa: PLR0124 - NaN


_PARTS: dict[str, Callable[[str, Any], list[tuple[str, str, str, float]]]] = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "summary": _summary,
}
