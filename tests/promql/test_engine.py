"""Evaluation of PromQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from appliance.base.errors import BadInput, LimitExceeded, QueryFailed, TimedOut
from appliance.model.sample import STALE
from appliance.model.value import Matrix, QueryResult, Scalar, StringValue, Vector
from appliance.promql.context import ALL_FEATURES
from appliance.promql.engine import evaluate
from appliance.promql.parser import parse
from tests.promql.memory_source import loaded, query, shown
from tests.sources import PlainSeries, labels, make_guard

A = labels(name="x", row="a")
B = labels(name="x", row="b")
C = labels(name="x", row="c")
DATA = PlainSeries(
    {
        C: {0: 1.0, 15_000: float("nan"), 30_000: 3.0},
        A: {0: 10.0, 15_000: 11.0, 30_000: 12.0},
        B: {0: 20.0, 30_000: STALE, 45_000: 22.0},
    }
)


def run(text: str, start: int, end: int | None = None, step: int = 0, **more: Any) -> QueryResult:
    return evaluate(
        parse(text),
        more.pop("source", DATA),
        start_ms=start,
        end_ms=start if end is None else end,
        step_ms=step,
        guard=more.pop("guard", make_guard()),
        **more,
    )


def vector(text: str, at: int, **more: Any) -> dict[str, float]:
    found = run(text, at, **more).value
    assert isinstance(found, Vector)
    assert found.timestamp_ms == at
    return {
        item.get("row"): value
        for item, value in zip(found.labels, found.values.tolist(), strict=True)
    }


def matrix(result: QueryResult) -> list[tuple[str, list[tuple[int, float]]]]:
    assert isinstance(result.value, Matrix)
    return [
        (item.get("row"), list(zip(times.tolist(), values.tolist(), strict=True)))
        for item, times, values in result.value.series
    ]


def test_instant_vector_is_sorted_by_labels() -> None:
    assert vector("x", 0) == {"a": 10, "b": 20, "c": 1}
    assert list(vector("x", 0)) == ["a", "b", "c"]


def test_nan_is_a_value_and_stale_is_none() -> None:
    assert repr(vector("x", 20_000)) == "{'a': 11.0, 'b': 20.0, 'c': nan}"
    assert vector("x", 30_000) == {"a": 12, "c": 3}
    assert vector("x", 45_000) == {"a": 12, "b": 22, "c": 3}


def test_lookback_is_open_on_the_left() -> None:
    assert vector("x", 329_999) == {"a": 12, "b": 22, "c": 3}
    assert vector("x", 330_000) == {"b": 22}
    assert vector("x", 30_000 + 999, lookback_ms=1000) == {"a": 12, "c": 3}
    assert vector("x", 30_000 + 1000, lookback_ms=1000) == {}


def test_nothing_before_the_first_sample() -> None:
    assert vector("x", -1) == {}


def test_offset_moves_what_is_seen() -> None:
    assert vector("x offset 15s", 15_000) == vector("x", 0)
    assert vector("x offset -15s", 0) == {"a": 11.0, "b": 20.0} | {
        "c": pytest.approx(np.nan, nan_ok=True)
    }


def test_matchers_choose() -> None:
    assert vector('x{row=~"a|c"}', 0) == {"a": 10, "c": 1}
    assert vector('x{row!="a"}', 0) == {"b": 20, "c": 1}
    assert vector('{__name__=~"x.*",row!~"a|c"}', 0) == {"b": 20}


def test_range_query_has_points_where_there_are_values() -> None:
    found = matrix(run('x{row!="c"}', 0, 50_000, 10_000))
    assert found == [
        ("a", [(0, 10), (10_000, 10), (20_000, 11), (30_000, 12), (40_000, 12), (50_000, 12)]),
        ("b", [(0, 20), (10_000, 20), (20_000, 20), (50_000, 22)]),
    ]


def test_range_ends_where_a_step_does() -> None:
    assert matrix(run('x{row="a"}', 0, 19_999, 10_000)) == [("a", [(0, 10), (10_000, 10)])]
    assert matrix(run("x", 10, 0, 10)) == []


def test_range_vector_is_raw_samples_open_on_the_left() -> None:
    found = matrix(run('x{row!="c"}[30s]', 30_000))
    assert found == [("a", [(15_000, 11), (30_000, 12)])]
    assert matrix(run('x{row="a"}[15s] offset 15s', 30_000)) == [("a", [(15_000, 11)])]


def test_literals() -> None:
    assert run("(1.5)", 7).value == Scalar(7, 1.5)
    assert run('"text"', 7).value == StringValue(7, "text")
    assert matrix(run("2", 0, 20, 10)) == [("", [(0, 2), (10, 2), (20, 2)])]


@pytest.mark.parametrize(("text", "kind"), [("x[1m]", "range vector"), ("('a')", "string")])
def test_range_queries_need_scalars_or_instant_vectors(text: str, kind: str) -> None:
    with pytest.raises(BadInput, match=f'invalid expression type "{kind}" for range query'):
        run(text, 0, 10, 1)


HISTOGRAMS = loaded("""
    load 1m
        h{a="1"} 1 {{schema:0 count:3 sum:5 buckets:[1 2]}} _ 4
        h{a="2"} {{schema:0 count:1 sum:5 buckets:[1]}}x3
        h{a="0"} 7
""")


def test_histograms_are_beside_the_floats() -> None:
    found = query("h", HISTOGRAMS, "1m", lookback_ms=60_000).value
    assert isinstance(found, Vector)
    assert [item.get("a") for item in found.labels] == ["1", "2"]
    assert found.histograms is not None
    assert [item and item.count for item in found.histograms] == [3.0, 1.0]


def test_series_may_have_floats_and_histograms() -> None:
    found = query("h", HISTOGRAMS, ("0", "3m", "1m"), lookback_ms=60_000).value
    assert isinstance(found, Matrix)
    assert [(dict(item)["a"], values.tolist()) for item, _, values in found.series] == [
        ("0", [7.0]),
        ("1", [1.0, 4.0]),
        ("2", []),
    ]
    assert found.histograms is not None
    seen = [None if item is None else item[0].tolist() for item in found.histograms]
    assert seen == [None, [60_000], [0, 60_000, 120_000, 180_000]]
    floats = query('h{a="0"}', HISTOGRAMS, ("0", "3m", "1m")).value
    assert isinstance(floats, Matrix)
    assert floats.histograms is None


def test_raw_samples_with_histograms() -> None:
    found = query("h[3m]", HISTOGRAMS, "2m").value
    assert isinstance(found, Matrix)
    assert [values.tolist() for _, _, values in found.series] == [[7.0], [1.0], []]
    assert found.histograms is not None
    assert found.histograms[0] is None
    assert [item and item[0].tolist() for item in found.histograms[1:]] == [
        [60_000],
        [0, 60_000, 120_000],
    ]


def test_an_order_that_was_asked_for_is_kept() -> None:
    assert [values for _, values in shown(query("sort_desc(x)", DATA, "0"))] == [[20], [10], [1]]
    assert [values for _, values in shown(query("x * 2", DATA, "0"))] == [[20], [40], [2]]


def test_a_subquery_shows_its_own_times_and_drops_names() -> None:
    found = query("abs(x)[30s:15s]", DATA, "30").value
    assert isinstance(found, Matrix)
    first, times, values = found.series[0]
    assert first == labels(row="a")
    assert (times.tolist(), values.tolist()) == ([15_000, 30_000], [11, 12])


@pytest.mark.parametrize("features", [ALL_FEATURES, frozenset[str]()])
def test_names_that_go_must_not_make_series_equal(features: frozenset[str]) -> None:
    source = loaded('load 1m\n one{a="b"} 1 2\n two{a="b"} _ 3')
    with pytest.raises(QueryFailed, match="vector cannot contain metrics with the same labelset"):
        query('abs({a="b"})', source, "1m", features=features)
    apart = loaded('load 1m\n one{a="b"} 1 stale\n two{a="b"} _ 3')
    found = query('abs({a="b"})', apart, ("0", "1m", "1m"), features=features)
    assert shown(found) == [({"a": "b"}, [1, 3])]


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded, match="too many samples"):
        run("x", 0, 50_000, 1, guard=make_guard(max_samples=1000))
    guard = make_guard()
    guard.cancel()
    with pytest.raises(TimedOut, match="canceled"):
        run("x", 0, guard=guard)


def test_remarks_name_the_place_inside_parentheses() -> None:
    found = query("sum((rate((x[1m]))))", DATA, "30").annotations.infos
    assert [text[-6:] for text in found] == ["(1:12)"]
