"""Samples as columns: what scrapes and pushes bring in, and what queries read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels

#: Prometheus' staleness marker (model/value: StaleNaN), as bits of a float64.
STALE_BITS = 0x7FF0000000000002
#: Our mark for "no sample at this time" inside a matrix; never leaves the process.
ABSENT_BITS = 0x7FF00000000AB5E7
#: The NaN that Prometheus stores for an ordinary NaN (model/value: NormalNaN).
NORMAL_NAN_BITS = 0x7FF8000000000001

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


@dataclass(frozen=True, slots=True)
class SeriesGroup:
    """Series that share their timestamps, as read from the store.

    Attributes:
        labels: [series], each distinct within the group.
        timestamps_ms: int64[time], ascending, no duplicates.
        values: float64[series, time]; ABSENT where a series has no sample, STALE as stored.
    """

    labels: Sequence[Labels]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """Samples of one request on their way into the store.

    Attributes:
        labels: [series], distinct.
        series: int64[sample], the row in `labels` each sample belongs to.
        timestamps_ms: int64[sample], in any order.
        values: float64[sample].
    """

    labels: Sequence[Labels]
    series: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MetricMetadata:
    """Type, unit and help of a metric family, as the last exposition gave them."""

    type: str = "unknown"
    help: str = ""
    unit: str = ""
