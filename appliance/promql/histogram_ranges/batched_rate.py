"""rate, increase, delta, irate and idelta of many windows of native histograms at once.

The same as `rate`, one window at a time, in the same order of operations.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.model.histogram_batch import COUNT, SUM, TOTALS
from appliance.promql.annotations import warn_not_counter, warn_not_gauge
from appliance.promql.histogram_ranges.rate import BRIDGED
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram_batch import HistogramBatch
    from appliance.promql.annotations import Remarks
    from appliance.promql.ast import Call
    from appliance.promql.frame import Ranges
    from appliance.promql.functions.ranged import Outcome
    from appliance.promql.histogram_ranges.batching import WindowBatch

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


def batched_rate(
    call: Call, windows: WindowBatch, found: Ranges, *, outcome: Outcome, remarks: Remarks
) -> None:
    """Put what rate, increase or delta give for windows of at least two samples.

    Start times of samples must not matter.
    """
    is_counter = call.name != "delta"
    windows = windows.some(windows.hi - windows.lo > 1)
    if not len(windows.rows):
        return
    _remark(call, windows, _odd_hints(windows, is_counter=is_counter), (outcome, remarks))
    with np.errstate(all="ignore"):
        grown = _growth(windows, is_counter=is_counter)
        exists = grown[:, TOTALS:] != 0
        grown *= _factors(call, windows, found, counts=grown[:, COUNT])[:, np.newaxis]
    outcome.put_batch(windows.rows, windows.steps, _gauges(windows.samples, grown, exists))


def batched_instant_rate(
    call: Call, windows: WindowBatch, *, outcome: Outcome, remarks: Remarks
) -> None:
    """Put what irate or idelta give for windows of at least two samples."""
    is_counter = call.name == "irate"
    windows = windows.some(windows.hi - windows.lo > 1)
    if not len(windows.rows):
        return
    last = windows.hi - 1
    pairs = replace(windows, lo=last - 1)
    _remark(call, pairs, _odd_hints(pairs, is_counter=is_counter), (outcome, remarks))
    numbers = windows.samples.numbers
    with np.errstate(all="ignore"):
        before = numbers[last - 1]
        if is_counter:
            before[resets(windows.samples)[last]] = 0.0
        grown = numbers[last] - before
        exists = grown[:, TOTALS:] != 0
        if is_counter:
            grown /= ((windows.times[last] - windows.times[last - 1]) / 1000)[:, np.newaxis]
    outcome.put_batch(windows.rows, windows.steps, _gauges(windows.samples, grown, exists))


def resets(samples: HistogramBatch) -> Mask:
    """bool[sample], whether a counter was reset since the sample before (`detect_reset`)."""
    numbers, hints = samples.numbers, samples.hints
    now, before = numbers[1:], numbers[:-1]
    fell = now < before
    fell[:, SUM] = False
    if samples.exists is not None:
        fell[:, TOTALS:] |= ~samples.exists[1:] & (before[:, TOTALS:] != 0)
    found = np.zeros(len(samples), dtype=np.bool_)
    np.logical_or.reduce(fell, axis=1, out=found[1:])
    found[hints == ResetHint.RESET] = True
    found[hints == ResetHint.NOT_RESET] = False
    return found


def _growth(windows: WindowBatch, *, is_counter: bool) -> Floats:
    """float64[window, number]: from the first sample to the last, resets made good."""
    numbers = windows.samples.numbers
    if not is_counter:
        return numbers[windows.hi - 1] - numbers[windows.lo]
    is_reset = resets(windows.samples)
    first = numbers[windows.lo]
    # After a reset the first sample does not matter.
    first[is_reset[windows.lo + 1]] = 0.0
    grown = numbers[windows.hi - 1] - first
    places = np.flatnonzero(is_reset)
    start, end = (np.searchsorted(places, bound) for bound in (windows.lo + 2, windows.hi))
    for number in range(int((end - start).max(initial=0))):
        some = np.flatnonzero(end - start > number)
        grown[some] += numbers[places[start[some] + number] - 1]
    return grown


def _factors(call: Call, windows: WindowBatch, found: Ranges, *, counts: Floats) -> Floats:
    """float64[window], by what growth is multiplied, as if samples reached to the borders.

    Args:
        counts: float64[window], by how much the histograms' counts grew.
    """
    starts, ends = found.starts_ms[windows.steps], found.ends_ms[windows.steps]
    first, last = windows.times[windows.lo], windows.times[windows.hi - 1]
    sampled = (last - first) / 1000
    distance = sampled / (windows.hi - windows.lo - 1)
    to_start, to_end = (first - starts) / 1000, (ends - last) / 1000
    to_start = np.where(to_start >= distance * BRIDGED, distance / 2, to_start)
    to_end = np.where(to_end >= distance * BRIDGED, distance / 2, to_end)
    if call.name != "delta":
        opening = windows.samples.numbers[windows.lo, COUNT]
        to_zero = sampled * (opening / counts)
        nearer = (counts > 0) & (opening >= 0) & (to_zero < to_start)
        to_start = np.where(nearer, to_zero, to_start)
    factors: Floats = (sampled + to_start + to_end) / sampled
    if call.name == "rate":
        factors /= (ends - starts) / 1000
    return factors


def _gauges(samples: HistogramBatch, numbers: Floats, exists: Mask) -> HistogramBatch:
    return replace(
        samples,
        numbers=numbers,
        hints=np.full(len(numbers), ResetHint.GAUGE, dtype=np.uint8),
        exists=None if exists.all() else exists,
    )


def _odd_hints(windows: WindowBatch, *, is_counter: bool) -> Mask:
    """bool[window], where gauges are taken for counters, or the other way round."""
    gauges = windows.samples.hints == ResetHint.GAUGE
    if is_counter:
        before = np.concatenate([[0], np.cumsum(gauges)])
        odd: Mask = before[windows.hi] > before[windows.lo]
        return odd
    both: Mask = gauges[windows.lo] & gauges[windows.hi - 1]
    return ~both


def _remark(call: Call, windows: WindowBatch, odd: Mask, where: tuple[Outcome, Remarks]) -> None:
    outcome, remarks = where
    is_counter = call.name not in {"delta", "idelta"}
    warn = warn_not_counter if is_counter else warn_not_gauge
    for row in np.unique(windows.rows[odd]).tolist():
        warn(remarks, argument_position(call), outcome.name(row))
