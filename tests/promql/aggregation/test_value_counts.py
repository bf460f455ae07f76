"""count_values."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.errors import QueryFailed
from appliance.promql.aggregation import aggregate
from appliance.promql.ast import Aggregate, StringLiteral
from appliance.promql.frame import Frame
from appliance.promql.parser import parse
from tests.promql.vectors import INF, NAN, VECTOR, context, frame, shown


def run(vector: Frame, name: str, *grouping: str, without: bool = False) -> dict[str, Any]:
    expr = Aggregate("count_values", VECTOR, StringLiteral(name), grouping, without)
    return shown(aggregate(expr, vector, name, context(vector.values.shape[1])))


VECTOR_OF_VERSIONS = frame(
    {
        'm{a="1",b="x"}': [6, 6, None],
        'm{a="1",b="y"}': [6, 7, None],
        'm{a="2",b="x"}': [7, 6, NAN],
    }
)


def test_values_are_counted_at_each_step() -> None:
    assert run(VECTOR_OF_VERSIONS, "version") == {
        '{version="6"}': [2.0, 2.0, None],
        '{version="7"}': [1.0, 1.0, None],
        '{version="NaN"}': [None, None, 1.0],
    }


def test_the_label_takes_the_place_of_one_that_is_grouped_by() -> None:
    found = run(VECTOR_OF_VERSIONS, "a", "a", "b")
    assert found['{a="6",b="x"}'] == [1.0, 2.0, None]
    assert found['{a="6",b="y"}'] == [1.0, None, None]


def test_without_keeps_the_label_unless_it_is_named() -> None:
    found = run(VECTOR_OF_VERSIONS, "b", "a", without=True)
    assert found['{b="6"}'] == [2.0, 2.0, None]
    assert run(VECTOR_OF_VERSIONS, "b", "b", without=True) == {
        '{a="1"}': [2.0, 2.0, None],
        '{a="2"}': [1.0, 1.0, 1.0],
    }


def test_values_are_printed_in_full() -> None:
    rows = {f'm{{a="{row}"}}': [value] for row, value in enumerate([1e21, INF, -INF, 0.5, -0.0])}
    assert set(run(frame(rows), "v")) == {
        '{v="1000000000000000000000"}',
        '{v="+Inf"}',
        '{v="-Inf"}',
        '{v="0.5"}',
        '{v="-0"}',
    }


def test_histograms_count_by_their_text() -> None:
    cell = "count:3 sum:5 buckets:[1 2]"
    found = run(frame({"m": [cell, 1], "n": [cell, None]}), "v")
    assert found == {
        '{v="{count:3, sum:5, (0.5,1]:1, (1,2]:2}"}': [2.0, None],
        '{v="1"}': [None, 1.0],
    }


@pytest.mark.parametrize("name", ['""', r'"a\xc5z"'])
def test_a_label_needs_a_name(name: str) -> None:
    expr = parse(f"count_values({name}, x)")
    assert isinstance(expr, Aggregate)
    assert isinstance(expr.param, StringLiteral)
    with pytest.raises(QueryFailed) as caught:
        aggregate(expr, VECTOR_OF_VERSIONS, expr.param.value, context(3))
    assert str(caught.value) == f"invalid label name {name}"


def test_nothing_has_no_values() -> None:
    assert run(Frame.empty(2), "v") == {}
