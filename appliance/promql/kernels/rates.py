"""Rates of counters and gauges: rate, increase, delta, irate, idelta (promql/functions.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.kernels.sums import exact_sums, prefix_sums, refined
from appliance.promql.kernels.transitions import falls, start_resets
from appliance.promql.windows import Windows, at, bounds_of, count_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A gap to the window's border is bridged when it is below so many times the samples' distance.
_BRIDGED = 1.1
#: Sums of which less than this is left beside what they are added to are made exactly: a counter
#: that fell to 0 and stayed there has grown by 0, not by the sum's error.
_LEFT = 1e-3

#: Values float64[series, step], and where there is one: bool[1 or series, step].
Found = tuple["NDArray[np.float64]", "NDArray[np.bool_]"]


def extrapolated(windows: Windows, *, is_counter: bool, per_second: bool) -> Found:
    """What a series grew within each window, as if samples reached to its borders.

    Args:
        is_counter: Falls are resets, and the zero point is not passed on the left.
        per_second: Divided by the length of the window.
    """
    with np.errstate(all="ignore"):
        counts, values = windows.counts, windows.values
        first = at(values, windows.first)
        grown = at(values, windows.last) - first
        if is_counter:
            _add_resets(windows, grown)
        begin, end = at(windows.times, windows.first), at(windows.times, windows.last)
        sampled = (end - begin) / 1000
        distance = np.where(counts > 1, sampled / np.maximum(counts - 1, 1), 0.0)
        to_start = (begin - windows.starts_ms) / 1000
        to_start = np.where(to_start >= distance * _BRIDGED, distance / 2, to_start)
        if is_counter:
            to_zero = sampled * (first / grown)
            zero = (grown > 0) & (first >= 0) & (to_zero < to_start)
            to_start = np.where(zero, to_zero, to_start)
        present = counts > 1
        if is_counter and windows.began_ms is not None:
            known, began = _started(windows, windows.began_ms)
            grown = np.where(known, grown + first, grown)
            sampled = np.where(known, (end - began) / 1000, sampled)
            to_start = np.where(known, 0.0, to_start)
            present = present | known
        to_end = (windows.ends_ms - end) / 1000
        to_end = np.where(to_end >= distance * _BRIDGED, distance / 2, to_end)
        factor = np.where(sampled != 0, (sampled + to_start + to_end) / sampled, 1.0)
        if per_second:
            factor /= (windows.ends_ms - windows.starts_ms) / 1000
        grown *= factor
    return grown, present


def _started(
    windows: Windows, began_ms: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether the first sample's start time lies in the window, before it; and that time."""
    began = at(began_ms, windows.first)
    first = at(windows.times, windows.first)
    known = (began != 0) & (began > windows.starts_ms) & (began < first) & (windows.counts > 0)
    return known, began


def _add_resets(windows: Windows, grown: NDArray[np.float64]) -> None:
    """Add what counters had reached before each reset."""
    resets = falls(windows.values)
    if windows.began_ms is not None:
        resets |= start_resets(windows, windows.began_ms)
    if not resets.any():
        return
    lost = np.zeros(windows.values.shape)
    np.copyto(lost[:, 1:], windows.values[:, :-1], where=resets)
    after_first = Windows(
        windows.rows,
        windows.times,
        lost,
        np.minimum(windows.lo + 1, windows.hi),
        windows.hi,
        windows.starts_ms,
        windows.ends_ms,
    )
    grown += _lost_within(after_first, lost, beside=grown)


def _lost_within(
    windows: Windows, lost: NDArray[np.float64], *, beside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[series, step]: sums of what was lost, to be added to `beside`."""
    totals, good = prefix_sums(windows, lost)
    good &= np.abs(beside + totals) >= np.abs(totals) * _LEFT
    if not good.all():
        # Most often nothing was lost, and the difference of equal sums is exactly 0.
        good |= count_within(lost != 0, windows) == 0
        totals = refined(windows, totals, good, exact_sums)
    return totals


def extended(windows: Windows, *, is_counter: bool, per_second: bool, smoothed: bool) -> Found:
    """What a series grew between the borders of each range, in windows that reach beyond.

    Args:
        windows: Reach a lookback further to the left, with `smoothed` to the right, too.
        smoothed: Values at the borders are interpolated; else (`anchored`) they are those of the
            last samples before.
    """
    with np.errstate(all="ignore"):
        start, end = windows.starts_ms, windows.ends_ms
        first, last = extended_bounds(windows, smoothed=smoothed)
        times, values = windows.times, windows.values
        first_ms, last_ms = at(times, first), at(times, last)
        present = (windows.counts > 0) & (last_ms > start)
        left, right = at(values, first), at(values, last)
        if smoothed:
            present = present & (first_ms <= end)
            following = np.minimum(first + 1, last)
            at_start = _between(windows, (first, following), start, is_counter=is_counter)
            left = np.where(first_ms < start, at_start, left)
            before = np.maximum(last - 1, first * 0)
            at_end = _between(windows, (before, last), end, is_counter=is_counter)
            right = np.where((last_ms > end) & (last > windows.lo), at_end, right)
        grown = right - left
        if is_counter:
            inner = (first + (first_ms <= start), last - (last_ms >= end))
            grown = grown + _resets_between(windows, inner, left, right)
        if per_second:
            grown = grown / ((end - start) / 1000)
    return np.broadcast_to(grown, windows.shape), present


def extended_bounds(
    windows: Windows, *, smoothed: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first and last sample (inclusive) that an extended range looks at."""
    top = np.maximum(windows.hi - 1, windows.lo)
    first = np.minimum(bounds_of(windows, windows.starts_ms, side="right"), top) - 1
    first = np.minimum(np.maximum(first, windows.lo), windows.values.shape[1] - 1)
    last = top
    if smoothed:
        last = np.minimum(bounds_of(windows, windows.ends_ms, side="left"), top)
    return first, np.minimum(last, windows.values.shape[1] - 1)


def _between(
    windows: Windows,
    pair: tuple[NDArray[np.intp], NDArray[np.intp]],
    time_ms: NDArray[np.int64],
    *,
    is_counter: bool,
) -> NDArray[np.float64]:
    """Values at times between two samples; a counter that was reset grew from 0."""
    one, other = at(windows.values, pair[0]), at(windows.values, pair[1])
    if is_counter:
        one = np.where(other < one, 0.0, one)
    begin, end = at(windows.times, pair[0]), at(windows.times, pair[1])
    found: NDArray[np.float64] = one + (other - one) * (time_ms - begin) / (end - begin)
    return found


def _resets_between(
    windows: Windows,
    inner: tuple[NDArray[np.intp], NDArray[np.intp]],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What was lost by resets from `left` over the samples `inner` (inclusive) to `right`."""
    start, stop = inner[0], np.maximum(inner[1] + 1, inner[0])
    columns = windows.values.shape[1]
    lost = np.zeros(windows.values.shape)
    np.copyto(lost[:, 1:], windows.values[:, :-1], where=falls(windows.values))
    between = Windows(
        windows.rows,
        windows.times,
        lost,
        np.minimum(np.minimum(start + 1, stop), columns),
        np.minimum(stop, columns),
        windows.starts_ms,
        windows.ends_ms,
    )
    totals = _lost_within(between, lost, beside=right - left)
    some = stop > start
    opening = at(windows.values, np.minimum(start, columns - 1))
    closing = np.where(some, at(windows.values, np.clip(stop - 1, 0, columns - 1)), left)
    totals += np.where(some & (opening < left), left, 0.0)
    totals += np.where(right < closing, closing, 0.0)
    return totals


def last_two(windows: Windows, *, is_counter: bool) -> Found:
    """Growth from the last sample but one to the last: by second for counters."""
    with np.errstate(all="ignore"):
        last, before = windows.last, np.maximum(windows.hi - 2, 0)
        value, earlier = at(windows.values, last), at(windows.values, before)
        grown = value - earlier
        if is_counter:
            reset = value < earlier
            if windows.began_ms is not None and windows.values.shape[1] > 1:
                starts = start_resets(windows, windows.began_ms)
                reset |= at(starts, np.clip(last - 1, 0, starts.shape[1] - 1))
            grown = np.where(reset, value, grown)
            grown /= (at(windows.times, last) - at(windows.times, before)) / 1000
    return grown, windows.counts > 1
