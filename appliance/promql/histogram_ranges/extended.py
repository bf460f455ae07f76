"""rate, increase and delta of native histograms over `anchored` and `smoothed` ranges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.model.histogram import ResetHint
from appliance.promql.annotations import warn_mixed_schemas, warn_not_counter, warn_not_gauge
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.histograms import compact, detect_reset, divide
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram
    from appliance.promql.annotations import Remarks
    from appliance.promql.ast import Call
    from appliance.promql.histogram_ranges.rate import Range


def extended_histogram(
    call: Call, window: Range, remarks: Remarks, *, name: str, extension: str
) -> Histogram | None:
    """What a series grew between the borders of the range, from samples that reach beyond."""
    is_counter, smoothed = call.name != "delta", extension == "smoothed"
    combining = Combining(remarks, argument_position(call), name)
    place = _places(window, smoothed=smoothed)
    if place is None or not _is_valid(window, place, combining, is_counter=is_counter):
        return None
    borders = _borders(window, place, combining, is_counter=is_counter, smoothed=smoothed)
    if borders is None:
        return None
    left, right = borders
    if not is_counter and not left.reset_hint == right.reset_hint == ResetHint.GAUGE:
        warn_not_gauge(remarks, combining.position, name)
    grown = combining.difference(right, left)
    if grown is not None and is_counter:
        for lost in _lost(window, place, borders, smoothed=smoothed):
            grown = combining.sum(grown, lost) if grown is not None else None
    if grown is None:
        return None
    if call.name == "rate":
        grown = divide(grown, (window.end_ms - window.start_ms) / 1000)
    return compact(replace(grown, reset_hint=ResetHint.GAUGE))


def _places(window: Range, *, smoothed: bool) -> tuple[int, int] | None:
    """The first and last sample to look at; None when the range holds nothing to measure."""
    times = window.times
    last = len(times) - 1
    first = max(0, bisect_right(times, window.start_ms, 0, last) - 1)
    if smoothed:
        last = bisect_left(times, window.end_ms, 0, last)
    if times[last] <= window.start_ms or (smoothed and times[first] > window.end_ms):
        return None
    return first, last


def _is_valid(
    window: Range, place: tuple[int, int], combining: Combining, *, is_counter: bool
) -> bool:
    points = window.histograms[place[0] : place[1] + 1]
    for item in points:
        if item.is_custom != points[0].is_custom:
            warn_mixed_schemas(combining.remarks, combining.position, combining.name)
            return False
        if is_counter and item.reset_hint == ResetHint.GAUGE:
            warn_not_counter(combining.remarks, combining.position, combining.name)
    return True


def _borders(
    window: Range,
    place: tuple[int, int],
    combining: Combining,
    *,
    is_counter: bool,
    smoothed: bool,
) -> tuple[Histogram, Histogram] | None:
    """The histograms at both ends of the range."""
    points = list(zip(window.times, window.histograms, strict=True))
    first, last = place
    left: Histogram | None = points[first][1]
    right: Histogram | None = points[last][1]
    if smoothed and points[first][0] < window.start_ms:
        left = combining.between(
            points[first], points[first + 1], window.start_ms, is_counter=is_counter
        )
    if smoothed and last > 0 and points[last][0] > window.end_ms:
        right = combining.between(
            points[last - 1], points[last], window.end_ms, is_counter=is_counter
        )
    return None if left is None or right is None else (left, right)


def _lost(
    window: Range,
    place: tuple[int, int],
    borders: tuple[Histogram, Histogram],
    *,
    smoothed: bool,
) -> list[Histogram]:
    """What the counter had reached before each reset between the borders."""
    points = window.histograms
    first, last = place
    before, right = borders
    start = first + 1
    interpolated = smoothed and window.times[first] < window.start_ms
    if interpolated and detect_reset(points[start], points[first]):
        # The left border is behind this reset already.
        before = points[start]
        start += 1
    if start > last:
        return []
    lost: list[Histogram] = []
    # Without the last sample: the right border has its hint, or is the sample itself.
    for now in points[start:last]:
        if detect_reset(now, before):
            lost.append(before)
        before = now
    if detect_reset(right, before):
        lost.append(before)
    return lost
