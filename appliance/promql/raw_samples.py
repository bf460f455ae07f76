"""A range vector as the result of an instant query: samples with their own times.

An `anchored` or `smoothed` one has a sample at each end of its range, as in Prometheus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.model.sample import is_absent, is_histogram, unbox_histograms
from appliance.model.value import Matrix
from appliance.promql.names import nameless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import SeriesGroup
    from appliance.promql.frame import Ranges

    Times = NDArray[np.int64]
    Points = tuple[Times, NDArray[np.float64]]
    HistogramPoints = tuple[Times, list[Histogram]]


def raw_samples(ranges: Ranges, lookback_ms: int) -> Matrix:
    """The samples in the first window, series sorted by labels.

    Args:
        lookback_ms: How far beyond its range an extended range vector knows samples.

    Raises:
        QueryFailed: Series with the same labels have samples at the same time, or an extended
            range vector has histograms.
    """
    start, end = int(ranges.starts_ms[0]), int(ranges.ends_ms[0])
    before = lookback_ms if ranges.extension else 0
    after = lookback_ms if ranges.extension == "smoothed" else 0
    found: dict[Labels, list[tuple[Points, HistogramPoints | None]]] = {}
    for number, group in enumerate(ranges.groups):
        marks = ranges.nameless[number] if ranges.nameless else None
        for row, points, histograms in _rows(group, start - before, end + after):
            labels = group.labels[row]
            if marks is not None and marks[row]:
                labels = nameless(labels)
            if ranges.extension:
                if histograms is not None:
                    text = f"{ranges.extension} modifier is not supported with histograms"
                    raise QueryFailed(text)
                points = _extended(points, (start, end), smoothed=ranges.extension == "smoothed")  # noqa: PLW2901 - the same, cut
            if len(points[0]) or histograms is not None:
                found.setdefault(labels, []).append((points, histograms))
    joined = {labels: _joined(parts) for labels, parts in found.items()}
    return _matrix(joined, sorted(joined))


def _matrix(
    found: dict[Labels, tuple[Points, HistogramPoints | None]], order: Sequence[Labels]
) -> Matrix:
    histograms = [found[labels][1] for labels in order]
    return Matrix(
        [(labels, *found[labels][0]) for labels in order],
        histograms if any(item is not None for item in histograms) else None,
    )


def _rows(group: SeriesGroup, start_ms: int, end_ms: int) -> Iterator[tuple[int, Any, Any]]:
    """Rows with samples in (start, end]: row, times and floats, times and histograms or None."""
    first, last = np.searchsorted(group.timestamps_ms, [start_ms, end_ms], side="right").tolist()
    times, cells = group.timestamps_ms[first:last], group.values[:, first:last]
    is_there = ~is_absent(cells)
    boxed = is_histogram(cells) if len(group.histograms) else None
    for row in np.flatnonzero(is_there.any(axis=1)).tolist():
        if boxed is None or not boxed[row].any():
            yield row, (times[is_there[row]], cells[row, is_there[row]]), None
            continue
        floats, others = is_there[row] & ~boxed[row], boxed[row]
        numbers = unbox_histograms(cells[row, others]).tolist()
        histograms = [group.histograms[number] for number in numbers]
        yield row, (times[floats], cells[row, floats]), (times[others], histograms)


def _extended(points: Points, bounds: tuple[int, int], *, smoothed: bool) -> Points:
    """Samples between the bounds, and one at each: the last before it, or on the line there.

    Args:
        points: With what is known beyond the bounds.
    """
    times, values = points
    start, end = bounds
    last = len(times) - 1
    first = max(0, int(np.searchsorted(times[:last], start, side="right")) - 1)
    if smoothed:
        last = int(np.searchsorted(times[:last], end, side="left"))
    if times[last] <= start:
        return times[:0], values[:0]
    left, right = values[first], values[last]
    if smoothed and times[first] < start:
        left = _on_line(points, first, start)
    if smoothed and last > 0 and times[last] > end:
        right = _on_line(points, last - 1, end)
    inside = (times[first : last + 1] > start) & (times[first : last + 1] < end)
    return (
        np.concatenate([[start], times[first : last + 1][inside], [end]]),
        np.concatenate([[left], values[first : last + 1][inside], [right]]),
    )


def _on_line(points: Points, first: int, at_ms: int) -> float:
    """The value at a time between two neighbouring samples."""
    times, values = points
    after, length = at_ms - times[first], times[first + 1] - times[first]
    return float(values[first] + (values[first + 1] - values[first]) * after / length)


def _joined(
    parts: Sequence[tuple[Points, HistogramPoints | None]],
) -> tuple[Points, HistogramPoints | None]:
    """Samples of series that have become one."""
    if len(parts) == 1:
        return parts[0]
    times = np.concatenate([points[0] for points, _ in parts])
    values = np.concatenate([points[1] for points, _ in parts])
    pairs = [pair for _, found in parts if found for pair in zip(*found, strict=True)]
    all_times = [*times.tolist(), *(int(time) for time, _ in pairs)]
    if len(set(all_times)) < len(all_times):
        raise QueryFailed("vector cannot contain metrics with the same labelset")
    order = np.argsort(times)
    pairs.sort(key=lambda pair: int(pair[0]))
    stamps = np.array([time for time, _ in pairs], dtype=np.int64)
    histograms = (stamps, [histogram for _, histogram in pairs]) if pairs else None
    return (times[order], values[order]), histograms
