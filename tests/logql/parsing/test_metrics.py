"""Operations and aggregations of metrics."""

from __future__ import annotations

import re

import pytest

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    Binary,
    Cardinality,
    Grouping,
    LabelReplace,
    Literal,
    LogRange,
    Matching,
    Metric,
    Pipeline,
    RangeAggregation,
    Variants,
    VectorAggregation,
    VectorLiteral,
)
from appliance.logql.parser import parse
from appliance.model.matcher import Matcher, MatchOp

OUT_OF_RANGE = 'strconv.ParseFloat: parsing "1e999": value out of range'
MANY_TO_ONE = Cardinality.MANY_TO_ONE
RANGE = LogRange(Pipeline((Matcher("app", MatchOp.EQUAL, "x"),)), 300 * 10**9)
RATE = RangeAggregation("rate", RANGE)
RATE_TEXT = 'rate({app="x"}[5m])'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(R)", VectorAggregation("sum", RATE)),
        ("SUM by () (R)", VectorAggregation("sum", RATE)),
        ("sum by (a, b) (R)", VectorAggregation("sum", RATE, None, Grouping(("a", "b")))),
        ("sum(R) without ()", VectorAggregation("sum", RATE, None, Grouping((), is_without=True))),
        ("topk(5, R) by (a)", VectorAggregation("topk", RATE, 5, Grouping(("a",)))),
        ("bottomk by (a) (5, R)", VectorAggregation("bottomk", RATE, 5, Grouping(("a",)))),
        ("approx_topk(3, R)", VectorAggregation("approx_topk", RATE, 3)),
        ("sort_desc(R)", VectorAggregation("sort_desc", RATE)),
        (
            "sort(1 + vector(2))",
            VectorAggregation("sort", Binary("+", Literal(1), VectorLiteral(2))),
        ),
        ("vector(1.5)", VectorLiteral(1.5)),
        ('label_replace(R, "a", "$1", "b", "(.*)")', LabelReplace(RATE, "a", "$1", "b", "(.*)")),
        (
            'variants(R, sum(R)) of ({app="x"}[5m])',
            Variants((RATE, VectorAggregation("sum", RATE)), RANGE),
        ),
    ],
)
def test_metrics(text: str, expected: Metric) -> None:
    assert parse(re.sub(r"\bR\b", RATE_TEXT, text)) == expected


def vector(op: str, left: Metric, right: Metric) -> Binary:
    return Binary(op, left, right)


V1, V2, V3 = VectorLiteral(1), VectorLiteral(2), VectorLiteral(3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", vector("+", V1, vector("*", V2, V3))),
        ("(1 + 2) * 3", vector("*", vector("+", V1, V2), V3)),
        ("1 - 2 - 3", vector("-", vector("-", V1, V2), V3)),
        ("1 ^ 2 ^ 3", vector("^", V1, vector("^", V2, V3))),
        ("1 or 2 and 3", vector("or", V1, vector("and", V2, V3))),
        ("1 and 2 unless 3", vector("unless", vector("and", V1, V2), V3)),
        ("1 > 2 == 3", vector("==", vector(">", V1, V2), V3)),
        ("1 == 2 + 3", vector("==", V1, vector("+", V2, V3))),
    ],
)
def test_precedence(text: str, expected: Metric) -> None:
    for digit in "123":
        text = text.replace(digit, f"vector({digit})")
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("modifiers", "returns_bool", "matching"),
    [
        ("bool", True, None),
        ("ignoring ()", False, None),
        ("on ()", False, Matching((), is_on=True)),
        ("on (a, b)", False, Matching(("a", "b"), is_on=True)),
        ("bool ignoring (a)", True, Matching(("a",))),
        ("on (a) group_left", False, Matching(("a",), is_on=True, cardinality=MANY_TO_ONE)),
        ("on (a) group_left ()", False, Matching(("a",), is_on=True, cardinality=MANY_TO_ONE)),
        (
            "ignoring (a) GROUP_RIGHT (b, c)",
            False,
            Matching(("a",), cardinality=Cardinality.ONE_TO_MANY, include=("b", "c")),
        ),
    ],
)
def test_modifiers(modifiers: str, *, returns_bool: bool, matching: Matching | None) -> None:
    found = parse(f"vector(1) > {modifiers} vector(2)")
    assert found == Binary(">", V1, V2, returns_bool, matching)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2 * (3 + 4) / 7", 2), ("-1 ^ 2", 1), ("1 > 2 == 0", 1), ("1 - -1", 2), ("1 > bool 0", 1)],
)
def test_operations_on_numbers_are_done(text: str, value: float) -> None:
    assert parse(text) == Literal(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{a="b"} or {a="c"}',
            ": unexpected type for left leg of binary operation (or): *syntax.MatchersExpr",
        ),
        (
            'vector(1) + ({a="b"} | json)',
            ": unexpected type for right leg of binary operation (+): *syntax.PipelineExpr",
        ),
        (
            "vector(1) or 1",
            ": unexpected literal for right leg of logical/set binary operation (or): 1.000000",
        ),
        (
            "0.5 and 1",
            ": unexpected literal for left leg of logical/set binary operation (and): 0.500000",
        ),
        ("sort(vector(1)) by (a)", ": sort and sort_desc doesn't allow grouping by "),
        ("topk(vector(1))", ": parameter required for operation topk"),
        ("topk(1.5, vector(1))", ": invalid parameter topk(1.5,"),
        (f"topk({2**63}, vector(1))", f": invalid parameter topk({2**63},"),
        ("topk(0, vector(1))", ": invalid parameter (must be greater than 0) topk(0"),
        ("sum(1, vector(1))", ": unsupported parameter for operation sum(1,"),
        ("approx_topk(1, vector(1)) by (a)", ": grouping not allowed for approx_topk aggregation"),
        (
            'label_replace(vector(1), "a", "$1", "b", "(")',
            ": invalid regex in label_replace: error parsing regexp: missing closing ): `^(?:()$`",
        ),
        (
            "1 + 1e999",
            ": unable to parse literal as a float: " + OUT_OF_RANGE,
        ),
        (
            "vector(1e999)",
            ": unable to parse vectorExpr as a float: " + OUT_OF_RANGE,
        ),
        ("1 2", "at line 1, col 3: syntax error: unexpected NUMBER"),
        ("topk(-1, vector(1))", "at line 1, col 8: syntax error: unexpected ,"),
        ('sum({a="b"})', "at line 1, col 12: syntax error: unexpected )"),
        (
            "sum(vector(1)) by a",
            "at line 1, col 19: syntax error: unexpected IDENTIFIER, expecting (",
        ),
        ("vector(-1)", "at line 1, col 8: syntax error: unexpected -, expecting NUMBER"),
        (
            'label_replace(vector(1), "a")',
            "at line 1, col 29: syntax error: unexpected ), expecting ,",
        ),
        ("(variants(vector(1)) of ({a=`b`}[1m]))", "at line 1, col 38: syntax error: unexpected )"),
        ("variants(vector(1)) {", "at line 1, col 21: syntax error: unexpected {, expecting of"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert str(caught.value).split("\n")[0] == f"parse error {message}"


def test_the_outer_mistake_is_told_first() -> None:
    with pytest.raises(BadInput, match="parameter required for operation topk"):
        parse("topk(sum(1, vector(1)))")
