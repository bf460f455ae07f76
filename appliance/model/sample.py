"""Samples as columns: what scrapes and pushes bring in, and what queries read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels

#: Prometheus' staleness marker (model/value: StaleNaN), as bits of a float64.
STALE_BITS = 0x7FF0000000000002
#: Our mark for "no sample at this time" inside a matrix; never leaves the process.
ABSENT_BITS = 0x7FF00000000AB5E7
#: The NaN that Prometheus stores for an ordinary NaN (model/value: NormalNaN).
NORMAL_NAN_BITS = 0x7FF8000000000001

#: Upper 16 bits of a NaN that stands for a native histogram; the others are an index into the
#: histograms beside the values.
HISTOGRAM_TAG = 0x7FFA
_INDEX_BITS = 48

STALE = np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0]
ABSENT = np.array([ABSENT_BITS], dtype=np.uint64).view(np.float64)[0]


def is_stale(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values are staleness markers; same shape as `values`."""
    mask: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.uint64) == STALE_BITS
    return mask


def is_absent(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which cells of a matrix hold no sample; same shape as `values`."""
    mask: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.uint64) == ABSENT_BITS
    return mask


def filled_absent(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A float64 array of this shape in which every cell is absent."""
    return np.full(shape, ABSENT_BITS, dtype=np.uint64).view(np.float64)


def is_histogram(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which cells stand for a native histogram; same shape as `values`."""
    bits = np.ascontiguousarray(values).view(np.uint64)
    mask: NDArray[np.bool_] = (bits >> np.uint64(_INDEX_BITS)) == HISTOGRAM_TAG
    return mask


def box_histograms(indexes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cells that stand for histograms: indexes into the histograms beside the values."""
    tag = np.uint64(HISTOGRAM_TAG << _INDEX_BITS)
    return (indexes.astype(np.uint64) | tag).view(np.float64)


def unbox_histograms(cells: NDArray[np.float64]) -> NDArray[np.int64]:
    """The indexes of cells for which `is_histogram` holds."""
    mask = np.uint64((1 << _INDEX_BITS) - 1)
    return (np.ascontiguousarray(cells).view(np.uint64) & mask).astype(np.int64)


@dataclass(frozen=True, slots=True)
class SeriesGroup:
    """Series that share their timestamps, as read from the store.

    Attributes:
        labels: [series], each distinct within the group.
        timestamps_ms: int64[time], ascending, no duplicates.
        values: float64[series, time]; ABSENT where a series has no sample, STALE as stored, and a
            boxed index into `histograms` (see `is_histogram`) where the sample is a histogram.
        starts_ms: Per row that has any: (times, starts), int64 each, ascending by time: from a time
            on samples have that start time (OpenMetrics' created, remote write 2), 0 for none.
    """

    labels: Sequence[Labels]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()
    starts_ms: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """Samples of one request on their way into the store.

    Attributes:
        labels: [series], distinct.
        series: int64[sample], the row in `labels` each sample belongs to.
        timestamps_ms: int64[sample], in any order.
        values: float64[sample]; a boxed index into `histograms` where the sample is a histogram.
        starts_ms: int64[sample], start times, 0 for unknown; None when all are.
        exemplars: (row in `labels`, exemplar).
    """

    labels: Sequence[Labels]
    series: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()
    starts_ms: NDArray[np.int64] | None = None
    exemplars: Sequence[tuple[int, Exemplar]] = ()


@dataclass(frozen=True, slots=True)
class ColumnExtras:
    """What a scrape may have beside its values.

    Attributes:
        histograms: What boxed values refer to.
        starts_ms: int64[series], start times, 0 for unknown; None when all are.
        exemplars: (index into the scrape's ids, exemplar).
    """

    histograms: Sequence[Histogram] = ()
    starts_ms: NDArray[np.int64] | None = None
    exemplars: Sequence[tuple[int, Exemplar]] = ()


@dataclass(frozen=True, slots=True)
class MetricMetadata:
    """Type, unit and help of a metric family, as the last exposition gave them."""

    type: str = "unknown"
    help: str = ""
    unit: str = ""
