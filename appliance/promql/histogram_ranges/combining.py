"""Sums and differences of histograms whose oddities become remarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.promql.annotations import (
    HistogramOperation,
    info_mismatched_bounds,
    warn_mixed_schemas,
)
from appliance.promql.histograms import (
    IncompatibleSchemas,
    add,
    detect_reset,
    scale,
    subtract,
)

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram
    from appliance.promql.annotations import Remarks

#: A histogram and its time in milliseconds.
Point = tuple[int, "Histogram"]


@dataclass(frozen=True, slots=True)
class Combining:
    """Combines histograms of one series on behalf of one place in a query.

    Counter resets are dealt with by the callers, so that conflicting hints say nothing.

    Attributes:
        position: Of what the remarks are about.
        name: The metric's.
    """

    remarks: Remarks
    position: int
    name: str

    def sum(self, one: Histogram, other: Histogram) -> Histogram | None:
        """The sum; None, and a warning, when their schemas do not go together."""
        try:
            found = add(one, other)
        except IncompatibleSchemas:
            warn_mixed_schemas(self.remarks, self.position, self.name)
            return None
        if found.is_reconciled:
            info_mismatched_bounds(self.remarks, self.position, HistogramOperation.ADDITION)
        return found.histogram

    def difference(self, one: Histogram, other: Histogram) -> Histogram | None:
        """The difference; None, and a warning, when their schemas do not go together."""
        try:
            found = subtract(one, other)
        except IncompatibleSchemas:
            warn_mixed_schemas(self.remarks, self.position, self.name)
            return None
        if found.is_reconciled:
            info_mismatched_bounds(self.remarks, self.position, HistogramOperation.SUBTRACTION)
        return found.histogram

    def between(
        self, one: Point, other: Point, time_ms: int, *, is_counter: bool
    ) -> Histogram | None:
        """The histogram at a time between two; a counter that was reset grew from nothing."""
        (begin, earlier), (end, later) = one, other
        if time_ms == begin:
            return earlier
        if time_ms == end:
            return later
        share = (time_ms - begin) / (end - begin)
        if is_counter and detect_reset(later, earlier):
            return scale(later, share)
        grown = self.difference(later, earlier)
        return None if grown is None else self.sum(scale(grown, share), earlier)
