"""What each function makes of spans."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.ast import MetricsAggregate, MetricsPipeline
from appliance.traceql.block import Block
from appliance.traceql.metrics import series
from appliance.traceql.metrics.functions import Grouping
from appliance.traceql.metrics.run import MetricsRequest, query_instant
from appliance.traceql.parser import parse_query
from tests.spans import PlainColumns, PlainSpan, PlainSpans
from tests.traceql.metrics.asking import START, S, guard, instant, points, spans_at


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


def test_many_series_have_their_quantiles_as_long_as_the_guard_lets_them() -> None:
    class Patient(QueryGuard):
        asked = 0

        def check(self) -> None:
            self.asked += 1

    spans = [
        PlainSpan(1, number, start_ns=START + 1, duration_ns=number) for number in range(2, 2002)
    ]
    query = parse_query("{ } | quantile_over_time(duration, .5, .9) by (span:id)")
    asked = Patient(QueryLimits(), ManualClock())
    request = MetricsRequest(START, START + 10, max_series=0)
    found = query_instant(PlainSpans(spans), query, request, asked)
    values = {dict(one.labels)["span:id"].value: one.values[0] for one in found.series}
    assert values[f"{8:016x}"] == pytest.approx(8e-9)
    assert len(found.series) == 4000
    assert asked.asked > 4000  # for each series, and for its quantiles


def test_quantiles_count_as_points() -> None:
    limits = QueryGuard(QueryLimits(max_samples=10_000), ManualClock())
    request = MetricsRequest(START, START + 10, max_series=0)
    quantiles = ", ".join([".5"] * 11_000)
    query = parse_query(f"{{ }} | quantile_over_time(duration, {quantiles})")
    with pytest.raises(LimitExceeded):
        query_instant(PlainSpans(spans_at(1e-9)), query, request, limits)


def test_series_that_are_not_counted_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "MOST_SERIES", 10)
    query = parse_query("{ } | count_over_time() by (span.a, span.b)").metrics
    assert isinstance(query, MetricsPipeline)
    assert isinstance(query.first, MetricsAggregate)
    grouping = Grouping(query.first, guard())
    for at in range(20):
        spans = spans_at(1, 2, 3, attributes={"a": at, "b": -at})
        found = grouping.series_of(Block(PlainColumns(spans)), np.arange(3))
        assert set(found.tolist()) == {at if at < 10 else -1}
    spans = [*spans_at(1, attributes={"a": 3, "b": -3}), *spans_at(2, attributes={"a": 3, "b": -4})]
    found = grouping.series_of(Block(PlainColumns(spans)), np.arange(2))
    assert found.tolist() == [3, -1]
    assert all(len(values.statics) <= 11 for values in grouping._values)
    assert len(grouping._known) == 10
