"""TraceQL: what is printed is read back; anything else is read or refused."""

from __future__ import annotations

import contextlib
import math

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.traceql.ast import (
    Aggregate,
    AggregateOp,
    Attribute,
    Binary,
    Coalesce,
    Compare,
    Field,
    FieldExpression,
    GroupBy,
    Hint,
    Intrinsic,
    IntrinsicField,
    Literal,
    MetricsAggregate,
    MetricsExpression,
    MetricsOp,
    MetricsOperation,
    MetricsPipeline,
    Op,
    Pipeline,
    PipelineElement,
    Query,
    ScalarFilter,
    ScalarMath,
    ScalarOperation,
    Scope,
    SecondStage,
    Select,
    SeriesFilter,
    SpansetExpression,
    SpansetFilter,
    SpansetOp,
    SpansetOperation,
    TopK,
    Unary,
    UnaryOp,
)
from appliance.traceql.lenient import parse_filter
from appliance.traceql.lexer import tokens
from appliance.traceql.parser import parse_query, read_query
from appliance.traceql.printer import print_node
from appliance.traceql.static import FALSE, TRUE, Kind, Static, Status, Type

NAMES = st.text(alphabet='ab."\\ {}=\nü☕', min_size=1, max_size=6) | st.just("span.x")
IS_PARENT = st.just(True)  # noqa: FBT003 - a value
ATTRIBUTES = st.builds(Attribute, NAMES, st.sampled_from(Scope)) | st.builds(
    Attribute, NAMES.map("x".__add__), st.sampled_from([Scope.NONE, Scope.SPAN]), IS_PARENT
)
INTRINSICS = st.builds(IntrinsicField, st.sampled_from(Intrinsic))
FIELDS: st.SearchStrategy[Field] = ATTRIBUTES | INTRINSICS
INTEGERS = st.integers(0, 2**63 - 1) | st.integers(0, 20)
FLOATS = st.floats(0, allow_nan=False, allow_infinity=False).filter(
    lambda value: math.copysign(1, value) > 0
)
DURATIONS = st.integers(0, 2**62)
STATICS = st.one_of(
    st.builds(Static, st.just(Type.STRING), st.text(max_size=5)),
    st.builds(Static, st.just(Type.INT), INTEGERS),
    st.builds(Static, st.just(Type.FLOAT), FLOATS),
    st.builds(Static, st.just(Type.DURATION), DURATIONS),
    st.sampled_from([TRUE, FALSE]),
    st.builds(Static, st.just(Type.STATUS), st.sampled_from(Status)),
    st.builds(Static, st.just(Type.KIND), st.sampled_from(Kind)),
)
LITERALS = st.builds(Literal, STATICS)


def _is_constant(node: FieldExpression) -> bool:
    return isinstance(node, Literal)


def _expressions(inner: st.SearchStrategy[FieldExpression]) -> st.SearchStrategy[FieldExpression]:
    # Operators on constants alone are worked out while a query is read.
    varying = inner.filter(lambda node: not _is_constant(node))
    return st.one_of(
        st.builds(Binary, st.sampled_from(Op), inner, varying),
        st.builds(Binary, st.sampled_from(Op), varying, inner),
        st.builds(Unary, st.sampled_from(UnaryOp), varying),
    )


EXPRESSIONS: st.SearchStrategy[FieldExpression] = st.recursive(
    FIELDS | LITERALS, _expressions, max_leaves=6
)
FILTERS = st.builds(SpansetFilter, EXPRESSIONS)
SPANSETS: st.SearchStrategy[SpansetExpression] = st.recursive(
    FILTERS, lambda inner: st.builds(SpansetOperation, st.sampled_from(SpansetOp), inner, inner)
)
COMPARED = st.sampled_from(
    [Op.EQUAL, Op.NOT_EQUAL, Op.LESS, Op.LESS_EQUAL, Op.GREATER, Op.GREATER_EQUAL]
)
SIGNED = st.one_of(
    st.builds(Static, st.just(Type.INT), st.integers(-(2**63) + 1, 2**63 - 1)),
    st.builds(Static, st.just(Type.FLOAT), st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(Static, st.just(Type.DURATION), st.integers(-(2**62), 2**62)),
)
AGGREGATES = st.just(Aggregate(AggregateOp.COUNT)) | st.builds(
    Aggregate,
    st.sampled_from([op for op in AggregateOp if op is not AggregateOp.COUNT]),
    EXPRESSIONS,
)
ARITHMETIC = st.sampled_from([Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.POW])
SCALARS = st.recursive(
    AGGREGATES | st.builds(Literal, SIGNED),
    lambda inner: st.builds(ScalarOperation, ARITHMETIC, inner, AGGREGATES),
    max_leaves=4,
)
CONDITIONS = st.builds(ScalarFilter, COMPARED, SCALARS, SCALARS)
SELECTS = st.builds(Select, st.lists(FIELDS, min_size=1, max_size=3).map(tuple))
STARTS: st.SearchStrategy[PipelineElement] = (
    SPANSETS | CONDITIONS | SELECTS | st.builds(GroupBy, EXPRESSIONS)
)
PIPELINES = st.builds(
    lambda first, rest: Pipeline((first, *rest)),
    STARTS,
    st.lists(STARTS | st.just(Coalesce()), max_size=3),
)
LONG_PIPELINES = PIPELINES.filter(
    lambda node: len(node.elements) > 1 or not isinstance(node.elements[0], SpansetFilter)
).filter(lambda node: not isinstance(node.elements[0], SpansetOperation) or len(node.elements) > 1)
WRAPPED: st.SearchStrategy[SpansetExpression] = st.recursive(
    LONG_PIPELINES,
    lambda inner: st.builds(SpansetOperation, st.sampled_from(SpansetOp), inner, inner | FILTERS),
    max_leaves=3,
)
COUNTED = st.builds(
    lambda pipeline, aggregate: Pipeline((*pipeline.elements, aggregate)), PIPELINES, AGGREGATES
)
COMPARISONS = st.builds(ScalarFilter, COMPARED, COUNTED, COUNTED | LITERALS)

BY = st.lists(FIELDS, max_size=3).map(tuple)
FIRST = st.one_of(
    st.builds(MetricsAggregate, st.sampled_from([MetricsOp.RATE, MetricsOp.COUNT]), by=BY),
    st.builds(
        MetricsAggregate,
        st.sampled_from([MetricsOp.MIN, MetricsOp.MAX, MetricsOp.AVG, MetricsOp.HISTOGRAM]),
        FIELDS,
        BY,
    ),
    st.builds(
        MetricsAggregate,
        st.just(MetricsOp.QUANTILE),
        FIELDS,
        BY,
        st.lists(FLOATS, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Compare, FILTERS, INTEGERS, INTEGERS, INTEGERS),
)
RANKED: st.SearchStrategy[SecondStage] = st.builds(TopK, INTEGERS, st.booleans()) | st.builds(
    SeriesFilter, COMPARED, SIGNED
)
COMPUTED = st.builds(
    ScalarMath,
    st.sampled_from([Op.ADD, Op.SUB, Op.MUL, Op.DIV]),
    st.floats(-1e15, 1e15),
    st.booleans(),
)
STAGES = st.lists(RANKED, max_size=2)
MATH = st.lists(COMPUTED, max_size=2)
LEAVES = st.builds(
    lambda pipeline, first, ranked, math: MetricsPipeline(pipeline, first, (*ranked, *math)),
    PIPELINES,
    FIRST,
    STAGES,
    MATH,
)
# What is ranked inside of brackets has to be a pipeline.
SERIES: st.SearchStrategy[MetricsExpression] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        MetricsOperation,
        st.sampled_from([Op.ADD, Op.SUB, Op.MUL, Op.DIV]),
        inner,
        inner,
        MATH.map(tuple),
    ),
    max_leaves=3,
)
HINTS = st.lists(
    st.builds(Hint, st.sampled_from(["a", "most_recent", "ü"]), STATICS), max_size=2
).map(tuple)


def _ranked(series: MetricsExpression, stages: list[SecondStage]) -> MetricsExpression:
    then = (*series.then, *stages)
    if isinstance(series, MetricsPipeline):
        return MetricsPipeline(series.pipeline, series.first, then)
    return MetricsOperation(series.op, series.left, series.right, then)


QUERIES = st.one_of(
    st.builds(Query, PIPELINES, st.none(), HINTS),
    st.builds(Query, st.one_of(WRAPPED, COMPARISONS).map(
        lambda node: node if isinstance(node, Pipeline) else Pipeline((node,))
    ), st.none(), HINTS),
    st.builds(Query, st.none(), st.builds(_ranked, SERIES, STAGES), HINTS),
)  # fmt: skip

PIECES = st.sampled_from(
    [
        "{", "}", "(", ")", "|", ",", "=", "!=", "=~", ">", ">>", "!<<", "&~", "&&", "||", "-",
        "!", "+", "*", "^", "%", "/", ".a", "span.b", 'resource."c d"', "parent.", "event.", ".",
        "name", "span:id", "span:", "duration", "1", "2.5", "1s", '"x"', "`y`", "true", "nil",
        "ok", "server", "count()", "max(.a)", "rate()", "by(", "by(.a)", "select(.a)",
        "coalesce()", "topk(3)", "quantile_over_time(.a, .5)", "compare({", "with(", "with(a=1)",
        "// c\n", "/*", '"', "'", "ü", "foo", "\\", "\0", "0x1", "1e", "1_", " ", "\n",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.lists(PIECES, max_size=25).map(" ".join)


@given(QUERIES)
def test_what_is_printed_is_read_back(query: Query) -> None:
    assert read_query(print_node(query)) == query


@given(TEXTS | st.text(max_size=60))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        found = parse_query(text)
    except BadInput:
        return
    assert parse_query(print_node(found)) == found


@given(TEXTS | st.text(max_size=60))
def test_any_text_may_be_an_unfinished_query(text: str) -> None:
    with contextlib.suppress(BadInput):
        found = parse_filter(text)
        if found is not None:
            parse_query(print_node(found))


@given(TEXTS | st.text(max_size=60))
def test_tokens_follow_each_other(text: str) -> None:
    found = tokens(text)
    assert [token.position for token in found] == sorted(token.position for token in found)
    assert found[-1].kind in {"$end", "error"}
    assert all(token.kind not in {"$end", "error"} for token in found[:-1])
