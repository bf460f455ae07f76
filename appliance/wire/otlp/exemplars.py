"""Exemplars of OTLP data points."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Any

from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels
from appliance.wire.otlp.values import label_name, to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters of all names and values together (OpenMetrics); attributes go when it is more.
_MOST_CHARACTERS = 128


def exemplars_of(point: Any) -> list[Exemplar]:
    """Exemplars of a point, ascending by time."""
    found = [_exemplar(item) for item in point.exemplars]
    return sorted(found, key=lambda item: item.timestamp_ms)


def by_bucket(point: Any, bounds: Sequence[float]) -> dict[int, list[Exemplar]]:
    """Exemplars of a histogram's point by the bucket they fall in; the last one is +Inf's."""
    found: dict[int, list[Exemplar]] = {}
    for exemplar in exemplars_of(point):
        found.setdefault(bisect.bisect_left(bounds, exemplar.value), []).append(exemplar)
    return found


def _exemplar(item: Any) -> Exemplar:
    labels = {}
    if item.trace_id:
        labels["trace_id"] = item.trace_id.hex()
    if item.span_id:
        labels["span_id"] = item.span_id.hex()
    others = {label_name(each.key): to_text(each.value) for each in item.filtered_attributes}
    sizes = (len(name) + len(value) for name, value in (labels | others).items())
    if sum(sizes) <= _MOST_CHARACTERS:
        labels = others | labels
    kind = item.WhichOneof("value")
    value = float(getattr(item, kind)) if kind else 0.0
    return Exemplar(Labels.of(labels), value, item.time_unix_nano // 10**6)
