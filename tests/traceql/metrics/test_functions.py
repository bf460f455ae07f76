"""What each function makes of spans."""

from __future__ import annotations

import pytest

from tests.traceql.metrics.asking import S, instant, points, spans_at


def test_counts_are_zero_where_nothing_starts() -> None:
    spans = spans_at(1, 2, 12)
    assert points("{ } | count_over_time()", spans) == {"__name__=count_over_time": [0, 2, 1]}
    assert points("{ } | rate()", spans) == {"__name__=rate": [0, 0.2, 0.1]}


def test_a_count_of_nothing_is_a_series_of_zeros_unless_it_is_grouped() -> None:
    spans = spans_at(1)
    assert points('{ name = "nope" } | rate()', spans) == {"__name__=rate": [0, 0, 0]}
    assert points('{ name = "nope" } | rate() by (name)', spans) == {}
    assert points("{ } | rate()", []) == {"__name__=rate": [0, 0, 0]}


def test_instant_rates_are_of_the_whole_range() -> None:
    found = instant("{ } | rate()", spans_at(1, 2, 12))
    assert found == {"__name__=rate": pytest.approx(0.15)}


def test_the_start_of_the_range_is_not_in_it_and_the_end_is() -> None:
    assert instant("{ } | count_over_time()", spans_at(0, 20, 20.5)) == {
        "__name__=count_over_time": 1
    }


def test_groups_have_typed_labels_and_no_label_for_nil() -> None:
    spans = [
        *spans_at(1, attributes={"a": 1, "b": "x"}),
        *spans_at(2, 3, trace=2, attributes={"a": 1}),
        *spans_at(4, trace=3, attributes={"b": "x"}),
        *spans_at(5, trace=4),
    ]
    assert points("{ } | count_over_time() by (span.a, span.b)", spans) == {
        "span.a=1": [0, 2, 0],
        "span.a=nil": [0, 1, 0],
        "span.b=x": [0, 1, 0],
        "span.a=1 span.b=x": [0, 1, 0],
    }


def test_status_and_kind_are_labelled_by_name() -> None:
    spans = spans_at(1, status=2, kind=3)
    assert points("{ } | count_over_time() by (status, kind)", spans) == {
        "status=error kind=client": [0, 1, 0]
    }


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("min_over_time", [None, 1, 7]),
        ("max_over_time", [None, 4, 7]),
        ("sum_over_time", [None, 5, 7]),
        ("avg_over_time", [None, 2.5, 7]),
    ],
)
def test_numbers_of_attributes(function: str, values: list[float | None]) -> None:
    spans = [
        *spans_at(1, attributes={"n": 1}),
        *spans_at(2, trace=2, attributes={"n": 4.0}),
        *spans_at(3, 13, trace=3, attributes={"n": "text"}),
        *spans_at(14, trace=4, attributes={"n": 7}),
        *spans_at(15, trace=5),
    ]
    assert points(f"{{ }} | {function}(span.n)", spans) == {f"__name__={function}": values}


def test_durations_are_in_seconds() -> None:
    spans = spans_at(1, duration_ns=3 * S // 2)
    assert points("{ } | max_over_time(duration)", spans) == {
        "__name__=max_over_time": [None, 1.5, None]
    }


def test_series_without_numbers_are_not_there() -> None:
    spans = spans_at(1, attributes={"n": "text"})
    for function in ("min_over_time", "sum_over_time", "avg_over_time", "histogram_over_time"):
        assert points(f"{{ }} | {function}(span.n) by (name)", spans) == {}


def test_histograms_count_whole_numbers_by_powers_of_two() -> None:
    spans = [
        *spans_at(1, attributes={"n": 5}),
        *spans_at(2, trace=2, attributes={"n": 8}),
        *spans_at(3, trace=3, attributes={"n": 9}),
        *spans_at(4, trace=4, attributes={"n": 1}),
        *spans_at(5, trace=5, attributes={"n": 6.5}),
    ]
    assert points("{ } | histogram_over_time(span.n)", spans) == {
        "__bucket=16.0": [0, 1, 0],
        "__bucket=8.0": [0, 2, 0],
    }


def test_histograms_of_durations_have_buckets_in_seconds() -> None:
    spans = [*spans_at(1, duration_ns=S, name="a"), *spans_at(2, duration_ns=1, trace=2)]
    assert points("{ } | histogram_over_time(duration) by (name)", spans) == {
        f"name=a __bucket={2**30 / 1e9}": [0, 1, 0]
    }


def test_quantiles_have_a_series_each_and_zeros_between() -> None:
    spans = [*spans_at(1, duration_ns=1 << 20), *spans_at(2, duration_ns=1 << 25, trace=2)]
    assert points("{ } | quantile_over_time(duration, .5, 1) by (name)", spans) == {
        "name=op p=0.5": [0, 2**20 / 1e9, 0],
        "name=op p=1.0": [0, 2**25 / 1e9, 0],
    }


def test_quantiles_of_spans_without_the_grouping_have_only_their_own_label() -> None:
    spans = spans_at(1, duration_ns=1 << 20)
    assert points("{ } | quantile_over_time(duration, 1) by (span.x)", spans) == {
        "p=1.0": [0, 2**20 / 1e9, 0]
    }
