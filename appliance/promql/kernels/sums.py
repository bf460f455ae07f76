"""Sums and averages of windows, as exact as Prometheus' Kahan-Neumaier summation.

The plain way is a difference of prefix sums, whose error is bounded by what the whole row adds up
to. Where that bound is too large for a window's own sum the row is summed again in two floats, and
where even that does not do, or a value is not finite, the window's samples are added one by one
as Prometheus does it (util/kahansum).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.windows import Windows, at, batches, count_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.promql.windows import Batch

_ROUNDING = 2.0**-53
#: How much larger than its rounding error a difference of sums has to be.
MARGIN = 3e7
#: Relative error that a fast way may have.
TOLERANCE = 1e-9
#: Integers up to here are exact.
_EXACT = 2.0**53
#: Beyond this, sums may overflow on their way.
_HUGE = 1e300


def sum_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: sums; anything where a window is empty."""
    totals, good = prefix_sums(windows, windows.values)
    return refined(windows, totals, good, exact_sums)


def average_windows(windows: Windows) -> NDArray[np.float64]:
    """float64[series, step]: averages; anything where a window is empty."""
    totals, good = prefix_sums(windows, windows.values)
    with np.errstate(all="ignore"):
        averages = totals / windows.counts
    return refined(windows, averages, good, exact_averages)


def refined(
    windows: Windows,
    results: NDArray[np.float64],
    good: NDArray[np.bool_],
    kernel: Callable[[Batch], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """The results, those that are not good replaced by what the kernel makes of the samples."""
    if good.all():
        return results
    for batch in batches(windows, ~good):
        with np.errstate(all="ignore"):
            results[batch.rows, batch.steps] = kernel(batch)
    return results


def prefix_sums(
    windows: Windows, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Sums by differences of prefix sums.

    Args:
        values: float64[series, sample], not necessarily those of the windows.

    Returns:
        float64[series, step], and bool[series, step]: where the relative error is below TOLERANCE
        or the sum is exact.
    """
    with np.errstate(all="ignore"):
        magnitude = np.abs(values).sum(axis=1)
        finite = magnitude < _HUGE
        if not finite.all():
            values = np.where(finite[:, np.newaxis], values, 0.0)
        before = _sums_before(values)
        totals = at(before, windows.hi) - at(before, windows.lo)
        limit = _limits(values, magnitude, finite)
        good = np.abs(totals) * TOLERANCE >= limit[:, np.newaxis]
        # One by one is quicker for a few short windows than all again with twice the digits.
        rest = np.where(good, 0, windows.counts).sum(axis=1)
        rows = finite & (rest > values.shape[1] // 4)
        if rows.any():
            _in_two_floats(_rows(windows, rows), values[rows], rows=rows, found=(totals, good))
    return totals, good


def _limits(
    values: NDArray[np.float64], magnitude: NDArray[np.float64], finite: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """float64[series]: by how much sums of each row may be wrong; 0 for integers."""
    limit: NDArray[np.float64] = magnitude * (_ROUNDING * values.shape[1])
    whole = magnitude < _EXACT
    if whole.any():
        whole &= (values == np.rint(values)).all(axis=1)
    limit[whole] = 0.0
    limit[~finite] = np.inf
    return limit


def rough_sums(windows: Windows, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[series, step]: sums of values[series, sample] that err by `rounding_error`."""
    before = _sums_before(values)
    found: NDArray[np.float64] = at(before, windows.hi) - at(before, windows.lo)
    return found


def row_bases(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[series, 1]: the mean of each row, a whole number where all values are.

    What is left of whole numbers then adds up without any rounding.
    """
    means: NDArray[np.float64] = values.mean(axis=1, keepdims=True)
    whole = (values == np.rint(values)).all(axis=1)
    means[whole] = np.rint(means[whole])
    return means


def rounding_error(magnitude: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """What prefix sums of so many terms may be wrong by, practically always.

    Rounding errors are independent: they add up as the root of their number does.

    Args:
        magnitude: What the absolute values of the terms add up to.
    """
    found: NDArray[np.float64] = magnitude * (8 * _ROUNDING * count**0.5)
    return found


def _rows(windows: Windows, rows: NDArray[np.bool_]) -> Windows:
    own = len(windows.lo) > 1
    return Windows(
        windows.rows[rows],
        windows.times[rows] if len(windows.times) > 1 else windows.times,
        windows.values[rows],
        windows.lo[rows] if own else windows.lo,
        windows.hi[rows] if own else windows.hi,
        windows.starts_ms,
        windows.ends_ms,
    )


def _in_two_floats(
    windows: Windows,
    values: NDArray[np.float64],
    *,
    rows: NDArray[np.bool_],
    found: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    """Sum some rows again with twice the digits; writes into `found`."""
    high, low = double_sums_before(values)
    totals, rest = _two_sum(at(high, windows.hi), -at(high, windows.lo))
    totals = totals + (rest + (at(low, windows.hi) - at(low, windows.lo)))
    limit = np.abs(values).sum(axis=1) * (4 * values.shape[1] * _ROUNDING**2)
    good = np.abs(totals) * TOLERANCE >= limit[:, np.newaxis]
    if not good.all():
        # Nothing but zeros: an exact 0, which no bound can tell.
        good |= count_within(values != 0, windows) == 0
        totals = np.where(good | (totals != 0), totals, 0.0)
    found[0][rows], found[1][rows] = totals, good


def _sums_before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    totals = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=totals[:, 1:])
    return totals


def _two_sum(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rounded sum and what rounding took away (Knuth)."""
    total = one + other
    part = total - one
    return total, (one - (total - part)) + (other - part)


def row_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[row]: sums of rows, to the last digit; what is infinite or NaN stays so."""
    total, rest = values, np.zeros_like(values)
    while total.shape[1] > 1:
        half = total.shape[1] // 2
        with np.errstate(all="ignore"):
            new, lost = _two_sum(total[:, :half], total[:, half : 2 * half])
            lost += rest[:, :half] + rest[:, half : 2 * half]
        if total.shape[1] % 2:
            new = np.concatenate([new, total[:, -1:]], axis=1)
            lost = np.concatenate([lost, rest[:, -1:]], axis=1)
        total, rest = new, lost
    return np.where(np.isfinite(total[:, 0]), total[:, 0] + rest[:, 0], total[:, 0])


def double_sums_before(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prefix sums in two floats: float64[series, sample + 1] each, high and low parts."""
    columns = np.ascontiguousarray(values.T)
    high = np.zeros((len(columns) + 1, len(values)))
    low = np.zeros_like(high)
    for number, column in enumerate(columns):
        high[number + 1], rest = _two_sum(high[number], column)
        low[number + 1] = low[number] + rest
    return np.ascontiguousarray(high.T), np.ascontiguousarray(low.T)


def _neumaier(
    total: NDArray[np.float64], rest: NDArray[np.float64], value: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One step of Prometheus' compensated summation."""
    new = total + value
    added = np.where(np.abs(total) >= np.abs(value), (total - new) + value, (value - new) + total)
    return new, np.where(np.isinf(new), 0.0, rest + added)


def exact_sums(batch: Batch) -> NDArray[np.float64]:
    """float64[window]: sums, sample by sample."""
    total = np.zeros(len(batch.counts))
    rest = np.zeros_like(total)
    for number in range(batch.values.shape[1]):
        new, lost = _neumaier(total, rest, batch.values[:, number])
        inside = number < batch.counts
        total, rest = np.where(inside, new, total), np.where(inside, lost, rest)
    return np.where(np.isinf(total), total, total + rest)


def exact_averages(batch: Batch) -> NDArray[np.float64]:
    """float64[window]: averages, sample by sample.

    The sum is divided at the end, unless it overflows: from there on a running mean is kept.
    """
    total = batch.values[:, 0].copy()
    rest = np.zeros_like(total)
    running = np.zeros(len(total), dtype=np.bool_)
    for number in range(1, batch.values.shape[1]):
        value, count = batch.values[:, number], number + 1.0
        inside = number < batch.counts
        new, lost = _neumaier(total, rest, value)
        begins = inside & ~running & np.isinf(new)
        total = np.where(begins, total / (count - 1), total)
        rest = np.where(begins, rest / (count - 1), rest)
        running |= begins
        share = (count - 1) / count
        mean, mean_rest = _neumaier(share * total, share * rest, value / count)
        total = np.where(inside, np.where(running, mean, new), total)
        rest = np.where(inside, np.where(running, mean_rest, lost), rest)
    return np.where(running, total + rest, total / batch.counts + rest / batch.counts)
