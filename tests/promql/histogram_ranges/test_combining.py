from __future__ import annotations

import pytest

from appliance.promql.annotations import Remarks
from appliance.promql.histogram_ranges.combining import Combining
from tests.promql.memory_source import histogram_of

_ONE = histogram_of("count:3 sum:5 buckets:[1 2]")
_TWO = histogram_of("count:6 sum:9 buckets:[2 4]")
_CUSTOM = histogram_of("schema:-53 count:3 sum:5 custom_values:[1] buckets:[1 2]")
_OTHER_BOUNDS = histogram_of("schema:-53 count:6 sum:9 custom_values:[1 4] buckets:[2 2 2]")


def _combining() -> Combining:
    return Combining(Remarks(""), 0, "h")


def test_sums_and_differences() -> None:
    combining = _combining()
    total, rest = combining.sum(_ONE, _TWO), combining.difference(_TWO, _ONE)
    assert total is not None
    assert rest is not None
    assert (total.count, rest.count) == (9.0, 3.0)
    assert combining.remarks.annotations().warnings == ()


def test_schemas_that_do_not_go_together_give_a_warning() -> None:
    combining = _combining()
    assert combining.sum(_ONE, _CUSTOM) is None
    assert combining.difference(_ONE, _CUSTOM) is None
    (warning,) = combining.remarks.annotations().warnings
    assert warning.endswith('custom buckets schemas for metric name "h"')


def test_different_bounds_give_an_info() -> None:
    combining = _combining()
    assert combining.sum(_CUSTOM, _OTHER_BOUNDS) is not None
    assert combining.difference(_OTHER_BOUNDS, _CUSTOM) is not None
    assert [info.rpartition(" ")[2] for info in combining.remarks.annotations().infos] == [
        "addition",
        "subtraction",
    ]


@pytest.mark.parametrize(
    ("time_ms", "is_counter", "count"),
    [(0, True, 3.0), (100, True, 6.0), (25, True, 3.75), (25, False, 3.75)],
)
def test_between_two_histograms(time_ms: int, is_counter: bool, count: float) -> None:  # noqa: FBT001 - a parameter
    found = _combining().between((0, _ONE), (100, _TWO), time_ms, is_counter=is_counter)
    assert found is not None
    assert found.count == count


def test_a_counter_that_was_reset_grew_from_nothing() -> None:
    combining = _combining()
    counter = combining.between((0, _TWO), (100, _ONE), 50, is_counter=True)
    gauge = combining.between((0, _TWO), (100, _ONE), 50, is_counter=False)
    assert counter is not None
    assert gauge is not None
    assert (counter.count, gauge.count) == (1.5, 4.5)
