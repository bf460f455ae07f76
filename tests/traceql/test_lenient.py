"""Filters in queries that may be unfinished."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.lenient import parse_filter
from appliance.traceql.printer import print_node


def printed(text: str) -> str | None:
    found = parse_filter(text)
    return None if found is None else print_node(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{ .a = "x" }', "{ .a = `x` }"),
        ('{ .a = "x" && name = }', "{ .a = `x` }"),
        ('{ .a = "x" && span.b', "{ .a = `x` }"),
        ("{ .a = 1 && duration >", "{ .a = 1 }"),
        ('{ span."a b" = && .b =~ "x" }', "{ .b =~ `x` }"),
        ("{ span:name = && .a != nil }", "{ .a != nil }"),
        ("{ parent.span.x = && .b = 1 }", "{ .b = 1 }"),
        ("{ .a = nil && 1 < .b }", "{ (.a = nil) && (1 < .b) }"),
        ("{ (.a=1 || .b=2) && .c=3 }", "{ ((.a = 1) && (.c = 3)) || ((.b = 2) && (.c = 3)) }"),
        ("{ .a = 1 || .a = 1 }", "{ .a = 1 }"),
        ("{ .a + 1 = 2 && .c > 1s }", "{ .c > 1s }"),
        ("{ .a = .b && .c = 1 }", "{ .c = 1 }"),
        ("{ .a = 1 } | select(.b)", "{ .a = 1 }"),
        ("{ .a = 1 && .b = } | rate()", None),
        ("({ .a = 1 } | count() > 1)", "{ .a = 1 }"),
    ],
)
def test_what_can_be_asked_of_fields(text: str, expected: str | None) -> None:
    assert printed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "garbage", "{", "{}", "{ true }", "{ .a }", "{ .a = }", '{ .a = "x', "{ .",
        "{ .a = 1 || .b }", "{ .a = 1 } && { .b = 2 }", "{ name = 1 }", "{ .a = 1 && }",
        "{ (.a = ", "}", "{ .a = 'x' }", "{ !(.a = 1) }", "{ parent.a = 1 }",
    ],
)  # fmt: skip
def test_what_filters_nothing(text: str) -> None:
    assert printed(text) is None


def test_too_many_alternatives_are_refused() -> None:
    pairs = " && ".join(f"(.a = {number} || .b = {number})" for number in range(8))
    with pytest.raises(BadInput, match="maximum condition groups"):
        parse_filter(f"{{ {pairs} }}")
