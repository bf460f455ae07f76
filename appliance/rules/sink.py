"""Results of rules on their way into the metric store: one column per group and evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import Conflict
from appliance.model.sample import STALE, ColumnExtras, box_histograms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender
    from appliance.rules.rule_state import Sample


class StoreSink:
    """A `group_state.Sink` into the metric store; called in worker threads."""

    def __init__(self, appender: MetricAppender, tenant: str) -> None:
        self._appender = appender
        self._tenant = tenant

    def write(
        self, stage: str, at_ms: int, samples: Sequence[Sample], gone: Iterable[Labels]
    ) -> None:
        """See `Sink.write`."""
        labels = [item for item, _ in samples]
        histograms: list[Histogram] = []
        values = []
        for _, value in samples:
            if isinstance(value, float):
                values.append(value)
            else:
                values.append(float(box_histograms(np.array([len(histograms)]))[0]))
                histograms.append(value)
        ended = list(gone)
        column = np.array([*values, *([float(STALE)] * len(ended))], dtype=np.float64)
        extras = ColumnExtras(histograms=histograms) if histograms else None
        try:
            self._append(stage, at_ms, [*labels, *ended], column, extras)
        except Conflict:  # retention forgot a series without data just then
            self._append(stage, at_ms, [*labels, *ended], column, extras)

    def _append(
        self,
        stage: str,
        at_ms: int,
        labels: Sequence[Labels],
        values: np.ndarray,
        extras: ColumnExtras | None,
    ) -> None:
        ids = self._appender.resolve(self._tenant, labels)
        group = f"rules;{stage}"
        self._appender.append_column(
            self._tenant, group, at_ms, ids, values, extras=extras
        ).result()
