"""Aggregations of floats against a model that does one step and one sample at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.promql.aggregation import aggregate
from appliance.promql.ast import Aggregate, NumberLiteral
from appliance.promql.frame import Frame
from tests.promql.vectors import (
    INF,
    NAN,
    VECTOR,
    cells,
    context,
    frame,
    frames,
    same,
    shown,
    texts,
)
from tests.random_examples import examples

PARAM = NumberLiteral(0.0, position=4)


def run(op: str, vector: Frame, *grouping: str, **more: Any) -> Frame:
    """An aggregation; more: without, param (a number for all steps, or an array), around."""
    steps = vector.values.shape[1]
    param = more.get("param")
    around = more.get("around") or context(steps)
    expr = Aggregate(op, VECTOR, PARAM, grouping, more.get("without", False))
    if isinstance(param, float | int):
        param = np.full(steps, float(param))
    return aggregate(expr, vector, param, around)


def _total(values: list[float]) -> float:
    if any(math.isnan(value) for value in values) or {INF, -INF} <= set(values):
        return NAN
    if {INF, -INF} & set(values):
        return INF if INF in values else -INF
    return float(sum(map(Fraction, values)))


def _mean(values: list[float]) -> float:
    total = _total(values)
    if math.isfinite(total):
        return float(sum(map(Fraction, values)) / len(values))
    return total


def _variance(values: list[float]) -> float:
    if not all(map(math.isfinite, values)):
        return NAN
    exact = list(map(Fraction, values))
    mean = sum(exact) / len(exact)
    return float(sum((value - mean) ** 2 for value in exact) / len(exact))


def _quantile(wanted: float) -> Callable[[list[float]], float]:
    def quantile(values: list[float]) -> float:
        if math.isnan(wanted):
            return NAN
        if wanted < 0 or wanted > 1:
            return INF if wanted > 1 else -INF
        ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
        rank = wanted * (len(ordered) - 1)
        lower = max(0, math.floor(rank))
        upper = min(len(ordered) - 1, lower + 1)
        weight = rank - math.floor(rank)
        return ordered[lower] * (1 - weight) + ordered[upper] * weight

    return quantile


def _best(choose: Callable[..., float]) -> Callable[[list[float]], float]:
    def best(values: list[float]) -> float:
        numbers = [value for value in values if not math.isnan(value)]
        return choose(numbers) if numbers else NAN

    return best


MODELS: dict[str, Callable[[list[float]], float]] = {
    "sum": _total,
    "avg": _mean,
    "min": _best(min),
    "max": _best(max),
    "count": lambda values: float(len(values)),
    "group": lambda _: 1.0,
}


def _model(
    rows: list[tuple[Labels, list[Any]]],
    key: Callable[[Labels], Labels],
    fold: Callable[[list[float]], float],
) -> dict[Labels, list[float | None]]:
    found: dict[Labels, list[float | None]] = {}
    for step in range(3):
        groups: dict[Labels, list[float]] = {}
        for labels, values in rows:
            if values[step] is not None:
                groups.setdefault(key(labels), []).append(values[step])
        for group, values in groups.items():
            found.setdefault(group, [None] * 3)[step] = fold(values)
    return found


def _by_a(labels: Labels) -> Labels:
    return Labels(pair for pair in labels if pair[0] == "a")


def _without_a(labels: Labels) -> Labels:
    return labels.without("a", "__name__")


@given(op=st.sampled_from(sorted(MODELS)), without=st.booleans(), rows=frames())
@examples(250)
def test_floats_come_out_as_one_by_one(
    *, op: str, without: bool, rows: list[tuple[Labels, list[Any]]]
) -> None:
    wanted = _model(rows, _without_a if without else _by_a, MODELS[op])
    found = dict(cells(run(op, frame(rows), "a", without=without))) if rows else {}
    assert found.keys() == wanted.keys()
    for labels, values in wanted.items():
        pairs = zip(values, found[labels], strict=True)
        assert all(same(one, other) for one, other in pairs), (labels, values, found[labels])  # type: ignore[arg-type]  # no histograms


@given(rows=frames(tame=True), wanted=st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0, 1.5, -1.0, NAN]))
def test_quantiles_and_variances_come_out_as_one_by_one(
    rows: list[tuple[Labels, list[Any]]], wanted: float
) -> None:
    if not rows:
        return
    for op, fold in (("quantile", _quantile(wanted)), ("stdvar", _variance)):
        found = dict(cells(run(op, frame(rows), "b", param=wanted)))
        model = _model(rows, lambda labels: Labels(p for p in labels if p[0] == "b"), fold)
        assert found.keys() == model.keys()
        for labels, values in model.items():
            pairs = zip(values, found[labels], strict=True)
            assert all(same(one, other) for one, other in pairs)  # type: ignore[arg-type]


def test_by_keeps_only_labels_that_are_there() -> None:
    vector = frame({'m{a="1",c="x"}': [1], 'm{a="2"}': [2]})
    assert shown(run("sum", vector, "a", "c")) == {'{a="1",c="x"}': [1.0], '{a="2"}': [2.0]}


def test_without_drops_the_metric_name() -> None:
    vector = frame({'m{a="1"}': [1], 'n{a="1"}': [2]})
    assert shown(run("sum", vector, without=True)) == {'{a="1"}': [3.0]}


def test_a_group_takes_the_name_along_when_a_member_loses_it() -> None:
    marks = np.array([False, True])
    both = frame({'m{a="1"}': [1, 2], 'm{a="2"}': [1, None]})
    vector = Frame(both.labels, both.values, both.present, nameless=marks)
    found = run("sum", vector, "__name__")
    # The last step decides, as in Prometheus.
    assert found.nameless is not None
    assert found.nameless.tolist() == [False]
    again = Frame(both.labels, both.values, both.present[:, ::-1], nameless=marks)
    assert run("sum", again, "__name__").nameless.tolist() == [True]  # type: ignore[union-attr]


def test_equal_values_have_no_deviation() -> None:
    vector = frame({f'm{{a="{number}"}}': [13.3] for number in range(3)})
    assert shown(run("stddev", vector)) == {"{}": [0.0]}


def test_variances_of_close_values_are_those_of_prometheus() -> None:
    times = [1795266390.0, 1795265940.0, 1795265740.0, 1795266012.0]
    mean = squares = 0.0
    for number, value in enumerate(times, 1):
        apart = value - mean
        mean += apart / number
        squares += apart * (value - mean)
    vector = frame({f'm{{a="{number}"}}': [value] for number, value in enumerate(times)})
    assert shown(run("stdvar", vector)) == {"{}": [squares / 4]}


def test_variances_of_many_values() -> None:
    vector = frame({f'm{{a="{number}"}}': [1e9 + number, None] for number in range(1000)})
    assert shown(run("stdvar", vector)) == {"{}": [pytest.approx(999_999 / 12), None]}


@pytest.mark.parametrize("op", ["min", "max", "stddev", "stdvar", "quantile"])
def test_histograms_are_ignored_with_an_info(op: str) -> None:
    vector = frame({'m{a="1"}': ["count:3 sum:5 buckets:[3]"], 'm{a="2"}': [4]})
    around = context(1)
    assert shown(run(op, vector, "a", param=0.5, around=around)).keys() == {'{a="2"}'}
    assert texts(around) == [f"PromQL info: ignored histogram in {op} aggregation"]


def test_count_and_group_count_histograms() -> None:
    vector = frame({'m{a="1"}': ["count:3 sum:5 buckets:[3]"], 'm{a="2"}': [4]})
    assert shown(run("count", vector)) == {"{}": [2.0]}
    assert shown(run("group", vector)) == {"{}": [1.0]}


def test_a_quantile_out_of_bounds_is_told_with_its_position() -> None:
    around = context(2, text="sum(x)")
    run("quantile", frame({"m": [1, 2]}), param=np.array([-0.5, 2.0]), around=around)
    assert texts(around) == [
        "PromQL warning: quantile value should be between 0 and 1, got 2 (1:5)",
        "PromQL warning: quantile value should be between 0 and 1, got -0.5 (1:5)",
    ]
