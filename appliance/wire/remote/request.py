"""A remote write request of either version as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import box_histograms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What was sent; rows may repeat a series, as Prometheus sends them.

    Attributes:
        keys: [row], bytes that stand for a set of labels: equal keys mean equal labels, in every
            request and in both versions.
        read_labels: The labels of a key. Raises BadInput, naming the series, when they are invalid.
        series: int64[sample], the row each sample belongs to.
        timestamps_ms: int64[sample].
        values: float64[sample]; a boxed index into `histograms` where the sample is a histogram.
        starts_ms: int64[sample], 0 for unknown; None when all are.
        exemplars: (row, exemplar).
        metadata: By name of the metric.
        refused: (row, reason): samples that are refused already, one entry each.
    """

    keys: Sequence[bytes]
    read_labels: Callable[[bytes], Labels]
    series: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()
    starts_ms: NDArray[np.int64] | None = None
    exemplars: Sequence[tuple[int, Exemplar]] = ()
    metadata: Mapping[str, MetricMetadata] = field(default_factory=dict)
    refused: Sequence[tuple[int, str]] = ()


class SampleColumns:
    """Collects samples of any kind, in pieces.

    Attributes:
        histograms, exemplars, refused: As in `WriteRequest`.
    """

    def __init__(self) -> None:
        self._rows: list[NDArray[np.int64]] = []
        self._times: list[NDArray[np.int64]] = []
        self._values: list[NDArray[np.float64]] = []
        self._starts: list[NDArray[np.int64] | None] = []
        self.histograms: list[Histogram] = []
        self.exemplars: list[tuple[int, Exemplar]] = []
        self.refused: list[tuple[int, str]] = []

    def add(
        self,
        rows: NDArray[np.int64] | int,
        times: NDArray[np.int64],
        values: NDArray[np.float64],
        starts: NDArray[np.int64] | None = None,
    ) -> None:
        """Samples of some rows, or all of one row."""
        if isinstance(rows, int):
            rows = np.full(len(times), rows, dtype=np.int64)
        self._rows.append(rows)
        self._times.append(times)
        self._values.append(values)
        self._starts.append(starts)

    def add_histogram(self, row: int, time_ms: int, histogram: Histogram, start_ms: int) -> None:
        """One histogram."""
        number = np.array([len(self.histograms)], dtype=np.int64)
        self.histograms.append(histogram)
        starts = np.array([start_ms], dtype=np.int64) if start_ms else None
        self.add(row, np.array([time_ms], dtype=np.int64), box_histograms(number), starts)

    def request(
        self,
        keys: Sequence[bytes],
        read_labels: Callable[[bytes], Labels],
        metadata: Mapping[str, MetricMetadata],
        *,
        is_sorted: bool = True,
    ) -> WriteRequest:
        """Everything collected.

        is_sorted: Whether pieces were added in the order of the rows.
        """
        starts = None
        if any(part is not None for part in self._starts):
            starts = _joined(
                [
                    np.zeros(len(times), dtype=np.int64) if part is None else part
                    for part, times in zip(self._starts, self._times, strict=True)
                ]
            )
        values = np.concatenate(self._values) if self._values else np.empty(0, dtype=np.float64)
        rows, times = _joined(self._rows), _joined(self._times)
        if not is_sorted:
            order = np.argsort(rows, kind="stable")
            rows, times, values = rows[order], times[order], values[order]
            starts = None if starts is None else starts[order]
        return WriteRequest(
            keys,
            read_labels,
            series=rows,
            timestamps_ms=times,
            values=values,
            histograms=self.histograms,
            starts_ms=starts,
            exemplars=self.exemplars,
            metadata=metadata,
            refused=self.refused,
        )


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
