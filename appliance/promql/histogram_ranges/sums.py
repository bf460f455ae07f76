"""Sums and averages of the native histograms of one window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.model.histogram import ResetHint
from appliance.promql.annotations import (
    HistogramOperation,
    info_mismatched_bounds,
    warn_mixed_schemas,
    warn_reset_collision,
)
from appliance.promql.histograms import HistogramMean, HistogramSum, IncompatibleSchemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.histogram import Histogram
    from appliance.promql.histogram_ranges.combining import Combining

#: From the histograms of a window to their sum or average; None when they do not go together.
Summing = Callable[["Sequence[Histogram]", "Combining"], "Histogram | None"]


def sum_histograms(window: Sequence[Histogram], place: Combining) -> Histogram | None:
    """The sum of at least one histogram."""
    total = HistogramSum(window[0])
    return total.total() if _added(total, window, place) else None


def average_histograms(window: Sequence[Histogram], place: Combining) -> Histogram | None:
    """The average of at least one histogram."""
    mean = HistogramMean(window[0])
    return mean.mean() if _added(mean, window, place) else None


def _added(
    total: HistogramSum | HistogramMean, window: Sequence[Histogram], place: Combining
) -> bool:
    try:
        for histogram in window[1:]:
            total.add(histogram)
    except IncompatibleSchemas:
        warn_mixed_schemas(place.remarks, place.position, place.name)
        return False
    hints = {histogram.reset_hint for histogram in window}
    if {ResetHint.RESET, ResetHint.NOT_RESET} <= hints:
        warn_reset_collision(place.remarks, place.position, HistogramOperation.AGGREGATION)
    if total.is_reconciled:
        info_mismatched_bounds(place.remarks, place.position, HistogramOperation.AGGREGATION)
    return True
