"""The samples of one OTLP request, collected point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata, SampleBatch, box_histograms
from appliance.wire.otlp.message import Rejects
from appliance.wire.otlp.values import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.wire.otlp.translation import Translation

_IDENTIFYING = frozenset(["service.name", "service.namespace", "service.instance.id"])
#: `target_info` comes at least this often within what a request covers.
_INFO_STEP_MS = 150_000


class SeriesCollector:
    """Gathers samples, exemplars, metadata and refusals."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        self.rejects = Rejects()
        self.metadata: dict[str, MetricMetadata] = {}
        self.points_seen = 0
        self._target: dict[str, str] = {}
        self._info: dict[str, str] = {}
        self._promoted: dict[str, str] = {}
        self._scope: dict[str, str] = {}
        self._span_ms: tuple[int, int] | None = None
        self._rows: dict[Labels, int] = {}
        self._series: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []
        self._starts: list[int] = []
        self._histograms: list[Histogram] = []
        self._exemplars: list[tuple[int, Exemplar]] = []

    # -- what points belong to

    def start_resource(self, resource: Any) -> None:
        """The next points are of this resource."""
        attributes = {item.key: item.value for item in resource.attributes}
        name, namespace, instance = (
            to_text(attributes[key]) if key in attributes else ""
            for key in ("service.name", "service.namespace", "service.instance.id")
        )
        job = f"{namespace}/{name}" if name and namespace else name
        self._target = {
            label: value for label, value in (("job", job), ("instance", instance)) if value
        }
        keeps = self.translation.keeps_identifying
        others = [i for i in resource.attributes if keeps or i.key not in _IDENTIFYING]
        self._info = self.attribute_labels(others)
        promoted = [i for i in resource.attributes if self.translation.promotes(i.key)]
        self._promoted = self.attribute_labels(promoted)
        self._span_ms = None

    def start_scope(self, scoped: Any) -> None:
        """The next points are of this scope."""
        self._scope = {}
        if self.translation.promotes_scope:
            scope = scoped.scope
            own = self.attribute_labels(scope.attributes)
            self._scope = {f"otel_scope_{name}": value for name, value in own.items()}
            self._scope |= {
                "otel_scope_name": scope.name,
                "otel_scope_version": scope.version,
                "otel_scope_schema_url": scoped.schema_url,
            }

    def end_resource(self) -> None:
        """Add `target_info`, if there is a target and something to say about it."""
        if not self._info or not self._target or self._span_ms is None:
            return
        labels = self._info | self._target | {"__name__": "target_info"}
        first, last = self._span_ms
        for time_ms in [*range(first, last, _INFO_STEP_MS), last]:
            self.add(labels, time_ms, 1.0)
        self.metadata["target_info"] = MetricMetadata("gauge", "Target metadata", "")

    # -- points

    def base_labels(self, attributes: Any) -> dict[str, str]:
        """Labels of a point's series, less the metric's name."""
        own = self.attribute_labels(attributes)
        return self._promoted | own | self._scope | self._target

    def attribute_labels(self, attributes: Any) -> dict[str, str]:
        """Attributes as label pairs; keys that become one label have their values joined by `;`."""
        labels: dict[str, str] = {}
        for item in sorted(attributes, key=_key) if len(attributes) > 1 else attributes:
            name = self.translation.label(item.key)
            if not name:
                continue
            text = to_text(item.value)
            labels[name] = f"{labels[name]};{text}" if name in labels else text
        return labels

    def count_point(self, time_ms: int) -> None:
        """A point is taken in."""
        first, last = self._span_ms or (time_ms, time_ms)
        self._span_ms = min(first, time_ms), max(last, time_ms)
        self.points_seen += 1

    def refuse(self, reason: str, *, count: int = 1) -> None:
        """Leave out the next point (or points) of the request."""
        if count:
            self.rejects.add(self.points_seen, reason, count=count)
            self.points_seen += count

    def add(
        self,
        labels: Mapping[str, str],
        time_ms: int,
        value: float | Histogram,
        *,
        start_ms: int = 0,
        exemplars: Iterable[Exemplar] = (),
    ) -> None:
        """Add one sample.

        Args:
            start_ms: Since when it counts; 0 for unknown.
        """
        row = self._rows.setdefault(Labels.of(labels), len(self._rows))
        self._series.append(row)
        self._times.append(time_ms)
        self._starts.append(start_ms)
        if isinstance(value, float):
            self._values.append(value)
        else:
            self._values.append(float(box_histograms(np.array([len(self._histograms)]))[0]))
            self._histograms.append(value)
        self._exemplars += ((row, exemplar) for exemplar in exemplars)

    def batch(self) -> SampleBatch:
        """Everything that was added."""
        starts = np.array(self._starts, dtype=np.int64)
        return SampleBatch(
            labels=list(self._rows),
            series=np.array(self._series, dtype=np.int64),
            timestamps_ms=np.array(self._times, dtype=np.int64),
            values=np.array(self._values, dtype=np.float64),
            histograms=self._histograms,
            starts_ms=starts if starts.any() else None,
            exemplars=self._exemplars,
        )


def _key(attribute: Any) -> str:
    key: str = attribute.key
    return key
