"""Spans that stand for points."""

from __future__ import annotations

import pytest

from appliance.traceql.results import MetricsResult, SpanExemplar
from tests.spans import PlainSpan
from tests.traceql.metrics.asking import START, S, ask, spans_at


def found(result: MetricsResult) -> list[SpanExemplar]:
    return [exemplar for series in result.series for exemplar in series.exemplars]


def label(exemplar: SpanExemplar, name: str) -> object:
    return dict(exemplar.labels)[name].value


def many(count: int) -> list[PlainSpan]:
    """One span each of some traces, evenly spread over the range."""
    return [
        PlainSpan(number, number, "op", start_ns=START + number * 20 * S // (count + 1))
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("limit", [0, 1, 2, 7, 40])
def test_there_are_no_more_than_asked_for(limit: int) -> None:
    assert len(found(ask("{ } | rate()", many(200), exemplars=limit))) <= limit


def test_they_are_spread_over_the_range() -> None:
    times = [one.timestamp_ns - START for one in found(ask("{ } | rate()", many(200), exemplars=9))]
    assert min(times) < 10 * S < max(times)
    assert times == sorted(times)


def test_a_trace_gives_one() -> None:
    assert len(found(ask("{ } | rate()", spans_at(1, 5, 11, 15), exemplars=50))) == 1


def test_they_belong_to_the_series_and_step_of_their_span() -> None:
    spans = [*spans_at(1, name="a"), *spans_at(12, name="b", trace=2)]
    result = ask("{ } | count_over_time() by (name)", spans, exemplars=50)
    assert [
        (series.labels[0][1].value, label(one, "name"), one.value, one.timestamp_ns - START)
        for series in result.series
        for one in series.exemplars
    ] == [("a", "a", 1.0, S), ("b", "b", 1.0, 12 * S)]


def test_labels_tell_the_trace_and_what_the_query_speaks_of() -> None:
    spans = spans_at(1, attributes={"user": "ann", "n": 3}, trace=0xAB)
    query = '{ span.user = "ann" } | max_over_time(span.n) by (resource.service.name)'
    (one,) = found(ask(query, spans, exemplars=1))
    assert label(one, "trace:id") == "ab"
    assert label(one, "span.user") == "ann"
    assert label(one, "resource.service.name") == "shop"
    assert one.value == 3.0


def test_an_exemplar_of_quantiles_is_beside_the_nearest() -> None:
    spans = [
        *(span for at in range(1, 9) for span in spans_at(at, trace=at, duration_ns=1 << 20)),
        *spans_at(9, trace=9, duration_ns=1 << 30),
    ]
    result = ask("{ } | quantile_over_time(duration, .5, 1)", spans, exemplars=100)
    values = {
        series.labels[0][1].value: [one.value for one in series.exemplars]
        for series in result.series
    }
    assert values[1.0] == [2**30 / 1e9]
    assert set(values[0.5]) == {2**20 / 1e9}


def test_points_that_are_gone_take_their_exemplars_along() -> None:
    result = ask("{ } | count_over_time() > 1", spans_at(1), exemplars=10)
    assert found(result) == []


@pytest.mark.parametrize(("hint", "count"), [("exemplars=4", 4), ("exemplars=false", 0)])
def test_the_query_decides_over_the_request(hint: str, count: int) -> None:
    result = ask(f"{{ }} | rate() with ({hint})", many(50), exemplars=20)
    assert len(found(result)) == count
