"""Trees as `/api/v1/parse_query` shows them."""

from __future__ import annotations

from appliance.promql.ast_json import ast_document
from appliance.promql.parser import parse

NAME = {"name": "__name__", "value": "a", "type": "="}
VECTOR = {
    "type": "vectorSelector",
    "name": "a",
    "matchers": [NAME],
    "offset": 0,
    "offsetExpr": None,
    "timestamp": None,
    "startOrEnd": None,
    "anchored": False,
    "smoothed": False,
}


def test_literals() -> None:
    assert ast_document(parse("-1e-7")) == {"type": "numberLiteral", "val": "-0.0000001"}
    assert ast_document(parse("'a'")) == {"type": "stringLiteral", "val": "a"}


def test_selectors() -> None:
    assert ast_document(parse("a")) == VECTOR
    assert ast_document(parse("a[5m] smoothed offset -1m @ 2")) == VECTOR | {
        "type": "matrixSelector",
        "range": 300_000,
        "rangeExpr": None,
        "offset": -60_000,
        "timestamp": 2000,
        "smoothed": True,
    }


def test_subqueries() -> None:
    assert ast_document(parse("(-a)[5m:1m] @ end()")) == {
        "type": "subquery",
        "expr": {"type": "parenExpr", "expr": {"type": "unaryExpr", "op": "-", "expr": VECTOR}},
        "range": 300_000,
        "rangeExpr": None,
        "step": 60_000,
        "stepExpr": None,
        "offset": 0,
        "offsetExpr": None,
        "timestamp": None,
        "startOrEnd": "end",
    }


def test_operators_and_aggregations() -> None:
    assert ast_document(parse("topk by (x) (1, a) > bool on (y) fill_left(2) a")) == {
        "type": "binaryExpr",
        "op": ">",
        "lhs": {
            "type": "aggregation",
            "op": "topk",
            "expr": VECTOR,
            "param": {"type": "numberLiteral", "val": "1"},
            "grouping": ["x"],
            "without": False,
        },
        "rhs": VECTOR,
        "matching": {
            "card": "one-to-one",
            "labels": ["y"],
            "on": True,
            "include": [],
            "fillValues": {"lhs": 2, "rhs": None},
        },
        "bool": True,
    }
    assert ast_document(parse("1 + a"))["matching"] is None


def test_calls() -> None:
    assert ast_document(parse("round(a)")) == {
        "type": "call",
        "func": {
            "name": "round",
            "argTypes": ["vector", "scalar"],
            "variadic": 1,
            "returnType": "vector",
        },
        "args": [VECTOR],
    }


def operation(op: str, left: object, right: object, *, wrapped: bool = False) -> object:
    return {"type": "durationExpr", "op": op, "lhs": left, "rhs": right, "wrapped": wrapped}


def test_durations() -> None:
    five = {"type": "numberLiteral", "val": "300", "duration": True}
    two = {"type": "numberLiteral", "val": "2", "duration": False}
    step = operation("step", None, None)
    found = ast_document(parse("a[5m + step()] offset (min_of(2, step()))"))
    assert found["range"] == 0
    assert found["rangeExpr"] == operation("+", five, step)
    assert found["offsetExpr"] == operation("min_of", two, step, wrapped=True)
    found = ast_document(parse("a offset -(2)"))
    inner = operation("+", None, two, wrapped=True)
    assert found["offsetExpr"] == operation("-", None, inner)
