"""What is grammatical and refused nevertheless."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.parser import parse_query


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse_query(text)
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "{ .a }", "{ !.a }", "{ -.a }", "{ (.a) }", "{ .a - .b }", "{ true }", "{ 1 = 2 }",
        "{ 1 < 1h }", "{ 1 <= 1.1 }", "{ duration > 1 }", "{ duration = traceDuration }",
        '{ name > "x" }', "{ name = .a }", "{ .a = .b = .c }", "{ .a = status }",
        '{ .a =~ "x.*" }', '{ "a" !~ "b" }', "{ status != ok && kind = internal }",
        "{ .a != nil }", "{ .a = nil }", "{ name != nil }", "{ !(name != nil) }",
        "{ .service.name = nil }", "{ span.service.name = nil }", "{ (.a = 1) = nil }",
        "{ instrumentation:name = duration }", "{ span:childCount > 2 }",
        "{ nestedSetParent < 0 }", "{ event:timeSinceStart > 1ms }", '{ trace:id = "a" }',
        "{ } | count() > 1", "{ } | max(duration) > 1", "{ } | avg(1 + .a) < 1.5",
        "{ } | avg(!.a) > 1", "{ } | avg(instrumentation:name) > 1", "{ } | (count()) > -1",
        "by(.a)", "by(-.b)", "{ } | by(.a = 1) | count() > 1", "select(.a)", "count() > 1",
        "({ } | count() > 1) >> ({ } | by(.a))",
        "{ } | rate() by (.a, .b, .c, .d, .e)", "{ } | sum_over_time(status)",
        "{ } | quantile_over_time(duration, 0, 1, .5) by (.a, .b, .c, .d)",
        "{ } | rate() | topk(1) > -1s", "{ } | compare({ .a })", "{ } | compare({ .a }, 5, 1, 2)",
        "({ } | rate()) / ({ } | rate()) * 100 | topk(3)",
        "{ } with (anything=maxInt)", "{ 1 / 0 = 1 }",
    ],
)  # fmt: skip
def test_accepted(text: str) -> None:
    parse_query(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ name }", "span filter field expressions must resolve to a boolean: { name }"),
        ("{ 1 + 1 }", "span filter field expressions must resolve to a boolean: { 2 }"),
        ("{ .a + 1 }", "span filter field expressions must resolve to a boolean: { .a + 1 }"),
        ("{ ok }", "span filter field expressions must resolve to a boolean: { ok }"),
        ("{ name = 1 && .a = 2 }", "binary operations must operate on the same type: name = 1"),
        ('{ .b || 1 = "x" }', "binary operations must operate on the same type: 1 = `x`"),
        ("{ status > kind }", "binary operations must operate on the same type: status > kind"),
        ("{ .a = 1 = 2 }", "binary operations must operate on the same type: (.a = 1) = 2"),
        ("{ .a = 1 && `x` }", "binary operations must operate on the same type: (.a = 1) && `x`"),
        ("{ status > ok }", "illegal operation for the given types: status > ok"),
        ("{ .a > true }", "illegal operation for the given types: .a > true"),
        ("{ .a =~ 1 }", "illegal operation for the given types: .a =~ 1"),
        ("{ .a && 1 }", "illegal operation for the given types: .a && 1"),
        ("{ .a - true = 1 }", "illegal operation for the given types: .a - true"),
        ("{ !name }", "illegal operation for the given type: !name"),
        ("{ -true = .a }", "illegal operation for the given type: -true"),
        ("{ !.a * 2 = 1 }", "illegal operation for the given type: !(.a * 2)"),
        ("{ .a =~ .b }", "invalid type for =~ or !~: .b"),
        ("{ duration = nil }", "duration=nil is not valid because intrinsics cannot be nil"),
        ("{ nil = span:status }", "status=nil is not valid because intrinsics cannot be nil"),
        (
            '{ resource."service.name" = nil }',
            "resource.service.name=nil is not valid because resource.service.name cannot be nil",
        ),
        ("{ parent.a = 1 }", "parent not yet supported"),
        ("{ parent.duration > 1s }", "parent not yet supported"),
        ("{ parent = nil }", "intrinsic (parent) not yet supported"),
        ("{ } | select(parent.a)", "parent not yet supported"),
        ("{ } | rate() by (parent.a)", "parent not yet supported"),
        (
            "{ } | max(name) > 1",
            "aggregate field expressions must resolve to a number type: max(name)",
        ),
        ("{ } | sum(3) > 1", "aggregate field expressions must reference the span: sum(3)"),
        ("{ } | avg(!1) > 1", "illegal operation for the given type: !1"),
        ("{ } | by(1)", "grouping field expressions must reference the span: by(1)"),
        ("{ } >> { name > 3 }", "binary operations must operate on the same type: name > 3"),
        (
            "({ } | { name > 3 }) || ({ })",
            "binary operations must operate on the same type: name > 3",
        ),
        ("{ } | quantile_over_time(duration, .5, 1.5)", "quantile must be between 0 and 1: 1.5"),
        ("{ } | rate() by (.a,.b,.c,.d,.e,.f)", "metrics group by 6 values not yet supported"),
        (
            "{ } | avg_over_time(.x) by (.a,.b,.c,.d,.e)",
            "metrics group by 5 values not yet supported",
        ),
        ("{ } | rate() | topk(0)", "limit must be greater than 0"),
        ("{ } | rate() | bottomk(2) | topk(0)", "limit must be greater than 0"),
        ("({ } | rate() | topk(0)) * 2", "limit must be greater than 0"),
        (
            "{ } | compare({ name })",
            "span filter field expressions must resolve to a boolean: { name }",
        ),
        (
            "{ } | compare({ .a }, 0)",
            "compare() top number of values must be integer greater than 0",
        ),
        (
            "{ } | compare({ .a }, 1, 0, 5)",
            "compare() timestamps must be positive integer unix nanoseconds",
        ),
        (
            "{ } | compare({ .a }, 1, 5, 5)",
            "compare() end timestamp must be greater than start timestamp",
        ),
        (
            "{ } | compare({ .a }) | topk(1)",
            "`compare()` cannot be used with second stage functions",
        ),
        ("({ } | compare({ .a })) * 2", "`compare()` cannot be used with second stage functions"),
        (
            "({ }|rate()) / ({ } | compare({ .a }))",
            "`compare()` cannot be used with second stage functions",
        ),
        (
            "({ name } | rate()) / ({ } | rate())",
            "span filter field expressions must resolve to a boolean: { name }",
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("2 > 1", "lhs"),
        ("1 < count()", "lhs"),
        ("{ } | count() + count() > 3", "lhs"),
        ("({ } | count()) > 1", "lhs"),
        ("{ } | count() > max(.a)", "rhs"),
        ("{ } | count() > 1 + 1", "rhs"),
    ],
)
def test_of_scalars_only_an_aggregate_is_compared_with_a_constant(text: str, side: str) -> None:
    first, second = refusal(text).split("\n")
    assert first == f"scalar filter {side} of type (%v) not yet supported"
    assert second.startswith("write ")


def test_expressions_that_are_none_are_refused_with_the_reason() -> None:
    first, second = refusal('{ .a =~ "(" }').split("\n")
    assert first == "invalid regex: `(`"
    assert "missing closing )" in second


def test_errors_know_their_place() -> None:
    with pytest.raises(BadInput) as caught:
        parse_query("{ .a = 1 } | avg(name) > 1")
    assert caught.value.position == 13
