from __future__ import annotations

from appliance.promql.annotations import Remarks
from appliance.promql.histogram_ranges.combining import Combining
from appliance.promql.histogram_ranges.sums import average_histograms, sum_histograms
from tests.promql.memory_source import histogram_of

_SMALL = histogram_of("count:1 sum:1 buckets:[1]")
_LARGE = histogram_of("count:1e100 sum:1e100 buckets:[1e100]")
_NEGATIVE = histogram_of("count:-1e100 sum:-1e100 buckets:[-1e100]")
_HUGE = histogram_of("count:1 sum:1.7e308 buckets:[1]")


def _place() -> Combining:
    return Combining(Remarks(""), 0, "h")


def test_small_counts_are_not_lost_beside_large_ones() -> None:
    found = sum_histograms([_LARGE, _SMALL, _NEGATIVE], _place())
    assert found is not None
    assert (found.count, found.sum) == (1.0, 1.0)


def test_averages_do_not_overflow() -> None:
    found = average_histograms([_HUGE, _HUGE, _HUGE], _place())
    assert found is not None
    assert (found.count, found.sum) == (1.0, 1.7e308)


def test_conflicting_hints_are_noticed_though_others_lie_between() -> None:
    place = _place()
    reset = histogram_of("count:1 sum:1 counter_reset_hint:reset")
    not_reset = histogram_of("count:1 sum:1 counter_reset_hint:not_reset")
    assert sum_histograms([reset, _SMALL, not_reset], place) is not None
    (warning,) = place.remarks.annotations().warnings
    assert "conflicting counter resets" in warning
