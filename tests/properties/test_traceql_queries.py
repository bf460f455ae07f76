"""Searches by the text of queries against a slow model: one trace, one span after the other.

The model knows which spans a query gets to see (those that satisfy its conditions), what every
element does with the sets of a trace, and which traces an answer has room for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.errors import QueryFailed
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, SpansetOp, UnaryOp
from appliance.traceql.expressions.compare import ELEMENTS, FLIPPED, binary
from appliance.traceql.expressions.distinct import to_static
from appliance.traceql.parser import parse_query
from appliance.traceql.printer import print_node
from appliance.traceql.search.run import SearchRequest, search
from appliance.traceql.static import FALSE, NIL, TRUE, Static, Status, Type
from appliance.traceql.types import ARITHMETIC
from tests.properties.test_traceql_structure import Multiple, Node, Set, forest, relate
from tests.random_examples import examples
from tests.spans import PlainSpan, PlainSpans

S = 10**9
TRACE_ID = ast.IntrinsicField(Intrinsic.TRACE_ID)
Found = dict[int, list[tuple[list[int], list[tuple[str, Static]]]]]

# ------------------------------------------------------------------ values of one span


def look(field: ast.Field, node: Node) -> Static:
    span = node.span
    if isinstance(field, ast.IntrinsicField):
        return INTRINSICS[field.intrinsic](node)
    owners = {Scope.SPAN: [span.attributes], Scope.RESOURCE: [span.resource_attributes]}
    for owner in owners.get(field.scope, [span.attributes, span.resource_attributes]):
        if field.name in owner:
            return to_static(owner[field.name])
    return NIL


INTRINSICS: dict[Intrinsic, Callable[[Node], Static]] = {
    Intrinsic.NAME: lambda node: Static(Type.STRING, node.span.name),
    Intrinsic.DURATION: lambda node: Static(Type.DURATION, node.span.duration_ns),
    Intrinsic.STATUS: lambda node: Static(
        Type.STATUS, (Status.UNSET, Status.OK, Status.ERROR)[node.span.status]
    ),
    Intrinsic.TRACE_ID: lambda node: Static(Type.STRING, f"{node.span.trace:x}"),
    Intrinsic.CHILD_COUNT: lambda node: Static(Type.INT, len(node.children)),
    Intrinsic.NESTED_SET_PARENT: lambda node: Static(Type.INT, node.set_parent),
}


def value(expression: ast.FieldExpression, node: Node) -> Static:
    match expression:
        case ast.Literal():
            return expression.value
        case ast.Attribute() | ast.IntrinsicField():
            return look(expression, node)
        case ast.Unary():
            return _unary(expression, node)
        case ast.Binary():
            left, right = value(expression.left, node), value(expression.right, node)
            sides = {type(expression.left), type(expression.right)}
            types = {ELEMENTS.get(one.type, one.type) for one in (left, right)}
            is_strict = expression.op in {Op.EQUAL, Op.NOT_EQUAL}
            if is_strict and sides == {ast.Attribute, ast.Literal} and len(types) > 1:
                return FALSE
            return binary(expression.op, left, right)


def _unary(expression: ast.Unary, node: Node) -> Static:
    operand = expression.operand
    if expression.op is UnaryOp.NOT:
        return {TRUE: FALSE, FALSE: TRUE}.get(value(operand, node), NIL)
    is_absent = value(operand, node) == NIL
    if isinstance(operand, ast.Attribute) and operand.scope is Scope.NONE:
        scoped = [replace(operand, scope=scope) for scope in (Scope.SPAN, Scope.RESOURCE)]
        absent = [look(one, node) == NIL for one in scoped]
        is_absent = all(absent) if expression.op is UnaryOp.EXISTS else any(absent)
    return TRUE if is_absent == (expression.op is UnaryOp.NOT_EXISTS) else FALSE


# ------------------------------------------------------------------ which spans a query sees


@dataclass
class Asked:
    """Conditions by field, each a function of a span; whether all fields have to satisfy one."""

    by_field: dict[ast.Field | None, list[Callable[[Node], bool]]]
    needs_all: bool = True
    is_empty_silent: bool = False

    def sees(self, node: Node) -> bool:
        if not self.needs_all and TRACE_ID in self.by_field:
            return True
        results = [any(test(node) for test in tests) for tests in self.by_field.values()]
        return not results or (all(results) if self.needs_all else any(results))

    def add(self, field: ast.Field | None, test: Callable[[Node], bool] | None = None) -> None:
        exists = (lambda node: value(field, node) != NIL) if field else (lambda _: True)
        if isinstance(field, ast.IntrinsicField) and test is None:
            self.is_empty_silent = True
        self.by_field.setdefault(field, []).append(test or exists)
        if isinstance(field, ast.Attribute) and field.scope is Scope.NONE:
            self.needs_all = False

    def ask(self, expression: ast.FieldExpression) -> None:
        match expression:
            case ast.Attribute() | ast.IntrinsicField():
                self.add(expression)
            case ast.Unary(operand=ast.Attribute() | ast.IntrinsicField() as field):
                is_test = expression.op is UnaryOp.NOT_EXISTS
                self.add(field, (lambda node: value(expression, node) == TRUE) if is_test else None)
            case ast.Unary():
                self.ask(expression.operand)
            case ast.Binary(op=op) if op in ARITHMETIC:
                for side in (expression.left, expression.right):
                    self.ask(side)
            case ast.Binary(left=ast.Literal() as one, right=other) if _is_field(other):
                self.ask(ast.Binary(FLIPPED.get(expression.op, expression.op), other, one))
            case ast.Binary(left=field, right=ast.Literal()) if _is_field(field):
                self.add(field, lambda node: value(expression, node) == TRUE)  # type: ignore[arg-type]  # a field
            case ast.Binary():
                self.ask(expression.left)
                self.ask(expression.right)
                if not _is_field(expression.left) and expression.op is Op.OR:
                    self.needs_all = False

    def ask_element(self, element: Any) -> None:
        match element:
            case ast.SpansetFilter():
                self.ask(element.expression)
                if element.expression == ast.Literal(TRUE) and not self.is_empty_silent:
                    self.add(None)
            case ast.SpansetOperation():
                if element.op not in {SpansetOp.AND, SpansetOp.UNION}:
                    self.add(None, lambda node: node.left > 0)
                    self.is_empty_silent = True
                self.ask_element(element.left)
                self.ask_element(element.right)
                self.needs_all = False
            case ast.Pipeline():
                for part in element.elements:
                    self.ask_element(part)
            case ast.ScalarFilter():
                self.ask_element(element.left)
            case ast.GroupBy() | ast.Aggregate():
                self.needs_all = False
                if element.expression is not None:
                    self.ask(element.expression)


def _is_field(expression: ast.FieldExpression) -> bool:
    return isinstance(expression, ast.Attribute | ast.IntrinsicField)


# ------------------------------------------------------------------ what elements do


def run(element: Any, sets: list[Set]) -> list[Set]:
    if isinstance(element, ast.Pipeline):
        for part in element.elements:
            sets = run(part, sets) if sets else []
        return sets
    if isinstance(element, ast.Coalesce):
        nodes = [node for one in sets for node in one.nodes]
        return [Set(_by_start(nodes), [])]
    return [made for one in sets for made in _of_set(element, one)]


def _of_set(element: Any, one: Set) -> Iterator[Set]:
    match element:
        case ast.SpansetFilter():
            nodes = [node for node in one.nodes if value(element.expression, node) == TRUE]
            if nodes:
                yield Set(nodes, one.said)
        case ast.SpansetOperation():
            yield from _operated(element, one)
        case ast.GroupBy():
            groups: dict[Static, list[Node]] = {}
            for node in one.nodes:
                groups.setdefault(value(element.expression, node), []).append(node)
            for key, nodes in groups.items():
                yield Set(nodes, [*one.said, (print_node(element), key)])
        case ast.ScalarFilter(left=ast.Aggregate() as wanted, right=ast.Literal() as limit):
            found = _aggregated(wanted, one.nodes)
            if found is not None and binary(element.op, found, limit.value) == TRUE:
                yield Set(one.nodes, [*one.said, (print_node(wanted), found)])


def _operated(element: ast.SpansetOperation, one: Set) -> Iterator[Set]:
    left, right = (run(side, [Set(one.nodes, [])]) for side in (element.left, element.right))
    lefts, rights = ([node for each in side for node in each.nodes] for side in (left, right))
    if element.op is SpansetOp.UNION or (element.op is SpansetOp.AND and left and right):
        found = [*lefts, *rights]
    elif element.op is SpansetOp.AND or not right:
        found = []
    elif len(left) > 1 or len(right) > 1:
        raise Multiple
    else:
        found = relate(element.op, lefts, rights)
    if found:
        yield Set(_by_start(list(dict.fromkeys(found))), one.said)


def _aggregated(wanted: ast.Aggregate, nodes: Sequence[Node]) -> Static | None:
    if wanted.expression is None:
        return Static(Type.INT, len(nodes))
    found = [value(wanted.expression, node) for node in nodes]
    numbers: list[Any] = [one.value for one in found if one != NIL]
    if not numbers:
        return None
    kind = next(one.type for one in found if one != NIL)
    if wanted.op is ast.AggregateOp.AVG and kind is Type.INT:
        return Static(Type.FLOAT, sum(numbers) / len(numbers))
    return Static(kind, FOLDS[wanted.op](numbers))


FOLDS: dict[ast.AggregateOp, Callable[[list[Any]], Any]] = {
    ast.AggregateOp.SUM: sum,
    ast.AggregateOp.MAX: max,
    ast.AggregateOp.MIN: min,
    ast.AggregateOp.AVG: lambda numbers: sum(numbers) // len(numbers),
}


def _by_start(nodes: Sequence[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: node.span.start_ns)


def expected(query: ast.Query, spans: Sequence[PlainSpan], request: SearchRequest) -> Found:
    assert query.pipeline is not None
    asked = Asked({})
    asked.ask_element(query.pipeline)
    found: list[tuple[int, int, list[Set]]] = []
    for trace in sorted({span.trace for span in spans}):
        nodes = _by_start(forest(_in_order([span for span in spans if span.trace == trace])))
        seen = [node for node in nodes if asked.sees(node)]
        sets = run(query.pipeline, [Set(seen, [])]) if seen else []
        start = nodes[0].span.start_ns
        end = max(node.span.start_ns + node.span.duration_ns for node in nodes)
        is_inside = start <= request.end_ns and end >= request.start_ns
        if sets and (is_inside or not request.end_ns):
            found.append((start, trace, sets))
    found.sort(key=lambda one: one[0], reverse=True)
    return {
        trace: sorted(([node.span.span for node in one.nodes], one.said) for one in sets)
        for _, trace, sets in found[: request.limit]
    }


def _in_order(spans: Sequence[PlainSpan]) -> list[PlainSpan]:
    return sorted(spans, key=lambda span: span.start_ns)


# ------------------------------------------------------------------ what is drawn

values = st.sampled_from([0, 1, 2, 1.0, 0.5, "a", "b", True, False, [1, 2], ["a", "b"], ["a"]])


@st.composite
def traces(draw: st.DrawFn) -> list[PlainSpan]:
    """A few traces; no two spans of all of them start at the same time."""
    spans: list[PlainSpan] = []
    starts = iter(draw(st.permutations(range(1, 40))))
    for trace in range(1, draw(st.integers(1, 4)) + 1):
        for number in range(1, draw(st.integers(1, 6)) + 1):
            attributes = draw(st.dictionaries(st.sampled_from("xy"), values, max_size=2))
            if draw(st.booleans()):
                attributes["n"] = draw(st.integers(-3, 9))
            spans.append(
                PlainSpan(
                    trace,
                    10 * trace + number,
                    name=draw(st.sampled_from(["a", "b"])),
                    parent=draw(st.sampled_from([0, 99, *range(10 * trace + 1, len(spans) + 2)])),
                    start_ns=next(starts) * S,
                    duration_ns=draw(st.sampled_from([1, 5, 2 * S])),
                    status=draw(st.integers(0, 2)),
                    attributes=attributes,
                    resource=draw(st.dictionaries(st.just("x"), values)),
                )
            )
    return spans


fields = st.sampled_from(["span.x", "span.y", "span.n", "resource.x", ".x", ".y"])
orders = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
constants = st.sampled_from(["0", "1", "1.0", "`a`", "true", "5ns"])
conditions = st.one_of(
    st.builds("{} {} {}".format, fields, st.sampled_from(["=", "!="]), constants),
    st.builds("{} {} {}".format, fields, orders, st.sampled_from(["1", "0.5", "`a`"])),
    st.builds("{1} {2} {0}".format, fields, st.sampled_from(["1", "0.5"]), orders),
    st.builds("{} {} nil".format, fields, st.sampled_from(["=", "!="])),
    st.builds("{} {} {}".format, fields, orders, fields),
    st.builds("{} + 1 {} {}".format, fields, orders, fields),
    st.builds("{} =~ `{}`".format, fields, st.sampled_from(["a|b", ".*", "b"])),
    st.sampled_from(["status = error", "status != ok", "name = `a`", "duration > 1s"]),
    st.sampled_from(["span:childCount > 0", "nestedSetParent < 0", "!(status = ok)"]),
    st.sampled_from([f"trace:id = `{1:x}`", "name = span.x"]),
)
expressions = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=4,
)
filters = st.one_of(st.just("{ }"), st.builds("{{ {} }}".format, expressions))
operators = st.sampled_from(sorted(op.value for op in SpansetOp))
spansets = st.recursive(
    filters, lambda inner: st.builds("({} {} {})".format, inner, operators, inner), max_leaves=3
)
aggregates = st.builds(
    "{} {} {}".format,
    st.sampled_from(["count()", "max(span.n)", "min(span.n)", "sum(span.n)", "avg(span.n)"]),
    orders,
    st.sampled_from(["0", "1", "2.5"]),
)
groups = st.builds("by({})".format, fields | st.sampled_from(["name", "status", "span.n > 1"]))
stages = st.one_of(spansets, filters, aggregates, groups)
pipelines = st.one_of(
    st.builds(
        lambda first, rest: " | ".join([first, *rest]),
        stages,
        st.lists(stages | st.just("coalesce()"), max_size=3),
    ),
    st.builds("{} | {{ {} }}".format, aggregates | groups, conditions),
)
requests = st.builds(
    SearchRequest,
    start_ns=st.sampled_from([0, 5 * S, 20 * S]),
    end_ns=st.sampled_from([21 * S, 30 * S]),
    limit=st.integers(1, 4),
    spans_per_spanset=st.just(100),
) | st.just(SearchRequest(limit=100, spans_per_spanset=100))


@examples(120)
@given(traces(), pipelines, requests, st.sampled_from([2, 5, 100]))
def test_searches_find_what_looking_at_every_span_finds(
    spans: list[PlainSpan], text: str, request: SearchRequest, block_size: int
) -> None:
    query = parse_query(text)
    if not request.start_ns:
        request = replace(request, end_ns=0)
    try:
        wanted: Found | None = expected(query, spans, request)
    except Multiple:
        return
    guard = QueryGuard(QueryLimits(), ManualClock())
    try:
        answer = search(PlainSpans(spans, block_size), query, request, guard)
    except QueryFailed:
        return
    found = {
        int.from_bytes(trace.trace_id): sorted(
            ([span.span_id for span in one.spans], list(one.attributes)) for one in trace.spansets
        )
        for trace in answer.traces
    }
    assert found == wanted, text
    assert list(found) == list(wanted or ()), "newest first"
