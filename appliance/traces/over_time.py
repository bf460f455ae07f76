"""Calls, errors and latencies over time, as Jaeger's Monitor page draws them.

Every point looks back over a range, as Prometheus' `rate` does, but counts the stored spans
themselves: no extrapolation, no buckets. Calls count when they start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import STATUS_ERROR, equal
from appliance.traces.gather import Gathered
from appliance.traces.window import Window, bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns

#: (service, operation); the operation is empty when operations are not told apart.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Points:
    """What is asked for.

    Attributes:
        services: Of these.
        kinds: OTLP numbers of the span kinds that count.
        by_operation: Whether each operation has a line of its own.
        start_ns, end_ns: Of the points, both included.
        range_ns: How far a point looks back.
    """

    services: Sequence[str]
    kinds: Sequence[int]
    by_operation: bool
    start_ns: int
    end_ns: int
    step_ns: int
    range_ns: int

    def times(self) -> NDArray[np.int64]:
        """int64[point]."""
        return np.array(range(self.start_ns, self.end_ns + 1, self.step_ns), np.int64)


@dataclass(frozen=True, slots=True)
class Line:
    """Spans of one service or operation, by start.

    Attributes:
        firsts, lasts: int64[point], the spans each point looks at are `[firsts, lasts)`.
        durations_ns, errors: int64[span].
    """

    key: Key
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    durations_ns: NDArray[np.int64]
    errors: NDArray[np.int64]

    def rates(self, range_ns: int) -> NDArray[np.float64]:
        """Calls per second: float64[point]."""
        found: NDArray[np.float64] = (self.lasts - self.firsts) / (range_ns / 1e9)
        return found

    def error_ratios(self) -> NDArray[np.float64]:
        """Errors per call, NaN without calls: float64[point]."""
        sums = np.concatenate([[0], np.cumsum(self.errors)])
        calls = self.lasts - self.firsts
        failed = sums[self.lasts] - sums[self.firsts]
        return np.where(calls > 0, failed / np.maximum(calls, 1), np.nan)

    def quantiles_ns(self, quantile: float, guard: Guard) -> NDArray[np.float64]:
        """Latencies, NaN without calls: float64[point]."""
        found = np.full(len(self.firsts), np.nan)
        bounds = zip(self.firsts.tolist(), self.lasts.tolist(), strict=True)
        for point, (first, last) in enumerate(bounds):
            guard.check()
            if last > first:
                found[point] = np.quantile(self.durations_ns[first:last], quantile)
        return found


def lines(source: SpanSource, points: Points, guard: Guard) -> Iterator[Line]:
    """The lines of all services or operations that have spans, sorted.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    window = Window.of(points.start_ns - points.range_ns + 1, points.end_ns + 1)
    spans: Gathered[Key] = Gathered()
    for columns in source.scan(window.start_ns, window.end_ns, guard):
        guard.check()
        rows = np.flatnonzero(_mask(columns, points) & window.rows(columns))
        if not len(rows):
            continue
        codes = columns.services().ids[rows].astype(np.int64) << 32
        if points.by_operation:
            codes |= columns.names().ids[rows].astype(np.int64) + 1
        errors = (columns.numbers("status")[rows] == STATUS_ERROR).astype(np.int64)
        starts, durations = columns.numbers("start_ns")[rows], columns.numbers("duration_ns")[rows]
        spans.add(codes, _namer(columns), starts, durations, errors)
    yield from _lines(spans, points)


def _lines(spans: Gathered[Key], points: Points) -> Iterator[Line]:
    times = points.times()
    since = np.array([bounded(time - points.range_ns) for time in times.tolist()], np.int64)
    groups, starts = spans.groups, spans.column(0)
    order = np.lexsort((starts, groups))
    ends = np.cumsum(np.bincount(groups, minlength=len(spans.keys)))
    durations, errors = spans.column(1)[order], spans.column(2)[order]
    ordered = starts[order]
    for key, number in sorted(spans.keys.items()):
        part = slice(int(ends[number - 1]) if number else 0, int(ends[number]))
        mine = ordered[part]
        yield Line(
            key,
            np.searchsorted(mine, since, side="right"),
            np.searchsorted(mine, times, side="right"),
            durations[part],
            errors[part],
        )


def _mask(columns: SpanColumns, points: Points) -> NDArray[np.bool_]:
    mask = np.zeros(columns.count, dtype=bool)
    for service in points.services:
        mask |= equal(columns.services(), service)
    return mask & np.isin(columns.numbers("kind"), points.kinds)


def _namer(columns: SpanColumns) -> Callable[[int], Key]:
    services = list(map(str, columns.services().values))
    names = ["", *map(str, columns.names().values)]
    return lambda code: (services[code >> 32], names[code & 0xFFFFFFFF])
