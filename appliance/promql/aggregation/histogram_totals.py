"""Sums and means of many native histograms that have the same layout, at many steps at once.

Histograms whose schema, zero threshold or custom bounds differ, and sums that overflow, are
for `histograms.HistogramSum` and `HistogramMean`, which do one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import Histogram, ResetHint
from appliance.model.histogram_batch import TOTALS
from appliance.promql.aggregation.compensated import Sums, group_sums
from appliance.promql.grouping import Groups
from appliance.promql.histograms.batching import combined_hints, is_outside_zero, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Histograms that are summed at a time, or those of one step.
_MOST_HISTOGRAMS = 1 << 16


def totals(
    cells: NDArray[Any], *, is_mean: bool
) -> tuple[list[Histogram | None], NDArray[np.bool_]]:
    """Sums or means over the rows.

    Args:
        cells: object[row, step] of Histogram or None, at least one in a column.

    Returns:
        [step], without empty buckets; None where a sum is infinite, layouts differ, or buckets lie
        in the zero bucket. And bool[step], where some histograms follow a counter reset and
        others do not.
    """
    found: list[Histogram | None] = []
    collides = np.zeros(cells.shape[1], dtype=np.bool_)
    size = max(_MOST_HISTOGRAMS // len(cells), 1)
    for start in range(0, cells.shape[1], size):
        part = slice(start, start + size)
        items, collides[part] = _chunk(cells[:, part], is_mean=is_mean)
        found += items
    return found, collides


def _chunk(
    cells: NDArray[Any], *, is_mean: bool
) -> tuple[list[Histogram | None], NDArray[np.bool_]]:
    rows, steps = cells.shape
    flat = cells.reshape(-1)
    places = np.flatnonzero(flat != None)  # noqa: E711 - by element
    batch = joined(flat[places].tolist())
    if batch is None or not is_outside_zero(batch):
        return [None] * steps, np.zeros(steps, dtype=np.bool_)
    numbers = np.zeros((rows * steps, batch.numbers.shape[1]))
    numbers[places] = batch.numbers
    counts = np.bincount(places % steps, minlength=steps) if is_mean else None
    sums, overflows = _summed(numbers, cells.shape, counts)
    hints = np.zeros((steps, len(ResetHint)), dtype=np.intp)
    np.add.at(hints, (places % steps, batch.hints), 1)
    exists = sums[:, TOTALS:] != 0
    summed = replace(batch, numbers=sums, hints=combined_hints(hints), exists=exists)
    found = [
        None if is_large else item
        for item, is_large in zip(summed.rows(), overflows.tolist(), strict=True)
    ]
    return found, (hints[:, ResetHint.RESET] > 0) & (hints[:, ResetHint.NOT_RESET] > 0)


def _summed(
    numbers: Floats, shape: tuple[int, ...], counts: NDArray[np.intp] | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Sums over rows, or means when there are counts: float64[step, number]; and what overflows.

    Args:
        numbers: float64[row * step, number].
        counts: int[step].
    """
    rows, steps = shape
    one_group = Groups.of(np.zeros(rows, dtype=np.intp), 1)
    sums = group_sums(numbers.reshape(rows, steps * numbers.shape[1]), one_group)
    sums = Sums(*(part.reshape(steps, -1) for part in (sums.total, sums.error)))
    overflows: NDArray[np.bool_] = np.logical_or.reduce(np.isinf(sums.total), axis=1)
    if counts is None:
        return sums.total + sums.error, overflows
    by = counts[:, np.newaxis]
    return sums.total / by + sums.error / by, overflows
