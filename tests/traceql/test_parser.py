"""TraceQL → nodes."""

from __future__ import annotations

import time

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.ast import (
    Aggregate,
    AggregateOp,
    Attribute,
    Binary,
    Coalesce,
    Compare,
    FieldExpression,
    GroupBy,
    Hint,
    Intrinsic,
    IntrinsicField,
    Literal,
    MetricsAggregate,
    MetricsOp,
    MetricsOperation,
    MetricsPipeline,
    Op,
    Pipeline,
    Query,
    ScalarFilter,
    ScalarMath,
    ScalarOperation,
    Scope,
    Select,
    SeriesFilter,
    SpansetFilter,
    SpansetOp,
    SpansetOperation,
    TopK,
    Unary,
    UnaryOp,
)
from appliance.traceql.parser import parse_query, read_query
from appliance.traceql.printer import print_node
from appliance.traceql.static import FALSE, TRUE, Kind, Static, Status, Type

A, B, C = Attribute("a"), Attribute("b"), Attribute("c")
DURATION = IntrinsicField(Intrinsic.DURATION)
ALL = SpansetFilter(Literal(TRUE))
RATE = MetricsAggregate(MetricsOp.RATE)


def number(value: int) -> Literal:
    return Literal(Static(Type.INT, value))


def field(text: str) -> FieldExpression:
    """The expression of a filter; types are not checked."""
    pipeline = read_query("{" + text + "}").pipeline
    assert pipeline is not None
    (found,) = pipeline.elements
    assert isinstance(found, SpansetFilter)
    return found.expression


def elements(text: str) -> tuple[object, ...]:
    pipeline = read_query(text).pipeline
    assert pipeline is not None
    return pipeline.elements


def refusal(text: str) -> str:
    """The first line of what is said against a query."""
    with pytest.raises(BadInput) as caught:
        read_query(text)
    return caught.value.message.split("\n")[0]


def help_of(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        read_query(text)
    return caught.value.message.partition("\n")[2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4321", Static(Type.INT, 4321)),
        ("017", Static(Type.INT, 17)),
        ("minInt", Static(Type.INT, -(2**63))),
        ("maxInt", Static(Type.INT, 2**63 - 1)),
        ("1.5", Static(Type.FLOAT, 1.5)),
        ("1e3", Static(Type.FLOAT, 1000.0)),
        (".5", Static(Type.FLOAT, 0.5)),
        ('"a\\"b\\u00fc"', Static(Type.STRING, 'a"b\u00fc')),
        ("`a\\n\n`", Static(Type.STRING, "a\\n\n")),
        ("true", TRUE),
        ("1h30m", Static(Type.DURATION, 5400 * 10**9)),
        ("1.5s", Static(Type.DURATION, 1_500_000_000)),
        ("2d", Static(Type.DURATION, 2 * 86400 * 10**9)),
        ("300\u00b5s", Static(Type.DURATION, 300_000)),
        ("error", Static(Type.STATUS, Status.ERROR)),
        ("unset", Static(Type.STATUS, Status.UNSET)),
        ("server", Static(Type.KIND, Kind.SERVER)),
        ("unspecified", Static(Type.KIND, Kind.UNSPECIFIED)),
        ("-3", Static(Type.INT, -3)),
        ("-1s", Static(Type.DURATION, -(10**9))),
        ("-minInt", Static(Type.INT, -(2**63))),
        ("!true", FALSE),
    ],
)
def test_constants(text: str, value: Static) -> None:
    assert field(text) == Literal(value)


@pytest.mark.parametrize("scope", list(Scope))
def test_attributes_of_every_scope(scope: Scope) -> None:
    prefix = scope.value or ""
    assert field(f"{prefix}.http.status-code") == Attribute("http.status-code", scope)
    assert field(f'{prefix}."a b".c') == Attribute("a b.c", scope)


def test_attributes_of_parents() -> None:
    assert field("parent.a") == Attribute("a", is_parent=True)
    assert field("parent.span.a") == Attribute("a", Scope.SPAN, is_parent=True)
    assert field("parent.resource.a") == Attribute("a", Scope.RESOURCE, is_parent=True)
    assert field("parent.event.a") == Attribute("event.a", is_parent=True)
    assert field("parent.duration") == IntrinsicField(Intrinsic.DURATION, is_parent=True)


@pytest.mark.parametrize(
    ("old", "scoped"),
    [
        ("duration", "span:duration"),
        ("name", "span:name"),
        ("status", "span:status"),
        ("statusMessage", "span:statusMessage"),
        ("kind", "span:kind"),
        ("traceDuration", "trace:duration"),
        ("rootName", "trace:rootName"),
        ("rootServiceName", "trace:rootService"),
    ],
)
def test_intrinsics_in_both_spellings(old: str, scoped: str) -> None:
    found = field(old)
    assert isinstance(found, IntrinsicField)
    assert found == field(scoped) == IntrinsicField(Intrinsic(scoped))
    assert found.text == old


@pytest.mark.parametrize(
    "text",
    [
        "span:id", "span:parentID", "span:childCount", "trace:id", "event:name",
        "event:timeSinceStart", "link:traceID", "link:spanID", "instrumentation:name",
        "instrumentation:version", "nestedSetLeft", "nestedSetRight", "nestedSetParent", "parent",
    ],
)  # fmt: skip
def test_intrinsics_of_one_spelling(text: str) -> None:
    assert field(text) == IntrinsicField(Intrinsic(text))


def test_words_of_intrinsics_are_names_behind_a_scope() -> None:
    assert field(".name") == Attribute("name")
    assert field("event.name") == Attribute("name", Scope.EVENT)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        (".a && .b || .c", "(.a && .b) || .c"),
        (".a || .b && .c", "(.a || .b) && .c"),
        (".a = .b && .c", "(.a = .b) && .c"),
        (".a = .b = .c", "(.a = .b) = .c"),
        (".a + .b = .c", "(.a + .b) = .c"),
        (".a - .b + .c", "(.a - .b) + .c"),
        (".a + .b * .c", ".a + (.b * .c)"),
        (".a / .b % .c", "(.a / .b) % .c"),
        (".a ^ .b ^ .c", ".a ^ (.b ^ .c)"),
        (".a * .b ^ .c", ".a * (.b ^ .c)"),
        ("-.a + .b", "(-.a) + .b"),
        ("-.a * .b", "-(.a * .b)"),
        ("-.a ^ .b", "-(.a ^ .b)"),
        ("!.a = .b", "(!.a) = .b"),
        ("!.a + .b", "(!.a) + .b"),
        ("!.a * .b", "!(.a * .b)"),
        (".a * -.b + .c", "(.a * (-.b)) + .c"),
        (".a * -.b * .c", ".a * (-(.b * .c))"),
        ("-!.a", "-(!.a)"),
        (".a = .b != nil", "(.a = .b) != nil"),
        (".a + .b = nil", "(.a + .b) = nil"),
        (".a && .b != nil", ".a && (.b != nil)"),
    ],
)
def test_precedence(text: str, grouped: str) -> None:
    assert print_node(field(text)) == grouped


def test_comparisons_with_nil_ask_for_presence() -> None:
    assert field(".a != nil") == field("nil != .a") == Unary(UnaryOp.EXISTS, A)
    assert field(".a = nil") == field("nil = .a") == Unary(UnaryOp.NOT_EXISTS, A)
    assert field("nil = nil") == field("nil != nil") == Literal(FALSE)
    assert field("1 != nil") == Literal(TRUE)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3"),
        ("7 / 2.", "3.5"),
        ("1h + 30m > 5000s", "true"),
        ("10s / 2 = duration", "5e+09 = duration"),
        ("1 / 0 = 1", "(1 / 0) = 1"),
        ('"ab" =~ "a."', "true"),
        ('"ab" =~ "("', "`ab` =~ `(`"),
        ("true && .a", "true && .a"),
        ('1 = "a"', "1 = `a`"),
        ("!1", "!1"),
    ],
)
def test_constants_are_worked_out_where_that_can_be(text: str, folded: str) -> None:
    assert print_node(field(text)) == folded


@pytest.mark.parametrize("op", list(SpansetOp))
def test_operations_of_spansets(op: SpansetOp) -> None:
    one, other = SpansetFilter(A), SpansetFilter(B)
    assert elements(f"{{.a}} {op.value} {{ .b }}") == (SpansetOperation(op, one, other),)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{ .a } && { .b } >> { .c }", "({ .a }) && (({ .b }) >> ({ .c }))"),
        ("{ .a } > { .b } ~ { .c }", "(({ .a }) > ({ .b })) ~ ({ .c })"),
        ("{ .a } || { .b } && { .c }", "(({ .a }) || ({ .b })) && ({ .c })"),
        ("({ .a }) && ({ .b })", "({ .a }) && ({ .b })"),
        ("(({ .a }))", "{ .a }"),
        ("({ .a } | { .b }) > ({ .c })", "({ .a }|{ .b }) > ({ .c })"),
        (
            "({ .a } | { .b }) > ({ .c }|{ .a }) && (by(.a))",
            "(({ .a }|{ .b }) > ({ .c }|{ .a })) && (by(.a))",
        ),
        ("(({ .a } | count() > 1))", "{ .a }|(count()) > 1"),
        ("(count() > 1)", "(count()) > 1"),
    ],
)
def test_spansets_and_pipelines_in_brackets(text: str, printed: str) -> None:
    assert print_node(read_query(text)) == printed


def test_pipelines() -> None:
    text = "{ .a } | by(.b + 1) | count() >= 2 | coalesce() | select(.a, name) | { .b } > { .c }"
    filtered = ScalarFilter(Op.GREATER_EQUAL, Aggregate(AggregateOp.COUNT), number(2))
    assert elements(text) == (
        SpansetFilter(A),
        GroupBy(Binary(Op.ADD, B, number(1))),
        filtered,
        Coalesce(),
        Select((A, IntrinsicField(Intrinsic.NAME))),
        SpansetOperation(SpansetOp.CHILD, SpansetFilter(B), SpansetFilter(C)),
    )


def test_conditions_on_spansets() -> None:
    assert elements("avg(duration) > -1s") == (
        ScalarFilter(
            Op.GREATER,
            Aggregate(AggregateOp.AVG, DURATION),
            Literal(Static(Type.DURATION, -(10**9))),
        ),
    )
    total = ScalarOperation(Op.MUL, Aggregate(AggregateOp.MAX, A), number(2))
    assert elements("{} | (count()) < max(.a) * 2")[1] == ScalarFilter(
        Op.LESS, Aggregate(AggregateOp.COUNT), total
    )


def test_conditions_on_pipelines_of_their_own() -> None:
    count = Pipeline((SpansetFilter(A), Aggregate(AggregateOp.COUNT)))
    assert elements("({.a}|count()) + ({.a}|count()) = 3") == (
        ScalarFilter(Op.EQUAL, ScalarOperation(Op.ADD, count, count), number(3)),
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("rate()", RATE),
        (
            "count_over_time() by (name)",
            MetricsAggregate(MetricsOp.COUNT, by=(IntrinsicField(Intrinsic.NAME),)),
        ),
        ("max_over_time(.a)by(.b,.c)", MetricsAggregate(MetricsOp.MAX, A, (B, C))),
        ("histogram_over_time(span:duration)", MetricsAggregate(MetricsOp.HISTOGRAM, DURATION)),
        (
            "quantile_over_time(duration, 1, .5) by (.a)",
            MetricsAggregate(MetricsOp.QUANTILE, DURATION, (A,), (1.0, 0.5)),
        ),
        ("compare({ .a })", Compare(SpansetFilter(A))),
        ("compare({ .a }, 3)", Compare(SpansetFilter(A), 3)),
        ("compare({ }, 3, 10, 20)", Compare(ALL, 3, 10, 20)),
    ],
)
def test_metrics_functions(text: str, first: MetricsAggregate | Compare) -> None:
    found = read_query("{} | { .a } | " + text)
    assert found == Query(metrics=MetricsPipeline(Pipeline((ALL, SpansetFilter(A))), first))


def test_second_stages() -> None:
    found = read_query("{} | rate() > 1 | topk(5) != -2.5 | bottomk(3) <= 10s with (a=1, b=`x`)")
    assert found == Query(
        metrics=MetricsPipeline(
            Pipeline((ALL,)),
            RATE,
            (
                SeriesFilter(Op.GREATER, Static(Type.INT, 1)),
                TopK(5),
                SeriesFilter(Op.NOT_EQUAL, Static(Type.FLOAT, -2.5)),
                TopK(3, is_bottom=True),
                SeriesFilter(Op.LESS_EQUAL, Static(Type.DURATION, 10 * 10**9)),
            ),
        ),
        hints=(Hint("a", Static(Type.INT, 1)), Hint("b", Static(Type.STRING, "x"))),
    )


def test_of_several_lists_of_hints_the_last_counts() -> None:
    assert read_query("{} with(a=1) with(b=ok)").hints == (
        Hint("b", Static(Type.STATUS, Status.OK)),
    )


def test_arithmetic_of_series() -> None:
    rate = MetricsPipeline(Pipeline((ALL,)), RATE)
    ranked = MetricsPipeline(Pipeline((ALL,)), RATE, (TopK(2),))
    found = read_query("({} | rate() | topk(2)) + (({}|rate())) / ({}|rate()) > 5").metrics
    assert found == MetricsOperation(
        Op.ADD,
        ranked,
        MetricsOperation(Op.DIV, rate, rate),
        (SeriesFilter(Op.GREATER, Static(Type.INT, 5)),),
    )


def test_arithmetic_of_series_with_numbers() -> None:
    rate = MetricsPipeline(Pipeline((ALL,)), RATE)
    found = read_query("100 * ({}|rate()) / ({}|rate()) - 2").metrics
    hundredfold = MetricsPipeline(
        Pipeline((ALL,)), RATE, (ScalarMath(Op.MUL, 100.0, is_left=True),)
    )
    assert found == MetricsOperation(Op.DIV, hundredfold, rate, (ScalarMath(Op.SUB, 2.0),))


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("({}|rate()) * (-100)", (ScalarMath(Op.MUL, -100.0),)),
        ("({}|rate()) * -1.5", (ScalarMath(Op.MUL, -1.5),)),
        ("1 / 2 + ({}|rate())", (ScalarMath(Op.ADD, 0.0, is_left=True),)),
        ("(1 / 2.) + ({}|rate())", (ScalarMath(Op.ADD, 0.5, is_left=True),)),
        (
            "1 + 2 * ({}|rate())",
            (ScalarMath(Op.MUL, 2.0, is_left=True), ScalarMath(Op.ADD, 1.0, is_left=True)),
        ),
        ("-7 / 2 * ({}|rate())", (ScalarMath(Op.MUL, -3.0, is_left=True),)),
    ],
)
def test_numbers_are_worked_out_first(text: str, stages: tuple[ScalarMath, ...]) -> None:
    assert read_query(text).metrics == MetricsPipeline(Pipeline((ALL,)), RATE, stages)


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "", "unexpected $end"),
        ("  ", "line 1, col 3", "unexpected $end"),
        ("{ .a } | { .b", "line 1, col 14", "unexpected $end"),
        ("{ .a | .b }", "line 1, col 6", "unexpected |"),
        ("({ .a } | { .b }", "line 1, col 17", "unexpected $end, expecting ) or |"),
        ("({.a}|{.b}) + ({.a}|{.b})", "line 1, col 13", "unexpected +, expecting with"),
        ("{\n  foo = 1 }", "line 2, col 3", "unexpected IDENTIFIER"),
        ("{ .\u00fc = 1 }}", "line 1, col 11", "unexpected }, expecting with"),
        ("{ . a }", "line 1, col 3", "unexpected END_ATTRIBUTE, expecting IDENTIFIER"),
        ("{ span. }", "line 0, col 3", "unexpected END_ATTRIBUTE, expecting IDENTIFIER"),
        ("{ .a 5s }", "line 0, col 6", "unexpected DURATION"),
        ("by(.a) && { .b }", "line 0, col 8", "unexpected &&, expecting with"),
        ("{ } && count() > 1", "line 1, col 8", "unexpected count, expecting { or ("),
        ("{ } > 10", "line 1, col 7", "unexpected INTEGER, expecting { or ("),
        ("({ } | { }) && { }", "line 1, col 16", "unexpected {, expecting ("),
        ("({ }) && ({ } | { })", "line 1, col 15", "unexpected |"),
        ("{ } | ({ } | { })", "line 1, col 12", "unexpected |"),
        ("{ } | ({ } | rate())", "line 1, col 14", "unexpected rate"),
        ("count(", "line 1, col 7", "unexpected $end, expecting )"),
        ("{ } | count()", "line 1, col 14", "unexpected $end"),
        ("{ } | count() = 1 = 2", "line 1, col 19", "unexpected =, expecting with"),
        ("coalesce()", "line 1, col 1", "unexpected coalesce"),
        ("rate()", "line 1, col 1", "unexpected rate"),
        ("{ } | topk(5)", "line 1, col 7", "unexpected topk"),
        ("{ } | rate() | topk(-1)", "line 1, col 21", "unexpected -, expecting INTEGER"),
        ("{ } | rate() | rate()", "line 1, col 16", "unexpected rate, expecting topk or bottomk"),
        (
            "{ } | rate() > x",
            "line 1, col 16",
            "unexpected IDENTIFIER, expecting INTEGER or FLOAT or DURATION or -",
        ),
        ("{ } | rate() / 2", "line 1, col 14", "unexpected /, expecting with"),
        ("({ } | rate()) % 2", "line 1, col 16", "unexpected %, expecting with"),
        ("({ } | rate()) * 2s", "line 1, col 16", "unexpected *"),
        ("({ } | rate()) + count()", "line 1, col 16", "unexpected +"),
        ("(({}|rate()) * 2 | topk(1)) * 3", "line 1, col 18", "unexpected |"),
        ("{ } | quantile_over_time(.a)", "line 1, col 28", "unexpected ), expecting ,"),
        ("{ } | compare({ }, 1, 2)", "line 1, col 24", "unexpected ), expecting ,"),
        ("{ } | select(.a + 1)", "line 1, col 17", "unexpected +, expecting ) or ,"),
        ("{ } with (a)", "line 1, col 12", "unexpected ), expecting ="),
        ("{ } with (a=-1)", "line 1, col 13", "unexpected -"),
        (
            "{ trace:name = 1 }",
            "line 1, col 9",
            "unexpected name, expecting duration or rootName or rootService or id",
        ),
        (
            "{ parent. }",
            "line 0, col 3",
            "unexpected END_ATTRIBUTE, expecting IDENTIFIER or resource. or span.",
        ),
        ("{ nil }", "line 1, col 7", "unexpected }, expecting = or !="),
        ("{ .a > nil }", "line 1, col 8", "unexpected nil"),
    ],
)
def test_tokens_that_do_not_fit(text: str, where: str, message: str) -> None:
    at = f"at {where}" if where else ""
    assert refusal(text) == f"parse error {at}: syntax error: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{ .a = "b', "line 1, col 8: literal not terminated"),
        ('{ ."a }', 'line 0, col 3: unexpected EOF, expecting "'),
        ("{ .a = 0x1 }", 'line 1, col 8: strconv.Atoi: parsing "0x1": invalid syntax'),
        (
            "{ .a = 1e999 }",
            'line 1, col 8: strconv.ParseFloat: parsing "1e999": value out of range',
        ),
    ],
)
def test_what_is_no_token(text: str, message: str) -> None:
    assert refusal(text) == f"parse error at {message}"


def test_of_two_errors_the_first_is_told() -> None:
    assert "unexpected +" in refusal('{ + } | "abc')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{ http.status = 1 }",
            "did you mean span.http.status, resource.http.status or .http.status?",
        ),
        (
            '{ service.name = "shop" }',
            "did you mean resource.service.name, span.service.name or .service.name?",
        ),
        (
            "{ statuss . foo = 1 }",
            "did you mean status, or span.statuss, resource.statuss or .statuss?",
        ),
        (
            "{ durations > 1s }",
            "did you mean duration, or span.durations, resource.durations or .durations?",
        ),
        ("{ .a = 1 and .b = 2 }", "did you mean `&&`?"),
        ("{ .a == 1 }", "did you mean `=`?"),
        ("{ .a = serve }", "did you mean server?"),
        ("{ .a = Zürich }", 'write text in quotes: "Zürich"'),
        ("{ .a = 'x' }", 'write text in double quotes or backquotes: "…"'),
        ("{ } | rates()", "did you mean rate?"),
        ("{ } | topk(3)", "topk ranks series: write it behind a metrics function such as rate()"),
        ("rate()", "did you mean { } | rate(…)?"),
        ("{ spanID = `a` }", "did you mean span:id?"),
        ("{ } = 1", "a spanset is not compared; write the condition inside of the braces"),
        ("{ + }", ""),
    ],
)
def test_a_second_line_helps(text: str, message: str) -> None:
    assert help_of(text) == message


def test_errors_know_their_place() -> None:
    with pytest.raises(BadInput) as caught:
        read_query("{ .a = 1 } | by()")
    assert caught.value.position == 16


@pytest.mark.parametrize(
    "text",
    [
        "{" + "(" * 5000 + "1" + ")" * 5000 + "}",
        "(" * 5000 + "{}" + ")" * 5000,
        "(" * 5000 + "{}|{}" + ")" * 5000,
        "{" + "!" * 5000 + ".a}",
        "{" + ".a ^ " * 5000 + "1}",
        "{" + ".a + " * 5000 + "1}",
        "{" + ".a && .b || " * 5000 + ".a}",
        "{} > " * 5000 + "{}",
        "({}|rate())" + " + ({}|rate())" * 5000,
        "({}|rate())" + " * 2" * 5000,
        "{}|" + "count() + " * 5000 + "1 > 2",
        "{ .a = (" * 3000,
        "{}" + " | by(.a)" * 3000,
        "{}" + " | count() > 1" * 3000,
    ],
)  # fmt: skip
def test_what_is_too_deep_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"nested more than|second stages|unexpected|groupings"):
        parse_query(text)


@pytest.mark.parametrize(
    "text",
    [
        "{ " + '.a = "x" || ' * 5000 + ".b }",
        "{ " + ".a && " * 5000 + ".b }",
        "{} || " * 5000 + "{}",
        "{}" + " | {.a}" * 5000,
        "{} | select(" + ".a, " * 5000 + ".a)",
        "{ .a = `" + "x" * 100_000 + "` }",
        "{ ." + "x" * 100_000 + " }",
        "1 + " * 5000 + "({}|rate())",
        "{" + "(" * 99 + ".a = 1" + ")" * 99 + "}",
    ],
)
def test_what_is_long_is_read_and_quickly(text: str) -> None:
    started = time.process_time()
    assert print_node(parse_query(text))
    assert time.process_time() - started < 2


def test_long_chains_mean_what_short_ones_mean() -> None:
    names = [f".a{number}" for number in range(100)]
    printed = print_node(field(" || ".join(names)))
    assert printed.replace("(", "").replace(")", "") == " || ".join(names)
    assert max(part.count("(") for part in printed.split("||")) < 10


def test_only_short_queries_are_remembered() -> None:
    short, long = "{ .remembered = 1 }", f"{{ .remembered = `{'x' * 5000}` }}"
    assert parse_query(short) is parse_query(short)
    assert parse_query(long) == parse_query(long)
    assert parse_query(long) is not parse_query(long)
