from __future__ import annotations

import pytest

from appliance.model.histogram import Histogram, ResetHint
from appliance.promql.annotations import Remarks
from appliance.promql.ast import Call, NumberLiteral
from appliance.promql.histogram_ranges.rate import (
    Range,
    extrapolated_histogram,
    last_two_histograms,
)
from tests.promql.memory_source import histogram_of

_ARGUMENTS = (NumberLiteral(0.0),)


def _counter(count: int, more: str = "") -> Histogram:
    return histogram_of(f"count:{count} sum:{count} buckets:[{count}] {more}")


def _window(*counts: int, began_ms: tuple[int, ...] = (), end_ms: int = 40_000) -> Range:
    times = [10_000 * number for number in range(1, len(counts) + 1)]
    return Range(times, [_counter(count) for count in counts], began_ms, 0, end_ms)


def _increase(window: Range, name: str = "increase") -> Histogram | None:
    return extrapolated_histogram(Call(name, _ARGUMENTS), window, Remarks(""), name="h")


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        # 30 of 40 s are sampled; the zero point is at 0 s.
        ((10, 20, 30, 40), 40.0),
        # The zero point lies 3 s before the first sample.
        ((3, 13, 23, 33), 30.0 * 33 / 30),
        # 10 before the reset, 20 and 10 behind it.
        ((10, 20, 20, 10), 20.0 * 40 / 30),
        ((0, 0, 0, 0), 0.0),
    ],
)
def test_growth_is_extrapolated(counts: tuple[int, ...], wanted: float) -> None:
    found = _increase(_window(*counts))
    assert found is not None
    assert found.count == pytest.approx(wanted)
    assert found.reset_hint == ResetHint.GAUGE


def test_start_times_tell_resets_that_counts_do_not() -> None:
    found = _increase(_window(10, 20, 30, 40, began_ms=(1, 1, 25_000, 25_000)))
    plain = _increase(_window(10, 20, 30, 40))
    assert found is not None
    assert plain is not None
    # 30 s sampled and a sample of 0 at 1 ms: 40 + 20 lost.
    assert found.count == pytest.approx(60.0)
    assert plain.count == 40.0


def test_one_sample_suffices_when_it_has_begun_within_the_window() -> None:
    found = _increase(_window(7, began_ms=(5_000,), end_ms=10_000))
    assert found is not None
    assert found.count == 7.0
    assert _increase(_window(7, end_ms=10_000)) is None


def test_the_first_layout_does_not_matter_before_a_reset() -> None:
    custom = histogram_of("schema:-53 count:9 sum:9 custom_values:[1] buckets:[9 0]")
    window = Range([10_000, 20_000, 30_000], [custom, _counter(2), _counter(4)], (), 0, 30_000)
    found = _increase(window)
    assert found is not None
    assert found.count == pytest.approx(4.0 * (1 + 10 / 20))


def test_the_last_two_are_divided_by_their_distance() -> None:
    window = _window(10, 25).last(2)
    found = last_two_histograms(Call("irate", _ARGUMENTS), window, Remarks(""), name="h")
    assert found is not None
    assert found.count == 1.5
