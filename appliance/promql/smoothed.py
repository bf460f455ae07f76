"""`smoothed` instant selectors: values between samples, a lookback to either side looked at.

A sample at the very time counts as it is; between two samples the value is interpolated; after the
last one its value stays; before the first there is none.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.promql.annotations import warn_mixed_floats_histograms, warn_mixed_schemas
from appliance.promql.ast import METRIC_NAME
from appliance.promql.frame import Frame, empty_histograms
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.mixed import mixed_series
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import at, bounds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.promql.context import Context
    from appliance.promql.frame import Ranges
    from appliance.promql.histogram_ranges.combining import Point
    from appliance.promql.mixed import MixedSeries
    from appliance.promql.windows import Windows


def smoothed_frame(
    around: Ranges, at_ms: NDArray[np.int64], context: Context, position: int
) -> Frame:
    """Values of series at times.

    Args:
        around: Samples from a lookback before each time to a lookback after it.
        at_ms: int64[step].
        position: Of the selector, for remarks.
    """
    labels = [item for group in around.groups for item in group.labels]
    values = np.zeros((len(labels), len(at_ms)))
    present = np.zeros(values.shape, dtype=np.bool_)
    for piece in pieces(around, Reach()):
        values[piece.rows], present[piece.rows] = _between(piece, at_ms)
        context.guard.check()
    histograms: NDArray[Any] | None = None
    for series in mixed_series(around):
        if histograms is None:
            histograms = empty_histograms(values.shape)
        place = Combining(context.remarks, position, labels[series.row].get(METRIC_NAME))
        _put_histograms(series, at_ms, place, (histograms[series.row], present[series.row]))
        context.guard.check()
    return Frame(labels, values, present, histograms).pruned()


def _put_histograms(
    series: MixedSeries,
    at_ms: NDArray[np.int64],
    place: Combining,
    found: tuple[NDArray[Any], NDArray[np.bool_]],
) -> None:
    """Fill the rows of a series: histograms and where there is a sample."""
    histograms, present = found
    floats, counts = series.counts
    both = (floats > 0) & (counts > 0)
    if both.any():
        warn_mixed_floats_histograms(place.remarks, place.position, place.name)
        present &= ~both
    for step in np.flatnonzero((floats == 0) & (counts > 0)).tolist():
        window = slice(int(series.lo[step]), int(series.hi[step]))
        items = [item for item in series.histograms[window] if item is not None]
        points = list(zip(series.times[window].tolist(), items, strict=True))
        histogram = _histogram_at(points, int(at_ms[step]), place)
        histograms[step], present[step] = histogram, histogram is not None


def _histogram_at(points: Sequence[Point], time_ms: int, place: Combining) -> Histogram | None:
    following = bisect_left(points, time_ms, key=lambda point: point[0])
    if following < len(points) and points[following][0] == time_ms:
        return points[following][1]
    if following == 0:
        return None
    before = points[following - 1]
    if following == len(points):
        # A hint is about two samples that follow one another.
        return replace(before[1], reset_hint=ResetHint.UNKNOWN)
    after = points[following]
    is_gauge = before[1].reset_hint == after[1].reset_hint == ResetHint.GAUGE
    if before[1].is_custom != after[1].is_custom:
        warn_mixed_schemas(place.remarks, place.position, place.name)
        return None
    return place.between(before, after, time_ms, is_counter=not is_gauge)


def _between(
    windows: Windows, at_ms: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    following = bounds_of(windows, at_ms, side="left")
    top = windows.values.shape[1] - 1
    after, before = np.minimum(following, top), np.maximum(following - 1, 0)
    later = following < windows.hi
    earlier = (following > windows.lo) & (windows.counts > 0)
    after_ms, before_ms = at(windows.times, after), at(windows.times, before)
    one, other = at(windows.values, before), at(windows.values, after)
    with np.errstate(all="ignore"):
        found = one + (other - one) * (at_ms - before_ms) / (after_ms - before_ms)
    exact = later & (after_ms == at_ms)
    found = np.where(exact, other, np.where(later, found, one))
    return found, np.broadcast_to(exact | earlier, windows.shape)
