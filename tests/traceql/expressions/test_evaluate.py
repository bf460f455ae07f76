"""Field expressions over spans."""

from __future__ import annotations

import time

import numpy as np
import pytest

from appliance.traceql import ast
from appliance.traceql.ast import Op
from appliance.traceql.block import Block
from appliance.traceql.column import Coded
from appliance.traceql.expressions.columns import true_rows
from appliance.traceql.expressions.distinct import Texts
from appliance.traceql.expressions.evaluate import evaluate, matching
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.expressions.vectors import combine
from appliance.traceql.parser import parse_query
from appliance.traceql.static import NIL, Static, StaticValue, Type
from tests.spans import PlainColumns, PlainEvent, PlainLink, PlainSpan

EVENTS = (
    PlainEvent("start", 11, {"n": 1}),
    PlainEvent("exception", 40, {"type": "E1", "n": 5, "fatal": True}),
    PlainEvent("exception", 90, {"type": "E2", "n": 9}),
)
#: Spans 1, 2, ... of one trace.
SPANS = (
    PlainSpan(
        1, 1, "GET /a", start_ns=10, duration_ns=2_000, status=2,
        attributes={
            "code": 500, "url": "/a/1", "flag": True, "ratio": 0.5, "poly": "1", "tags": ["x", "y"],
            "zero": 0,
        },
        resource={"region": "eu", "both": "r"},
        events=EVENTS, links=(PlainLink(0xAB, 7, {"n": 3}),),
    ),
    PlainSpan(
        1, 2, "GET /b", "api", 1, 20, 1_000, 3,
        attributes={
            "code": 200, "url": "/b/2", "flag": False, "ratio": 2.0, "poly": 1, "both": "s",
            "tags": ["y", "z"], "n": 2,
        },
        resource={"region": "us", "both": "r"},
        events=EVENTS[:1],
    ),
    PlainSpan(
        1, 3, "POST /b", "api", 2, 30, 500, 3, 1,
        attributes={"url": "/b/3", "ratio": 3, "poly": 1.0, "kv": {"a": 1}, "n": 4},
        resource={"region": "us"},
    ),
    PlainSpan(1, 4, "job", "cron", 9, 40, 0, 1, attributes={"poly": True, "code": 404.5}),
)  # fmt: skip


def parse(text: str) -> ast.FieldExpression:
    pipeline = parse_query(f"{{ {text} }}").pipeline
    assert pipeline is not None
    element = pipeline.elements[0]
    assert isinstance(element, ast.SpansetFilter)
    return element.expression


def found(expression: ast.FieldExpression | str) -> list[int]:
    """Numbers of the spans for which it is true."""
    node = parse(expression) if isinstance(expression, str) else expression
    block = Block(PlainColumns(SPANS))
    mask = matching(node, block)
    assert mask.dtype == np.bool_
    return [number + 1 for number in np.flatnonzero(mask).tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", [1, 2, 3, 4]),
        ("false", []),
        ("1 + 1 = 2", [1, 2, 3, 4]),
        ("nil = nil", []),
        ('name = "job"', [4]),
        ('name != "job"', [1, 2, 3]),
        ('"job" = name', [4]),
        ("status = error", [1]),
        ("status != error", [2, 3, 4]),
        ("kind = client", [2, 3]),
        ("duration > 500ns", [1, 2]),
        ("500ns < duration", [1, 2]),
        ("duration = 0s", [4]),
        ("span.code = 500", [1]),
        ("span.code != 500", [2]),
        ("span.code > 300", [1, 4]),
        ("span.nothing = 1", []),
        ("span.nothing != 1", []),
        ('span.code = "500"', []),
        ('span.code != "500"', []),
        ('resource.region = "eu"', [1]),
        ('.region = "us"', [2, 3]),
        ('.both = "r"', [1]),
        ('.both = "s"', [2]),
        ('span.url =~ "/b/.*"', [2, 3]),
        ('span.url !~ "/b/.*"', [1]),
        ('span.url =~ "b"', []),
        ('span.url > "/a/9"', [2, 3]),
        ("span.flag", [1]),
        ("!span.flag", [2]),
        ("span.flag = false", [2]),
        ("span.flag != true", [2]),
        ('instrumentation:name = "tests"', [1, 2, 3, 4]),
    ],
)
def test_conditions(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("span.poly = 1", [2]),
        ("span.poly = 1.0", [3]),
        ('span.poly = "1"', [1]),
        ('span.poly != "2"', [1]),
        ("span.poly != 2", [2]),
        ("span.poly = true", [4]),
        ("span.poly >= 1", [2, 3]),
        ("span.ratio > 1 && span.ratio <= 3", [2, 3]),
        ("duration = 1000", [2]),
    ],
)
def test_equality_with_an_attribute_knows_the_type_order_does_not(
    text: str, expected: list[int]
) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('span.tags = "y"', [1, 2]),
        ('span.tags = "x" && span.tags = "y"', [1]),
        ('span.tags != "x"', [2]),
        ('span.tags =~ "x|q"', [1]),
        ("span.tags != nil", [1, 2]),
        ("span.kv != nil", []),
        ("span.kv = nil", [1, 2, 3, 4]),
    ],
)
def test_arrays_and_what_has_no_type(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("span.code != nil", [1, 2, 4]),
        ("span.code = nil", [3]),
        ("nil != span.code", [1, 2, 4]),
        ("resource.both = nil", [3, 4]),
        (".both = nil", [1, 3, 4]),
        (".both != nil", [1, 2]),
        ("name != nil", [1, 2, 3, 4]),
        ("resource.region = nil", [4]),
        ("event.type = nil", [2, 3, 4]),
        ("event.type != nil", [1]),
    ],
)
def test_nil(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('status = error || resource.region = "us"', [1, 2, 3]),
        ("kind = client && status = ok", [3]),
        ("!(kind = client)", [1, 4]),
        ("!(kind = client || status = error)", [4]),
        ("!(span.code = 500)", [2, 3, 4]),
        ("span.flag || duration < 600ns", [1, 3, 4]),
        ("span.flag && duration > 0s", [1]),
        ("(duration > 700ns) = (status = error)", [1, 3, 4]),
        ("kind = client && (status = ok || duration > 700ns) && true", [2, 3]),
        ("false && span.code = 500 || status = ok", [3]),
    ],
)
def test_logic(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("span.code * 2 > 900", [1]),
        ("span.code + 1 = 201", [2]),
        ("span.code - span.ratio > 300", [1]),
        ("span.n ^ 2 = 16", [3]),
        ("-span.n < -3", [3]),
        ("duration / 2 >= 500", [1, 2]),
        ("duration > 100ns * 10", [1]),
        ("span.code / span.zero > 0", []),
        ("span.ratio / span.zero > 1000", [1]),
        ("span.url + 1 = 2", []),
        ("span.n = span.n", [2, 3]),
        ("span.n < duration", [2, 3]),
        ("span.both = resource.both", []),
        ("span.both != resource.both", [2]),
    ],
)
def test_arithmetic_and_fields_with_fields(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('event:name = "exception"', [1]),
        ('event:name = "start"', [1, 2]),
        ('event:name != "start"', [1]),
        ('event.type =~ "E."', [1]),
        ("event:timeSinceStart > 79ns", [1]),
        ("event:timeSinceStart < 0ns", [2]),
        ("event.fatal", [1]),
        ("event.n > 5 && event.n < 9", []),
        ('event:name = "exception" && event.n = 1', []),
        ('event:name = "exception" && event.n = 9', [1]),
        ('event:name = "exception" && (event.n = 1 || event.n = 5)', [1]),
        ('event.type = "E1" && event.n = 9', []),
        ('event.n = 1 || event.type = "E2"', [1, 2]),
        ('!(event:name = "exception")', [2, 3, 4]),
        ('event:name = "start" && !(event:name = "exception")', [2]),
        ('event:name = "start" && event.type = nil', [2]),
        ("event.n * 2 = 18", [1]),
        ("event.n < span.n", [2]),
        ("event.n = 1 && kind = client", [2]),
        ("event.n = 1 && (event.n = 5 || kind = client)", [1, 2]),
        ('link:traceID = "ab"', [1]),
        ('link:traceID = "00ab"', []),
        ('link:traceID != "ab"', []),
        ('link:spanID = "0000000000000007"', [1]),
        ("link.n = 3", [1]),
        ("link.n = 3 && event.n = 9", [1]),
        ("link.n < event.n", [1]),
    ],
)
def test_conditions_on_events_hold_for_one_of_them(text: str, expected: list[int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('span:id = "0000000000000002"', [2]),
        ('span:id != "0000000000000002"', [1, 3, 4]),
        ('span:id = "2"', []),
        ('span:id =~ ".*[34]"', [3, 4]),
        ('span:parentID = "0000000000000001"', [2]),
        ('trace:id = "1"', [1, 2, 3, 4]),
        ('trace:id = "01"', []),
        ('trace:id != "2"', [1, 2, 3, 4]),
        ('trace:rootService = "shop"', [1, 2, 3, 4]),
        ("trace:duration > 1s", []),
        ("span:childCount > 0", [1, 2]),
        ("nestedSetParent = -1", [1]),
    ],
)
def test_ids_and_places(text: str, expected: list[int]) -> None:
    assert found(text) == expected


def test_fields_of_parents() -> None:
    code = ast.Attribute("code", ast.Scope.SPAN, is_parent=True)
    assert found(ast.Binary(ast.Op.EQUAL, code, ast.Literal(Static(Type.INT, 500)))) == [2]
    assert found(ast.Unary(ast.UnaryOp.NOT_EXISTS, code)) == [1, 3 + 1]


def test_spans_that_are_not_live_match_nothing() -> None:
    block = Block(PlainColumns(SPANS, live=lambda span: span.span != 2))
    assert matching(parse("true"), block).tolist() == [True, False, True, True]
    assert matching(parse("kind = client"), block).tolist() == [False, False, True, False]
    assert matching(parse("!(kind = client)"), block).tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("span.n", [None, 2, 4, None]),
        ("span.n * 2", [None, 4, 8, None]),
        ("-span.n", [None, -2, -4, None]),
        ("span.n > 2", [False, False, True, False]),
        ("span.flag", [True, False, None, None]),
        ("event.n", [1, 1, None, None]),
        ("event.n + 1", [2, 2, None, None]),
        ("event.n > 4", [True, False, False, False]),
        ("span.n != nil", [False, True, True, False]),
        ("status = error && span.flag", [True, False, False, False]),
    ],
)
def test_values(text: str, expected: list[StaticValue]) -> None:
    pipeline = parse_query(f"{{ }} | by({text})").pipeline
    assert pipeline is not None
    grouping = pipeline.elements[1]
    assert isinstance(grouping, ast.GroupBy)
    block = Block(PlainColumns(SPANS))
    values = statics_of(evaluate(grouping.expression, block), np.arange(block.count))
    assert [value.value for value in values] == expected
    assert all((value == NIL) == (value.value is None) for value in values)


def test_an_empty_block() -> None:
    block = Block(PlainColumns([]))
    for text in ('span.a = 1 && event:name = "x"', "duration > 1s || kind = client", "!span.flag"):
        assert matching(parse(text), block).tolist() == []


def test_two_fields_of_many_texts_are_compared_quickly() -> None:
    count = 199_999
    numbers = np.arange(count, dtype=np.int32)
    ours = Coded(np.where(numbers % 7 == 0, -1, numbers), Texts([f"t{at}" for at in numbers]))
    turned = numbers[::-1].copy()
    theirs = Coded(np.where(turned % 5 == 0, -1, turned), Texts([f"t{at * 2}" for at in numbers]))
    started = time.process_time()
    equal, unequal = (
        true_rows(combine(op, ours, theirs, count), count) for op in (Op.EQUAL, Op.NOT_EQUAL)
    )
    assert time.process_time() - started < 2
    present = (ours.ids >= 0) & (theirs.ids >= 0)
    assert np.flatnonzero(equal).tolist() == [
        at for at in np.flatnonzero(present).tolist() if at == 2 * (count - 1 - at)
    ]
    assert equal.any()
    assert (unequal == (present & ~equal)).all()
