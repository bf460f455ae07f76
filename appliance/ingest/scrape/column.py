"""What one scrape writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.exemplar import Exemplar
from appliance.model.sample import (
    ColumnExtras,
    SampleBatch,
    box_histograms,
    is_histogram,
    unbox_histograms,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.wire.exposition import ExposedExemplar

#: An exemplar whose labels are longer than this in all is left out (OpenMetrics).
_MAX_EXEMPLAR_CHARACTERS = 128


def _no_ids() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def _no_values() -> NDArray[np.float64]:
    return np.zeros(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Column:
    """What one scrape writes.

    Attributes:
        ids, values: int64[series], float64[series]: samples at the time of the scrape, then the
            staleness markers of series that have gone.
        stamped: Samples with times of their own, or None.
        extras: Histograms, start times and exemplars beside `values`, or None.
        scraped: Samples in the exposition.
        kept: Samples after relabelling.
        added: Series that were not in the last column.
        metadata: By metric name; empty when unchanged.
        error: What is wrong with the answer; empty when nothing is.
        limit: The limit of the job that it breaks, if that is wrong.
    """

    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    stamped: SampleBatch | None = None
    extras: ColumnExtras | None = None
    scraped: int = 0
    kept: int = 0
    added: int = 0
    metadata: dict[str, MetricMetadata] = field(default_factory=dict)
    error: str = ""
    limit: str = ""


@dataclass(slots=True)
class Samples:
    """The samples of an answer on their way into a column; see `Column` and `Scrape`."""

    scraped: int
    kept: int = 0
    ids: NDArray[np.int64] = field(default_factory=_no_ids)
    values: NDArray[np.float64] = field(default_factory=_no_values)
    starts_ms: NDArray[np.int64] | None = None
    histograms: Sequence[Histogram] = ()
    stamped: list[tuple[int, int, float]] = field(default_factory=list)

    def extras(
        self,
        exemplars: Sequence[tuple[int, ExposedExemplar]],
        row_ids: NDArray[np.int64],
        timestamp_ms: int,
        stale_count: int,
    ) -> ColumnExtras | None:
        """What goes beside the values, or None.

        Args:
            exemplars: (row, exemplar).
            row_ids: int64[row], negative for rows that are not kept.
            timestamp_ms: Of exemplars that have no time.
            stale_count: Staleness markers that will follow.
        """
        starts = self.starts_ms
        if starts is not None and stale_count:
            starts = np.concatenate([starts, np.zeros(stale_count, dtype=np.int64)])
        placed = self._placed(exemplars, row_ids, timestamp_ms) if exemplars else []
        if not self.histograms and starts is None and not placed:
            return None
        return ColumnExtras(self.histograms, starts, placed)

    def _placed(
        self,
        exemplars: Sequence[tuple[int, ExposedExemplar]],
        row_ids: NDArray[np.int64],
        timestamp_ms: int,
    ) -> list[tuple[int, Exemplar]]:
        place = {series: at for at, series in enumerate(self.ids.tolist())}
        found = []
        for row, one in exemplars:
            at = place.get(int(row_ids[row]))
            length = sum(len(name) + len(value) for name, value in one.labels)
            if at is not None and length <= _MAX_EXEMPLAR_CHARACTERS:
                stamp = timestamp_ms if one.timestamp_ms is None else one.timestamp_ms
                found.append((at, Exemplar(one.labels, one.value, stamp)))
        return found


def stamped_batch(
    stamped: Sequence[tuple[int, int, float]],
    labels_of: Callable[[int], Labels],
    histograms: Sequence[Histogram],
) -> SampleBatch:
    """Samples with times of their own.

    Args:
        stamped: (row, timestamp_ms, value).
        labels_of: What a row is stored under.
        histograms: What boxed values refer to.
    """
    labels: dict[Labels, int] = {}
    place: dict[int, int] = {}
    for row in dict.fromkeys(row for row, _, _ in stamped):
        place[row] = labels.setdefault(labels_of(row), len(labels))
    values = np.array([value for _, _, value in stamped], dtype=np.float64)
    own: list[Histogram] = []
    boxed = is_histogram(values)
    if boxed.any():
        own = [histograms[index] for index in unbox_histograms(values[boxed]).tolist()]
        values[boxed] = box_histograms(np.arange(len(own), dtype=np.int64))
    return SampleBatch(
        labels=list(labels),
        series=np.array([place[row] for row, _, _ in stamped], dtype=np.int64),
        timestamps_ms=np.array([time for _, time, _ in stamped], dtype=np.int64),
        values=values,
        histograms=own,
    )
