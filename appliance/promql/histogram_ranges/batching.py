"""Windows that hold native histograms of one layout: those of many series at once.

Samples of a layout that follow each other form a run; windows within a run are worked on together,
with those of other series whose histograms have the same layout. All other windows (floats among
the histograms, layouts that change, histograms with buckets in their zero bucket) are left to who
looks at one window after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram_batch import HistogramRow
from appliance.promql.histograms.batching import is_outside_zero, joined, stacked_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.histogram_batch import HistogramBatch, Layout
    from appliance.promql.mixed import MixedSeries

    Indexes = NDArray[np.intp]

_BATCH = attrgetter("batch")
#: Samples that are worked on at once, and numbers (samples times buckets).
_MOST_SAMPLES, _MOST_NUMBERS = 1 << 15, 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class WindowBatch:
    """Windows over the samples of some runs.

    Attributes:
        samples: Run after run; times: int64[sample].
        rows, steps: intp[window], the series of the range vector, and the step.
        lo, hi: intp[window]; a window is [lo, hi), never empty.
    """

    samples: HistogramBatch
    times: NDArray[np.int64]
    rows: Indexes
    steps: Indexes
    lo: Indexes
    hi: Indexes

    def some(self, windows: NDArray[np.bool_]) -> WindowBatch:
        """Some of the windows."""
        found = (item[windows] for item in (self.rows, self.steps, self.lo, self.hi))
        return WindowBatch(self.samples, self.times, *found)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Samples of a series that follow each other, and the windows within: as in WindowBatch."""

    row: int
    samples: HistogramBatch
    times: NDArray[np.int64]
    steps: Indexes
    lo: Indexes
    hi: Indexes


class Batcher:
    """Collects windows, and gives them back in batches."""

    def __init__(self) -> None:
        self._waiting: dict[Layout, list[_Run]] = {}
        self._sizes: dict[Layout, tuple[int, int]] = {}
        self._ready: list[WindowBatch] = []

    def add(self, series: MixedSeries, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Take windows of a series.

        Args:
            wanted: bool[step], windows with histograms only.

        Returns:
            bool[step], the wanted windows that are for others to compute.
        """
        left = wanted.copy()
        for start, end in _runs(series.histograms):
            inside = left & (series.lo >= start) & (series.hi <= end)
            if not inside.any():
                continue
            steps = np.flatnonzero(inside)
            lo, hi = series.lo[steps], series.hi[steps]
            first, last = int(lo.min()), int(hi.max())
            held = [item for item in series.histograms[first:last] if item is not None]
            samples = joined(held)
            if samples is None or not is_outside_zero(samples):
                continue
            times = series.times[first:last]
            self._keep(_Run(series.row, samples, times, steps, lo - first, hi - first))
            left &= ~inside
        return left

    def _keep(self, run: _Run) -> None:
        key = run.samples.layout
        many, wide = self._sizes.get(key, (0, 0))
        many, wide = many + len(run.times), max(wide, run.samples.numbers.shape[1])
        self._waiting.setdefault(key, []).append(run)
        self._sizes[key] = many, wide
        if many > _MOST_SAMPLES or many * wide > _MOST_NUMBERS:
            del self._sizes[key]
            self._ready += _batches(self._waiting.pop(key))

    def ready(self) -> Iterator[WindowBatch]:
        """Batches that are full."""
        while self._ready:
            yield self._ready.pop()

    def rest(self) -> Iterator[WindowBatch]:
        """All that is left."""
        yield from self.ready()
        while self._waiting:
            yield from _batches(self._waiting.popitem()[1])
        self._sizes.clear()


def _runs(histograms: Sequence[Histogram | None]) -> list[tuple[int, int]]:
    """Stretches of histograms that have the same layout."""
    numbers = _layout_numbers(histograms)
    cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    return [
        (start, end)
        for start, end in pairwise(cuts)
        if end > start and histograms[start] is not None
    ]


def _layout_numbers(histograms: Sequence[Histogram | None]) -> NDArray[np.intp]:
    """intp[sample], the same for histograms of one layout."""
    keys: dict[object, int] = {}
    if set(map(type, histograms)) == {HistogramRow}:
        owners: list[HistogramBatch] = list(map(_BATCH, histograms))
        ids = np.fromiter(map(id, owners), np.int64, len(owners))
        _, first, places = np.unique(ids, return_index=True, return_inverse=True)
        layouts = [owners[place].layout for place in first.tolist()]
        return np.array([keys.setdefault(item, len(keys)) for item in layouts])[places]
    numbers = np.empty(len(histograms), dtype=np.intp)
    for place, item in enumerate(histograms):
        layout = item and (item.schema, item.zero_threshold, item.custom_values.tobytes())
        numbers[place] = keys.setdefault(layout, len(keys))
    return numbers


def _batches(runs: list[_Run]) -> Iterator[WindowBatch]:
    """Runs of one layout as one batch, or several where their buckets lie far apart."""
    samples = stacked_batches([run.samples for run in runs], most=2 * _MOST_NUMBERS)
    if samples is None:
        middle = len(runs) // 2
        yield from _batches(runs[:middle])
        yield from _batches(runs[middle:])
        return
    starts = np.cumsum([0, *(len(run.times) for run in runs[:-1])])
    windows = [len(run.steps) for run in runs]
    shift = np.repeat(starts, windows)
    yield WindowBatch(
        samples,
        np.concatenate([run.times for run in runs]),
        np.repeat([run.row for run in runs], windows),
        np.concatenate([run.steps for run in runs]),
        np.concatenate([run.lo for run in runs]) + shift,
        np.concatenate([run.hi for run in runs]) + shift,
    )
