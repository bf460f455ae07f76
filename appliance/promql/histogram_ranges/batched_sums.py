"""sum_over_time and avg_over_time of many windows of native histograms at once.

Counts that are whole numbers are added up exactly by differences of cumulated ones; all else with
Kahan's and Neumaier's compensation, a sample of every window at a time, as `HistogramSum` does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.promql.annotations import HistogramOperation, warn_reset_collision
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.histogram_ranges.sums import average_histograms
from appliance.promql.histograms.batching import combined_hints
from appliance.promql.histograms.total import kahan_add
from appliance.promql.windows import sums_before

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram_batch import HistogramBatch
    from appliance.promql.annotations import Remarks
    from appliance.promql.functions.ranged import Outcome
    from appliance.promql.histogram_ranges.batching import WindowBatch
    from appliance.promql.histogram_ranges.sums import Summing

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_EXACT_INTEGERS = 2.0**53


def batched_sums(
    windows: WindowBatch, *, add_up: Summing, outcome: Outcome, where: tuple[Remarks, int]
) -> None:
    """Put the sum or average of each window.

    Args:
        add_up: What does the same for a single window.
        where: For remarks, and the position they are about.
    """
    remarks, position = where
    is_mean = add_up is average_histograms
    hints = _within(windows, windows.samples.hints[:, np.newaxis] == np.arange(len(ResetHint)))
    if ((hints[:, ResetHint.RESET] > 0) & (hints[:, ResetHint.NOT_RESET] > 0)).any():
        warn_reset_collision(remarks, position, HistogramOperation.AGGREGATION)
    with np.errstate(all="ignore"):
        totals, errors = _sums(windows)
        odd = np.logical_or.reduce(np.isinf(totals), axis=1) & is_mean
        if is_mean:
            by = (windows.hi - windows.lo)[:, np.newaxis]
            totals, errors = totals / by, errors / by
        totals += errors
    exists = None
    if windows.samples.exists is not None:
        exists = _within(windows, windows.samples.exists) > 0
    found = replace(windows.samples, numbers=totals, hints=combined_hints(hints), exists=exists)
    regular = np.flatnonzero(~odd)
    outcome.put_batch(windows.rows[regular], windows.steps[regular], _some(found, regular))
    for window in np.flatnonzero(odd).tolist():
        row, step = int(windows.rows[window]), int(windows.steps[window])
        samples = windows.samples.take(np.arange(windows.lo[window], windows.hi[window]))
        place = Combining(remarks, position, outcome.name(row))
        outcome.put(row, step, add_up(samples.rows(), place))


def _some(batch: HistogramBatch, rows: NDArray[np.intp]) -> HistogramBatch:
    return batch if len(rows) == len(batch) else batch.take(rows)


def _within(windows: WindowBatch, marks: Mask) -> NDArray[np.intp]:
    """intp[window, mark], how many samples of each window are marked: bool[sample, mark]."""
    before = sums_before(marks.T)
    found: NDArray[np.intp] = (before[:, windows.hi] - before[:, windows.lo]).T
    return found


def _sums(windows: WindowBatch) -> tuple[Floats, Floats]:
    """float64[window, number], sums and what they lack."""
    numbers = windows.samples.numbers
    totals = np.empty((len(windows.rows), numbers.shape[1]))
    errors = np.zeros(totals.shape)
    whole = np.logical_and.reduce(numbers == np.floor(numbers), axis=0)
    whole &= np.abs(numbers).sum(axis=0) < _EXACT_INTEGERS
    before = np.zeros((len(numbers) + 1, int(np.count_nonzero(whole))))
    np.cumsum(numbers[:, whole], axis=0, out=before[1:])
    totals[:, whole] = before[windows.hi] - before[windows.lo]
    if not whole.all():
        totals[:, ~whole], errors[:, ~whole] = _compensated(windows, numbers[:, ~whole])
    return totals, errors


def _compensated(windows: WindowBatch, numbers: Floats) -> tuple[Floats, Floats]:
    lengths = windows.hi - windows.lo
    order = np.argsort(-lengths, kind="stable")
    lo, lengths = windows.lo[order], lengths[order]
    totals = numbers[lo]
    errors = np.zeros(totals.shape)
    for place in range(1, int(lengths[0])):
        some = int(np.searchsorted(-lengths, -place))
        added = kahan_add(numbers[lo[:some] + place], totals[:some], errors[:some])
        totals[:some], errors[:some] = added
    found = np.empty(totals.shape), np.empty(totals.shape)
    found[0][order], found[1][order] = totals, errors
    return found
