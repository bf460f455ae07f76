"""Rates of native histograms, window by window (promql/functions.go, histogramRate)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.model.histogram import Histogram, ResetHint
from appliance.promql.annotations import (
    HistogramOperation,
    info_mismatched_bounds,
    warn_mixed_schemas,
    warn_not_counter,
    warn_not_gauge,
)
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.histograms import (
    IncompatibleSchemas,
    compact,
    copy_to_schema,
    detect_reset,
    divide,
    scale,
    subtract,
)
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.promql.annotations import Remarks
    from appliance.promql.ast import Call
    from appliance.promql.frame import Ranges
    from appliance.promql.mixed import MixedSeries

#: A gap to the window's border is bridged when it is below so many times the samples' distance.
BRIDGED = 1.1


@dataclass(frozen=True, slots=True)
class Range:
    """The histograms of one window.

    Attributes:
        began_ms: Start times, 0 for none; empty when they do not matter.
        start_ms, end_ms: The window is (start_ms, end_ms].
    """

    times: Sequence[int]
    histograms: Sequence[Histogram]
    began_ms: Sequence[int]
    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, series: MixedSeries, found: Ranges, step: int) -> Range:
        """The window of a step, which holds no floats."""
        window = slice(int(series.lo[step]), int(series.hi[step]))
        return cls(
            series.times[window].tolist(),
            [item for item in series.histograms[window] if item is not None],
            [] if series.began_ms is None else series.began_ms[window].tolist(),
            int(found.starts_ms[step]),
            int(found.ends_ms[step]),
        )

    def last(self, count: int) -> Range:
        """Its last samples."""
        return replace(
            self,
            times=self.times[-count:],
            histograms=self.histograms[-count:],
            began_ms=self.began_ms[-count:],
        )

    def is_reset(self, place: int, before: Histogram) -> bool:
        """Whether a counter began anew between sample `place` and the one before, `before`."""
        return self._began_anew(place) or detect_reset(self.histograms[place], before)

    def _began_anew(self, place: int) -> bool:
        if not self.began_ms:
            return False
        began, before = self.began_ms[place], self.began_ms[place - 1]
        earlier = self.times[place - 1]
        if began == 0 or began >= self.times[place] or began < earlier:
            return False
        return began > earlier or 0 < before < earlier


def extrapolated_histogram(
    call: Call, window: Range, remarks: Remarks, *, name: str, extension: str = ""
) -> Histogram | None:
    """What rate, increase or delta give, as if samples reached to the window's borders."""
    del extension
    is_counter = call.name != "delta"
    combining = Combining(remarks, argument_position(call), name)
    many = len(window.histograms) > 1
    grown = _growth(window, combining, is_counter=is_counter) if many else None
    if many and grown is None:
        return None
    first, last = window.times[0], window.times[-1]
    distance = (last - first) / 1000 / (len(window.times) - 1) if many else 0.0
    to_start, to_end = (first - window.start_ms) / 1000, (window.end_ms - last) / 1000
    sampled = (last - first) / 1000
    began = window.began_ms[0] if window.began_ms else 0
    if is_counter and began and window.start_ms < began < first:
        to_start, sampled = 0.0, (last - began) / 1000
        opening = window.histograms[0]
        grown = opening if grown is None else combining.sum(grown, opening)
    elif grown is not None:
        if to_start >= distance * BRIDGED:
            to_start = distance / 2
        if is_counter and grown.count > 0 and window.histograms[0].count >= 0:
            to_start = min(to_start, sampled * (window.histograms[0].count / grown.count))
    if grown is None:
        return None
    if to_end >= distance * BRIDGED:
        to_end = distance / 2
    factor = (sampled + to_start + to_end) / sampled if sampled else 1.0
    if call.name == "rate":
        factor /= (window.end_ms - window.start_ms) / 1000
    return scale(grown, factor)


def _growth(window: Range, combining: Combining, *, is_counter: bool) -> Histogram | None:
    """What a series grew from the first sample to the last; None when samples do not fit."""
    remarks, position, name = combining.remarks, combining.position, combining.name
    points = window.histograms
    first, last = points[0], points[-1]
    gauges = [item.reset_hint == ResetHint.GAUGE for item in points]
    if is_counter and any(gauges):
        warn_not_counter(remarks, position, name)
    if is_counter and window.is_reset(1, first):
        # The first sample does not matter, nor do its buckets.
        first = Histogram(points[1].schema, 0.0, 0.0, custom_values=points[1].custom_values)
    between = points[1:-1] if is_counter else ()
    if any(item.is_custom != first.is_custom for item in (last, *between)):
        warn_mixed_schemas(remarks, position, name)
        return None
    schema = min(item.schema for item in (first, last, *between))
    grown = combining.difference(copy_to_schema(last, schema), first)
    if grown is None:
        return None
    if is_counter:
        before = first
        for place in range(1, len(points)):
            if window.is_reset(place, before):
                found = combining.sum(grown, before)
                if found is None:
                    return None
                grown = found
            before = points[place]
    elif not (gauges[0] and gauges[-1]):
        warn_not_gauge(remarks, position, name)
    return compact(replace(grown, reset_hint=ResetHint.GAUGE))


def last_two_histograms(
    call: Call, window: Range, remarks: Remarks, *, name: str
) -> Histogram | None:
    """What irate or idelta give for two histograms."""
    before, now = window.histograms
    is_counter = call.name == "irate"
    position = argument_position(call)
    gauges = [item.reset_hint == ResetHint.GAUGE for item in window.histograms]
    if is_counter and any(gauges):
        warn_not_counter(remarks, position, name)
    if not is_counter and not all(gauges):
        warn_not_gauge(remarks, position, name)
    grown = now
    if not is_counter or not window.is_reset(1, before):
        try:
            found = subtract(now, before)
        except IncompatibleSchemas:
            warn_mixed_schemas(remarks, position, name)
            return None
        if found.is_reconciled:
            info_mismatched_bounds(remarks, position, HistogramOperation.SUBTRACTION)
        grown = found.histogram
    grown = compact(replace(grown, reset_hint=ResetHint.GAUGE))
    return divide(grown, (window.times[1] - window.times[0]) / 1000) if is_counter else grown
