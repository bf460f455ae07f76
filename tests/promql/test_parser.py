"""Reading PromQL."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    VectorSelector,
)
from appliance.promql.parser import parse, parse_selector

EQUAL, NOT_EQUAL, REGEX, NOT_REGEX = MatchOp


def is_a(name: str) -> Matcher:
    return Matcher("__name__", EQUAL, name)


UP = VectorSelector("up", (is_a("up"),))
DOTTED = VectorSelector("a.b", (Matcher("c d", EQUAL, "e"), is_a("a.b")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", UP),
        (" up {} # comment", UP),
        ('{"up"}', UP),
        ('{__name__="up"}', VectorSelector("", (is_a("up"),))),
        ('{"a.b", \'c d\'="e",}', DOTTED),
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
        ("up offset 5m", VectorSelector("up", (is_a("up"),), 300_000)),
        ("up offset -1h30m", VectorSelector("up", (is_a("up"),), -5_400_000)),
        ("up offset 90", VectorSelector("up", (is_a("up"),), 90_000)),
        ("up[5m]", MatrixSelector(UP, 300_000)),
        ("up[1.5]", MatrixSelector(UP, 1500)),
        ("up[5m] offset 1m", MatrixSelector(VectorSelector("up", (is_a("up"),), 60_000), 300_000)),
        ("(up)", Parentheses(UP)),
        ("sum", VectorSelector("sum", (is_a("sum"),))),
        ("-1.5e3", NumberLiteral(-1500)),
        ("+0x10", NumberLiteral(16)),
        ("1_000", NumberLiteral(1000)),
        ("Inf", NumberLiteral(float("inf"))),
        (r'"a\tb"', StringLiteral("a\tb")),
    ],
)
def test_expressions(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: parse error: no expression found in input"),
        ("# x", "1:1: parse error: no expression found in input"),
        ("(up", "1:4: parse error: unclosed left parenthesis"),
        ("up{", "1:4: parse error: unexpected end of input inside braces"),
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
        ("up\n down", '2:2: parse error: unexpected identifier "down"'),
        ("'ü' up", '1:6: parse error: unexpected identifier "up"'),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        (
            '{a=~".*",b=""}',
            "1:1: parse error: vector selector must contain at least one non-empty matcher",
        ),
        (
            'a{__name__="b"}',
            '1:1: parse error: metric name must not be set twice: "a" or "b"',
        ),
        ('{"a","b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'),
        ("up[0s]", "1:4: parse error: duration must be greater than 0"),
        ("up[5m][5m]", "1:7: parse error: ranges only allowed for vector selectors"),
        ("1[5m]", "1:2: parse error: ranges only allowed for vector selectors"),
        ("up offset 1m[5m]", "1:13: parse error: no offset modifiers allowed before range"),
        ("up offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"),
        ("bool", "1:1: parse error: unexpected <bool>"),
        ("up 'a long string'", '1:4: parse error: unexpected string "\'a long st"...'),
        (r"'a\q'", "1:1: parse error: unknown escape sequence U+0071 'q'"),
        ("5x", '1:1: parse error: bad number or duration syntax: "5"'),
    ],
)
def test_errors_in_prometheus_words(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        "sum(up)",
        "sum by (a) (up)",
        "rate(up[5m])",
        "up + 1",
        "(up + 1)",
        "up @ 5",
        "-up",
        "up[5m:]",
    ],
)
def test_what_comes_later_says_so(text: str) -> None:
    with pytest.raises(BadInput, match=r"1:\d+: parse error: .* is not available yet"):
        parse(text)


def test_broken_expressions_point_at_their_matcher() -> None:
    with pytest.raises(BadInput, match="^1:4: parse error: error parsing regexp"):
        parse('up{a=~"("}')


def test_match_parameters_are_selectors() -> None:
    with pytest.raises(BadInput, match=r'^1:4: parse error: unexpected "\("$'):
        parse_selector("sum(up)")
    assert parse_selector('up{a="b"}') == (Matcher("a", EQUAL, "b"), is_a("up"))
    assert parse_selector("{}") == ()
    for text in ("1", "up[5m]", "sum(up)", "(up)", "up offset 5m", ""):
        with pytest.raises(BadInput):
            parse_selector(text)


def test_deep_nesting_is_refused_before_it_can_exhaust_the_stack() -> None:
    assert str(parse("(" * 100 + "1" + ")" * 100))
    for depth in (101, 50_000):
        with pytest.raises(BadInput, match="1:101: parse error: nested more than 100 deep"):
            parse("(" * depth + "1" + ")" * depth)
