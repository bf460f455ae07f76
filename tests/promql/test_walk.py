"""Parts of expressions, and the metrics they read."""

from __future__ import annotations

from appliance.promql.parser import parse
from appliance.promql.walk import metric_names, walk


def test_names_of_metrics_are_found_where_they_stand() -> None:
    expr = 'sum(rate(a[5m])) / max_over_time({__name__="b", c="d"}[1h:]) and {__name__=~"e.*"} > f'
    assert list(metric_names(parse(expr))) == ["a", "b", "f"]


def test_all_parts_are_walked_from_the_outside_in() -> None:
    kinds = [type(node).__name__ for node in walk(parse("sum(rate(a[5m])) + 1"))]
    assert kinds == [
        "Binary",
        "Aggregate",
        "Call",
        "MatrixSelector",
        "VectorSelector",
        "NumberLiteral",
    ]
