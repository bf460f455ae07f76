from __future__ import annotations

import pytest

from appliance.promql.annotations import Remarks
from appliance.promql.ast import Call, NumberLiteral
from appliance.promql.histogram_ranges.extended import extended_histogram
from appliance.promql.histogram_ranges.rate import Range
from tests.promql.memory_source import histogram_of


def _increase(
    counts: list[int], extension: str, span: tuple[int, int], name: str = "increase"
) -> float | None:
    """Samples at 10 s, 20 s and so on; span: of the range, in seconds."""
    window = Range(
        [10_000 * number for number in range(1, len(counts) + 1)],
        [histogram_of(f"count:{count} sum:{count} buckets:[{count}]") for count in counts],
        (),
        span[0] * 1000,
        span[1] * 1000,
    )
    call = Call(name, (NumberLiteral(0.0),))
    found = extended_histogram(call, window, Remarks(""), name="h", extension=extension)
    return None if found is None else found.count


@pytest.mark.parametrize(
    ("counts", "extension", "span", "wanted"),
    [
        ([10, 20, 30], "anchored", (15, 35), 20.0),
        ([10, 20, 30], "smoothed", (15, 25), 10.0),
        ([10, 20, 30], "smoothed", (15, 35), 15.0),
        # A reset in the middle: 20 was reached, then 5.
        ([10, 20, 5], "anchored", (15, 35), 15.0),
        # Half of the way from 0 to 5, the 5 between 15 s and 20 s before it.
        ([10, 20, 5], "smoothed", (15, 25), 7.5),
        # The left border is behind the reset.
        ([20, 6, 8], "smoothed", (15, 30), 5.0),
        ([20, 6, 4], "smoothed", (15, 30), 7.0),
        ([10, 20], "anchored", (25, 35), None),
        ([10, 20], "smoothed", (0, 5), None),
        ([10], "anchored", (5, 15), 0.0),
    ],
)
def test_growth_between_the_borders(
    counts: list[int], extension: str, span: tuple[int, int], wanted: float | None
) -> None:
    assert _increase(counts, extension, span) == wanted


def test_rates_are_by_second() -> None:
    assert _increase([10, 20, 30], "anchored", (10, 30), "rate") == 1.0


def test_a_gauge_may_fall() -> None:
    assert _increase([30, 10], "anchored", (10, 30), "delta") == -20.0
