"""Calls, latencies and sizes of spans (Tempo documentation, "Span metrics")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.ingest.span_metrics.groups import group, histogram, last_observed
from appliance.ingest.span_metrics.series import Added, Key, Shape
from appliance.ingest.span_metrics.wanted import TextIds, resource_values, span_values
from appliance.wire.otlp.values import label_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.ingest.span_metrics.options import CallOptions
    from appliance.model.trace import SpanBatch

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUSES = ("UNSET", "OK", "ERROR")
#: A status field with nothing in it.
_NO_STATUS = b"\x7a\x00"
#: Labels that dimensions may not take.
_OWN = frozenset(["service", "span_name", "span_kind", "status_code", "status_message"])


def shape_of(options: CallOptions) -> Shape:
    """The series of one set of labels."""
    return Shape(
        ("traces_spanmetrics_calls_total", "traces_spanmetrics_size_total"),
        ("traces_spanmetrics_latency",),
        options.bounds,
    )


def measure_calls(batch: SpanBatch, rows: NDArray[np.int64], options: CallOptions) -> Added:
    """What some spans of a batch add.

    Args:
        rows: int64[span], ascending; at least one.
    """
    texts = TextIds()
    dimensions = _dimensions(batch, rows, options.dimensions, texts)
    coded: list[NDArray[Any]] = [batch.service_ids, batch.name_ids, batch.kinds, batch.statuses]
    groups = group([*(column[rows].astype(np.int64) for column in coded), *dimensions.T])
    seconds = batch.duration_ns[rows] / 1e9
    sizes = _sizes(batch, rows)
    table, buckets = histogram(groups, seconds, options.bounds)
    shape = shape_of(options)
    names = [dimension_label(name) for name in options.dimensions]
    keys: list[Key] = []
    for first in groups.first.tolist():
        row = rows[first]
        ids = dimensions[first].tolist()
        extra = [(name, texts.texts[at]) for name, at in zip(names, ids, strict=True) if at >= 0]
        keys.append(
            (
                ("service", batch.services[batch.service_ids[row]]),
                ("span_name", batch.names[batch.name_ids[row]]),
                ("span_kind", f"SPAN_KIND_{KINDS[batch.kinds[row]]}"),
                ("status_code", f"STATUS_CODE_{STATUSES[batch.statuses[row]]}"),
                *extra,
            )
        )
    return Added(
        shape,
        keys,
        np.hstack([np.column_stack([groups.counts(), groups.sums(sizes)]), table]),
        [last_observed(groups, shape.first_bucket(0) + buckets, seconds, batch.trace_ids[rows])],
    )


def _sizes(batch: SpanBatch, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bytes of the spans as Tempo writes them, with an empty status where there is none."""
    spans = [batch.spans[row] for row in rows.tolist()]
    sizes = np.fromiter(map(len, spans), np.int64, len(spans))
    # The status is the last field but for the flags, which take six bytes.
    has_status = np.fromiter((_NO_STATUS in span[-8:] for span in spans), np.bool_, len(spans))
    sizes[~has_status & (batch.statuses[rows] == 0)] += len(_NO_STATUS)
    return sizes


def dimension_label(name: str) -> str:
    """The label of an attribute; those that are taken get two underscores in front."""
    label = label_name(name)
    return f"__{label}" if label in _OWN else label


def _dimensions(
    batch: SpanBatch, rows: NDArray[np.int64], names: tuple[str, ...], texts: TextIds
) -> NDArray[np.int64]:
    """int64[span, name]: the resource's values before the span's."""
    spans = [batch.spans[row] for row in rows.tolist()] if names else []
    if not names:
        return np.empty((len(rows), 0), np.int64)
    own = span_values(spans, names, texts)
    shared = resource_values(batch.resources, names, texts)[batch.resource_ids[rows]]
    return np.where(shared >= 0, shared, own)
