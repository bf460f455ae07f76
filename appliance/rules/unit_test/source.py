"""Series in memory: what a unit test feeds in, and what its rules record."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import Histogram
from appliance.model.matcher import matches_all
from appliance.model.sample import STALE, SeriesGroup, box_histograms, filled_absent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import SeriesExemplars
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard
    from appliance.rules.rule_state import Sample


@dataclass(slots=True)
class _Points:
    """Samples of a series, ascending by time."""

    times: list[int] = field(default_factory=list)
    values: list[float | Histogram] = field(default_factory=list)
    has_histograms: bool = False

    def put(self, time_ms: int, value: float | Histogram) -> None:
        """Add a sample; of two at one time the first holds."""
        self.has_histograms = self.has_histograms or isinstance(value, Histogram)
        if not self.times or time_ms > self.times[-1]:
            self.times.append(time_ms)
            self.values.append(value)
            return
        at = bisect_left(self.times, time_ms)
        if at == len(self.times) or self.times[at] != time_ms:
            self.times.insert(at, time_ms)
            self.values.insert(at, value)


class _Row:
    """A part of a series."""

    def __init__(self, labels: Labels, points: _Points, part: slice) -> None:
        self.labels = labels
        self.times = points.times[part]
        self._values = points.values[part]
        self._has_histograms = points.has_histograms

    def cells(self, histograms: list[Histogram]) -> NDArray[np.float64]:
        """Values: float64[time]; histograms are boxed and put into the list."""
        if not self._has_histograms:
            return np.array(self._values, dtype=np.float64)
        cells = np.empty(len(self._values), dtype=np.float64)
        for number, value in enumerate(self._values):
            if isinstance(value, Histogram):
                boxed = box_histograms(np.array([len(histograms)]))
                cells.view(np.uint64)[number] = boxed.view(np.uint64)[0]
                histograms.append(value)
            else:
                cells[number] = value
        return cells


class TestSource:
    """A `SeriesSource`, and the `Sink` of the rules; used by one thread.

    Attributes:
        until_ms: Later samples are not there yet.
    """

    def __init__(self) -> None:
        self._series: dict[Labels, _Points] = {}
        self._order: list[Labels] = []
        self._matching: dict[tuple[Matcher, ...], tuple[int, list[Labels]]] = {}
        self.until_ms = 0

    def put(self, labels: Labels, time_ms: int, value: float | Histogram) -> None:
        """Add a sample."""
        points = self._series.get(labels)
        if points is None:
            points = self._series[labels] = _Points()
            self._order.append(labels)
        points.put(time_ms, value)

    def write(
        self, stage: str, at_ms: int, samples: Sequence[Sample], gone: Iterable[Labels]
    ) -> None:
        """Take the results of rules; see `Sink`."""
        del stage
        for labels, value in samples:
            self.put(labels, at_ms, value)
        for labels in gone:
            self.put(labels, at_ms, float(STALE))

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> list[SeriesGroup]:
        """One group with all series that match; see `SeriesSource`."""
        guard.check()
        end_ms = min(end_ms, self.until_ms)
        rows = []
        for labels in self._matched(matchers):
            points = self._series[labels]
            first = bisect_left(points.times, start_ms)
            last = bisect_right(points.times, end_ms)
            if first < last:
                rows.append(_Row(labels, points, slice(first, last)))
        if not rows:
            return []
        guard.add_series(len(rows))
        times = sorted(set().union(*(row.times for row in rows)))
        column = {time: number for number, time in enumerate(times)}
        values = filled_absent((len(rows), len(times)))
        histograms: list[Histogram] = []
        for number, row in enumerate(rows):
            found = row.times
            columns = slice(None) if found == times else [column[time] for time in found]
            values[number, columns] = row.cells(histograms)
        stamps = np.array(times, dtype=np.int64)
        return [SeriesGroup([row.labels for row in rows], stamps, values, histograms)]

    def _matched(self, matchers: tuple[Matcher, ...]) -> list[Labels]:
        """Series that match; remembered, since rules ask the same again and again."""
        seen, found = self._matching.get(matchers, (0, []))
        found += [labels for labels in self._order[seen:] if matches_all(matchers, labels)]
        self._matching[matchers] = len(self._order), found
        return found

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """Label sets with samples; see `LabelSource`."""
        end = min(end, self.until_ms)
        return sorted(
            labels
            for labels, points in self._series.items()
            if (not matchers or any(matches_all(choice, labels) for choice in matchers))
            and bisect_left(points.times, start) < bisect_right(points.times, end)
        )

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """Names in use; see `LabelSource`."""
        return sorted({name for item in self.series(matchers, start, end) for name, _ in item})

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """Values of a label; see `LabelSource`."""
        return sorted({item.get(name) for item in self.series(matchers, start, end)} - {""})

    def exemplars(
        self, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> list[SeriesExemplars]:
        """There are none."""
        del matchers, start_ms, end_ms
        return []
