"""Reading PromQL."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    DurationCall,
    DurationOperation,
    Expr,
    Matching,
    MatrixSelector,
    Modifiers,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from appliance.promql.context import (
    ALL_FEATURES,
    DURATION_EXPRESSIONS,
    EXPERIMENTAL_FUNCTIONS,
    EXTENDED_SELECTORS,
    FILL_MODIFIERS,
)
from appliance.promql.parser import parse, parse_selector

EQUAL, NOT_EQUAL, REGEX, NOT_REGEX = MatchOp
NO_FEATURES: frozenset[str] = frozenset()


def is_a(name: str) -> Matcher:
    return Matcher("__name__", EQUAL, name)


def metric(name: str, **modifiers: object) -> VectorSelector:
    return VectorSelector(name, (is_a(name),), Modifiers(**modifiers))  # type: ignore[arg-type]


def seconds(value: float) -> NumberLiteral:
    return NumberLiteral(value, is_duration=True)


A, B, UP = metric("a"), metric("b"), metric("up")
ONE, TWO, THREE = NumberLiteral(1), NumberLiteral(2), NumberLiteral(3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", UP),
        (" up {} # comment", UP),
        ('{"up"}', VectorSelector("", (is_a("up"),))),
        ('{"a.b", \'c d\'="e",}', VectorSelector("", (is_a("a.b"), Matcher("c d", EQUAL, "e")))),
        (
            "x{a!='1',b=~\"2\",c!~`3`}",
            VectorSelector(
                "x",
                (
                    Matcher("a", NOT_EQUAL, "1"),
                    Matcher("b", REGEX, "2"),
                    Matcher("c", NOT_REGEX, "3"),
                    is_a("x"),
                ),
            ),
        ),
        ("sum", metric("sum")),
        ("offset", metric("offset")),
        ("start", metric("start")),
        ("fill", metric("fill")),
        (r'"a\tb"', StringLiteral("a\tb")),
        ("`a\r\n`", StringLiteral("a\r\n")),
        ("(up)", Parentheses(UP)),
    ],
)
def test_selectors_and_literals(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1.5e3", -1500),
        ("+0x10", 16),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("017", 15),
        ("018", 18),
        ("--5", 5),
        ("Inf", float("inf")),
        ("18446744073709551616", 2.0**64),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert parse(text) == NumberLiteral(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m", seconds(300)),
        ("-1h30m", seconds(-5400)),
        ("up offset 5m", metric("up", offset_ms=300_000)),
        ("up offset -90", metric("up", offset_ms=-90_000)),
        ("up @ 5.0005", metric("up", at_ms=5001)),
        ("up @ -5m", metric("up", at_ms=-300_000)),
        ("up offset 5m @ end()", metric("up", offset_ms=300_000, at_anchor="end")),
        ("up @ start() offset 5m", metric("up", offset_ms=300_000, at_anchor="start")),
        ("up[5m]", MatrixSelector(UP, 300_000)),
        ("up[1.5]", MatrixSelector(UP, 1500)),
        ("up[5m] offset 1m", MatrixSelector(metric("up", offset_ms=60_000), 300_000)),
        ("up[5m] @ 1", MatrixSelector(metric("up", at_ms=1000), 300_000)),
        ("up[5m:]", Subquery(UP, 300_000)),
        ("up[5m:1m] offset 1m", Subquery(UP, 300_000, 60_000, modifiers=Modifiers(60_000))),
        ("up anchored", VectorSelector("up", (is_a("up"),), extension="anchored")),
        (
            "up[5m] smoothed",
            MatrixSelector(VectorSelector("up", (is_a("up"),), extension="smoothed"), 300_000),
        ),
    ],
)
def test_times(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m+1", DurationOperation("+", seconds(300), ONE)),
        ("1+2*3", DurationOperation("+", ONE, DurationOperation("*", TWO, THREE))),
        ("2^3^1", DurationOperation("^", TWO, DurationOperation("^", THREE, ONE))),
        ("-5m+1h", DurationOperation("+", seconds(-300), seconds(3600))),
        ("step()", DurationCall("step")),
        (
            "-RANGE() % 2",
            DurationOperation("%", DurationOperation("-", None, DurationCall("range")), TWO),
        ),
        ("min_of(step(), 1)", DurationCall("min_of", (DurationCall("step"), ONE))),
        ("(1)", DurationOperation("()", None, ONE)),
    ],
)
def test_duration_expressions(text: str, expected: DurationOperation) -> None:
    assert parse(f"up[{text}]") == MatrixSelector(UP, 0, expected)
    assert parse(f"up[1h:{text}]") == Subquery(UP, 3_600_000, step=expected)
    wrapped = parse(f"up offset ({text})")
    assert isinstance(wrapped, VectorSelector)
    assert wrapped.modifiers == Modifiers(offset=DurationOperation("()", None, expected))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("up offset 1 + 2", "(up offset 1) + 2"),
        ("up offset -2 ^ 2", "(up offset -2) ^ 2"),
        ("up offset step()*0", "(up offset step()) * 0"),
        ("up offset -min_of(1, 2) + 8", "(up offset -min_of(1, 2)) + 8"),
        ("up offset -(1 + 2) * 3", "(up offset -(1 + 2)) * 3"),
    ],
)
def test_an_offset_ends_behind_a_number_or_call(text: str, same: str) -> None:
    found, expected = parse(text), parse(same)
    assert isinstance(found, Binary)
    assert isinstance(expected, Binary)
    assert isinstance(expected.left, Parentheses)
    assert (found.op, found.left, found.right) == (
        expected.op,
        expected.left.inner,
        expected.right,
    )


def test_an_offset_goes_on_behind_a_parenthesis() -> None:
    found = parse("up offset (2 + 3) * 2")
    assert isinstance(found, VectorSelector)
    assert isinstance(found.modifiers.offset, DurationOperation)
    assert found.modifiers.offset.op == "*"


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("1 ^ 2 ^ 3", "1 ^ (2 ^ 3)"),
        ("a == b + 1", "a == (b + 1)"),
        ("a or b and c unless d", "a or ((b and c) unless d)"),
        ("a atan2 b * c", "(a atan2 b) * c"),
        ("a </ 1 + 2", "a </ (1 + 2)"),
        ("-a ^ b", "-(a ^ b)"),
        ("-a * b", "(-a) * b"),
        ("a ^ -b * c", "(a ^ (-b)) * c"),
        ("a + b offset 5m", "a + (b offset 5m)"),
        ("a + b @ 5", "a + (b @ 5)"),
    ],
)
def test_precedence(text: str, grouped: str) -> None:
    assert parse(text) == bare(parse(grouped))


def bare(expr: Expr) -> Expr:
    """The expression without parentheses."""
    match expr:
        case Parentheses(inner):
            return bare(inner)
        case Binary(op, left, right):
            return Binary(op, bare(left), bare(right), matching=expr.matching)
        case Unary(op, inner):
            return Unary(op, bare(inner))
    return expr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", Binary("+", A, B, matching=Matching())),
        ("a > bool 1", Binary(">", A, ONE, returns_bool=True)),
        ("1 < bool 2", Binary("<", ONE, TWO, returns_bool=True)),
        ("a and b", Binary("and", A, B, matching=Matching("many-to-many"))),
        ("a or on() b", Binary("or", A, B, matching=Matching("many-to-many", on=True))),
        (
            "a / ignoring(x, by) b",
            Binary("/", A, B, matching=Matching(labels=("x", "by"))),
        ),
        (
            'a * on("x.y", sum,) group_left b',
            Binary("*", A, B, matching=Matching("many-to-one", ("x.y", "sum"), on=True)),
        ),
        (
            "a == bool on(x) group_right(y) b",
            Binary(
                "==",
                A,
                B,
                returns_bool=True,
                matching=Matching("one-to-many", ("x",), on=True, include=("y",)),
            ),
        ),
        ("a + fill(2m) b", Binary("+", A, B, matching=Matching(fill_left=120, fill_right=120))),
        (
            "a + on(x) fill_right(-1) fill_left(2) b",
            Binary(
                "+", A, B, matching=Matching(labels=("x",), on=True, fill_left=2, fill_right=-1)
            ),
        ),
    ],
)
def test_matching(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(a)", Aggregate("sum", A)),
        ("SUM by (x) (a)", Aggregate("sum", A, grouping=("x",))),
        ("sum(a) without (x, y,)", Aggregate("sum", A, grouping=("x", "y"), without=True)),
        ("topk by () (1, a)", Aggregate("topk", A, ONE)),
        ('count_values("x", a)', Aggregate("count_values", A, StringLiteral("x"))),
        ("limit_ratio(1, a)", Aggregate("limit_ratio", A, ONE)),
        ("time()", Call("time", ())),
        ("min_of(1, 2)", Call("min_of", (ONE, TWO))),
        ("step()", Call("step", ())),
        ("rate(a[5m])", Call("rate", (MatrixSelector(A, 300_000),))),
        ("info(a, {})", Call("info", (A, VectorSelector("", ())))),
    ],
)
def test_calls_and_aggregations(text: str, expected: Expr) -> None:
    assert parse(text) == expected


def test_positions_are_those_of_the_first_character() -> None:
    found = parse("  a + sum(rate(b[5m]))")
    assert isinstance(found, Binary)
    assert isinstance(found.right, Aggregate)
    assert (found.position, found.right.position, found.right.expr.position) == (2, 6, 10)


ERRORS = [
    ("", "unknown position: parse error: no expression found in input"),
    ("# x", "1:1: parse error: no expression found in input"),
    ("(up", "1:4: parse error: unclosed left parenthesis"),
    ("1)", "1:3: parse error: unexpected right parenthesis ')'"),
    ("up{a=}", '1:6: parse error: unexpected "}" in label matching, expected string'),
    ("up{,}", '1:4: parse error: unexpected "," in label matching, expected identifier or "}"'),
    (
        "up{a}",
        '1:5: parse error: unexpected "}" in label matching, expected label matching operator',
    ),
    (
        'up{a="b" c="d"}',
        '1:10: parse error: unexpected identifier "c" in label matching, expected "," or "}"',
    ),
    ("up{a=~'('}", "1:4: parse error: error parsing regexp: missing closing ): `(`"),
    ("up\n down", '2:2: parse error: unexpected identifier "down"'),
    ("'ü' up", '1:6: parse error: unexpected identifier "up"'),
    ("up 'a long string'", '1:4: parse error: unexpected string "\'a long st"...'),
    ("bool", "1:1: parse error: unexpected <bool>"),
    ("a atan2 atan2", "1:9: parse error: unexpected <op:atan2>"),
    ("sum(a b)", '1:7: parse error: unexpected identifier "b" in aggregation'),
    ("sum(a) by (b) by (c)", "1:15: parse error: unexpected <by>"),
    ("sum by a", '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("'),
    (
        "sum by (a b)",
        '1:11: parse error: unexpected identifier "b" in grouping opts, expected "," or ")"',
    ),
    (
        "sum by (inf) (c)",
        '1:9: parse error: unexpected number "inf" in grouping opts, expected label',
    ),
    ('sum by ("") (c)', '1:9: parse error: invalid label name for grouping: ""'),
    (
        "a + on(x) group_left , b",
        '1:22: parse error: unexpected "," in grouping opts, expected "("',
    ),
    ("abs(a,)", "1:6: parse error: trailing commas not allowed in function call args"),
    ("abs(a,==)", "1:6: parse error: trailing commas not allowed in function call args"),
    ("foo(a) b", '1:1: parse error: unknown function with name "foo"'),
    ("foo @ x", '1:7: parse error: unexpected identifier "x" in @, expected timestamp'),
    ("foo @ start(x", '1:13: parse error: unexpected identifier "x" in @, expected timestamp'),
    ("foo @ inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"),
    (
        "foo @ 1 @ 2",
        "1:1: parse error: @ <timestamp> may not be set multiple times",
    ),
    (
        "foo offset x",
        (
            '1:12: parse error: unexpected identifier "x" in offset,'
            " expected number, duration, step(), or range()"
        ),
    ),
    ("up offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"),
    (
        "1 offset 5m",
        (
            "1:1: parse error: offset modifier must be preceded by an instant vector selector"
            " or range vector selector or a subquery"
        ),
    ),
    ("up offset 1m[5m]", "1:13: parse error: no offset modifiers allowed before range"),
    ("up @ 1[5m]", "1:7: parse error: no @ modifiers allowed before range"),
    ("1[5m]", "1:2: parse error: ranges only allowed for vector selectors"),
    ("up[0s]", "1:4: parse error: duration must be greater than 0"),
    ("up[5m:-5m]", "1:7: parse error: duration must be greater than 0"),
    ("up[1e20]", "1:4: parse error: duration out of range"),
    ("up[5m/0]", "1:6: parse error: division by zero"),
    ("up[5m%0]", "1:6: parse error: modulo by zero"),
    (
        "up[]",
        (
            '1:4: parse error: unexpected "]" in subquery or range selector,'
            " expected number, duration, step(), or range()"
        ),
    ),
    (
        "up[5m 'x']",
        '1:7: parse error: unexpected string "\'x\'" in subquery or range, expected ":" or "]"',
    ),
    (
        "up[5m:+]",
        (
            '1:8: parse error: unexpected "]" in subquery selector,'
            ' expected number, duration, step(), range(), or "]"'
        ),
    ),
    (
        "up[5m:5m 'x']",
        '1:10: parse error: unexpected string "\'x\'" in subquery selector, expected "]"',
    ),
    ("1.5h", '1:1: parse error: unknown unit "." in duration "1.5h"'),
    ("5m1h", '1:1: parse error: not a valid duration string: "5m1h"'),
    ("300y", "1:1: parse error: duration out of range"),
    (
        "1e999",
        (
            '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e999":'
            " value out of range"
        ),
    ),
    (
        "0x",
        (
            '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x":'
            " invalid syntax"
        ),
    ),
    ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
    (
        "topk(a)",
        (
            "1:1: parse error: wrong number of arguments for aggregate expression provided,"
            " expected 2, got 1"
        ),
    ),
    (
        "up anchored smoothed",
        "1:1: parse error: anchored and smoothed modifiers cannot be used together",
    ),
    ("up[5m:] anchored", "1:1: parse error: anchored modifier is not supported for subqueries"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_errors_in_prometheus_words(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "feature", "message"),
    [
        ("start()", EXPERIMENTAL_FUNCTIONS, 'function "start" is not enabled'),
        (
            "limitk(1, a)",
            EXPERIMENTAL_FUNCTIONS,
            (
                "limitk() is experimental and must be enabled"
                " with --enable-feature=promql-experimental-functions"
            ),
        ),
        ("a anchored", EXTENDED_SELECTORS, "anchored modifier is experimental and not enabled"),
        ("a + fill(0) b", FILL_MODIFIERS, "binop fill modifiers are experimental and not enabled"),
        ("a[1+1]", DURATION_EXPRESSIONS, "experimental duration expression is not enabled"),
        ("a[step()]", DURATION_EXPRESSIONS, "experimental duration expression is not enabled"),
    ],
)
def test_what_needs_a_feature_is_refused_without_it(text: str, feature: str, message: str) -> None:
    assert str(parse(text, frozenset([feature])))
    with pytest.raises(BadInput) as caught:
        parse(text, ALL_FEATURES - {feature})
    assert caught.value.message.split("parse error: ")[1] == message


def test_the_rest_needs_no_feature() -> None:
    assert str(parse("topk(1, first_over_time(a[5m:1m] offset -1h @ end()))", NO_FEATURES))


def test_match_parameters_are_selectors() -> None:
    with pytest.raises(BadInput, match=r'^1:4: parse error: unexpected "\("$'):
        parse_selector("sum(up)")
    assert parse_selector('up{a="b"}') == (Matcher("a", EQUAL, "b"), is_a("up"))
    assert parse_selector("{}") == ()
    for text in ("1", "up[5m]", "sum(up)", "(up)", "up offset 5m", ""):
        with pytest.raises(BadInput):
            parse_selector(text)


@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("abs(", ")"), ("-", ""), ("1^", ""), ("(1+abs(", "))")]
)
def test_deep_nesting_is_refused_before_it_can_exhaust_the_stack(
    opening: str, closing: str
) -> None:
    levels = 50 if opening == "(1+abs(" else 100
    assert str(parse(opening * levels + "a" + closing * levels))
    for depth in (101, 5000):
        with pytest.raises(BadInput, match="parse error: nested more than 100 deep"):
            parse(opening * depth + "a" + closing * depth)


def test_long_chains_are_refused_before_they_can_exhaust_the_stack() -> None:
    assert str(parse(" or ".join(["a"] * 200)))
    with pytest.raises(BadInput, match="nested more than 250 deep"):
        parse(" or ".join(["a"] * 5000))


def test_long_chains_of_numbers_are_refused_quickly() -> None:
    with pytest.raises(BadInput, match="nested more than 250 deep"):
        parse("+".join(["1"] * 50_000))


def test_chains_of_scalars_keep_their_type() -> None:
    vectors = parse("1 + (2 + -(3 + 4)) + a")
    assert isinstance(vectors, Binary)
    assert vectors.matching is None
    with pytest.raises(BadInput, match="set operator"):
        parse("(1 + 2 + 3) or a")
    chain = parse("a + 1 + (b + 2) + c")
    assert isinstance(chain, Binary)
    assert chain.matching is not None
