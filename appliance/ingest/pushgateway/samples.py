"""Pushed families as samples for the metric store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata, SampleBatch
from appliance.wire.metric_family import TYPE_NAMES, points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.wire.messages.exposition_pb2 import MetricFamily


def batch_of(families: Iterable[MetricFamily], time_ms: int) -> SampleBatch:
    """All samples of families, at one time; empty labels are left out."""
    found: dict[Labels, float] = {}
    for family in families:
        for metric in family.metric:
            for name, pairs, value in points(family, metric):
                found[Labels.of([*pairs, ("__name__", name)])] = value
    return SampleBatch(
        labels=list(found),
        series=np.arange(len(found)),
        timestamps_ms=np.full(len(found), time_ms, dtype=np.int64),
        values=np.fromiter(found.values(), dtype=np.float64, count=len(found)),
    )


def metadata_of(families: Iterable[MetricFamily]) -> dict[str, MetricMetadata]:
    """Type and help by metric name."""
    return {
        family.name.decode(): MetricMetadata(
            "unknown" if TYPE_NAMES[family.type] == "untyped" else TYPE_NAMES[family.type],
            family.help.decode(),
        )
        for family in families
    }
