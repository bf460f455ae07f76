"""Series with native histograms among their samples: one series at a time, as lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_absent, is_histogram, unbox_histograms
from appliance.promql.pieces import Reach, starts_at
from appliance.promql.windows import bounds, sums_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.sample import SeriesGroup
    from appliance.promql.frame import Ranges


@dataclass(frozen=True, slots=True, eq=False)
class MixedSeries:
    """A series with histograms, and perhaps floats, among its samples.

    Attributes:
        row: Its number among all series of the range vector.
        times: int64[sample]; floats: float64[sample], anything where there is a histogram.
        histograms: [sample]; None where there is a float.
        lo, hi: intp[step]: windows, [lo, hi).
        began_ms: int64[sample], start times, 0 for none; None without any.
    """

    row: int
    times: NDArray[np.int64]
    floats: NDArray[np.float64]
    histograms: list[Histogram | None]
    lo: NDArray[np.intp]
    hi: NDArray[np.intp]
    began_ms: NDArray[np.int64] | None = None

    @property
    def counts(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Floats and histograms per window: intp[step] each."""
        is_float = np.array([item is None for item in self.histograms], dtype=np.bool_)
        before = sums_before(is_float[np.newaxis])[0]
        floats = before[self.hi] - before[self.lo]
        return floats, self.hi - self.lo - floats


def mixed_series(found: Ranges, reach: Reach | None = None) -> Iterator[MixedSeries]:
    """The series that have a histogram."""
    reach = reach or Reach()
    starts, ends = found.starts_ms - reach.before_ms, found.ends_ms + reach.after_ms
    number = 0
    for group in found.groups:
        boxed = is_histogram(group.values).any(axis=1) if group.histograms else np.zeros(0)
        for row in np.flatnonzero(boxed).tolist():
            times, cells, held = _samples(group, row)
            began = None
            if reach.with_starts and row in group.starts_ms:
                began = starts_at(group.starts_ms[row], times)
            lo, hi = bounds(times, starts, ends)
            yield MixedSeries(number + row, times, cells, held, lo, hi, began)
        number += len(group.labels)


def _samples(
    group: SeriesGroup, row: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[Histogram | None]]:
    """Times, floats and histograms of a series."""
    present = ~is_absent(group.values[row])
    cells = group.values[row][present]
    held: list[Histogram | None] = [None] * len(cells)
    places = np.flatnonzero(is_histogram(cells))
    for place, index in zip(places.tolist(), unbox_histograms(cells[places]).tolist(), strict=True):
        held[place] = group.histograms[index]
    return group.timestamps_ms[present], cells, held
