"""What reading a target brings, and what can be chosen about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.wire.exposition.line import ExposedExemplar


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What becomes of histograms and of creation times.

    Attributes:
        native_histograms: Take native histograms; else only their classic buckets.
        keep_classic: Also take the classic buckets of what is or becomes a native histogram.
        custom_buckets: Turn classic histograms into native ones with custom bounds.
        skip_created: Leave out the `_created` series of OpenMetrics, whose times are start times.
    """

    native_histograms: bool = True
    keep_classic: bool = False
    custom_buckets: bool = False
    skip_created: bool = False


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape brought.

    Attributes:
        rows: int64[series], distinct row numbers of the samples without timestamps of their own.
        values: float64[series]; NaN is the ordinary NaN; a boxed index into `histograms` (see
            `model.sample.is_histogram`) where the sample is a native histogram.
        new_labels: Labels of rows that no earlier successful scrape of this generation reported,
            in row order; they are also the last ones of `ScrapeParser.labels`.
        stamped: (row, timestamp_ms, value) of samples with explicit timestamps; values as above.
        metadata: By metric name; empty when it is the same as the last time.
        sample_count: Samples, duplicates included.
        duplicates: Samples left out because their series came before.
        histograms: What boxed values refer to.
        starts_ms: int64[series], start times of counters, 0 for none; None when all are.
        exemplars: (row, exemplar) of those that differ from the row's last ones.
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    new_labels: Sequence[Labels]
    stamped: Sequence[tuple[int, int, float]]
    metadata: dict[str, MetricMetadata]
    sample_count: int
    duplicates: int
    histograms: Sequence[Histogram] = ()
    starts_ms: NDArray[np.int64] | None = None
    exemplars: Sequence[tuple[int, ExposedExemplar]] = ()


@dataclass(slots=True)
class SeriesRows:
    """Row numbers of series: from 0 without gaps, one for each set of labels."""

    labels: list[Labels] = field(default_factory=list)
    _by_labels: dict[Labels, int] = field(default_factory=dict)

    def row(self, labels: Labels) -> int:
        """The row of a series, a new one if it has none yet."""
        row = self._by_labels.get(labels)
        if row is None:
            row = self._by_labels[labels] = len(self.labels)
            self.labels.append(labels)
        return row


def distinct_rows(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Rows without repetitions, and the places of their first occurrences if there were any."""
    distinct, first = np.unique(rows, return_index=True)
    if len(distinct) == len(rows):
        return rows, None
    first = np.sort(first)
    return rows[first], first
