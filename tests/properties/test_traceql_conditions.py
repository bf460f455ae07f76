"""Conditions over a block of spans agree with looking at every span by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, UnaryOp
from appliance.traceql.block import Block
from appliance.traceql.expressions.compare import ELEMENTS, binary
from appliance.traceql.expressions.distinct import to_static
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.static import FALSE, NIL, TRUE, Static, Status, Type
from appliance.traceql.types import ARITHMETIC, NUMERIC
from tests.random_examples import examples
from tests.spans import Attributes, PlainColumns, PlainEvent, PlainSpan

Look = Callable[[ast.Field], Static]

values = st.one_of(
    st.sampled_from([0, 1, 5, -1]),
    st.sampled_from([0.5, 1.0, 5.0]),
    st.sampled_from(["", "a", "b", "ab"]),
    st.booleans(),
    st.sampled_from([["a", "b"], [1, 5], [True, False], [1, "a"], [], {"k": 1}, b"x"]),
)
attributes = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)
events = st.lists(st.builds(PlainEvent, st.sampled_from("ab"), st.just(0), attributes), max_size=3)
spans = st.builds(
    PlainSpan,
    trace=st.integers(1, 2),
    span=st.integers(1, 99),
    name=st.sampled_from(["", "a", "ab"]),
    duration_ns=st.sampled_from([0, 1, 5]),
    status=st.integers(0, 2),
    attributes=attributes,
    resource=attributes,
    events=events,
)

span_fields = st.one_of(
    st.builds(
        ast.Attribute,
        st.sampled_from("xyz"),
        st.sampled_from([Scope.SPAN, Scope.RESOURCE, Scope.NONE]),
    ),
    st.sampled_from(
        [ast.IntrinsicField(one) for one in (Intrinsic.NAME, Intrinsic.DURATION, Intrinsic.STATUS)]
    ),
)
event_fields = st.builds(ast.Attribute, st.sampled_from("xyz"), st.just(Scope.EVENT))
literals = st.builds(
    ast.Literal,
    st.one_of(
        st.builds(to_static, st.sampled_from([0, 1, 5, 0.5, 1.0, "", "a", "a|b", True, False])),
        st.sampled_from([Static(Type.DURATION, 5), Static(Type.STATUS, Status.ERROR)]),
    ),
)
comparisons = st.sampled_from(sorted(set(Op) - ARITHMETIC - {Op.AND, Op.OR}, key=str))
arithmetic = st.sampled_from([Op.ADD, Op.SUB, Op.MUL, Op.DIV])


def conditions_on(fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    terms = st.one_of(fields, st.builds(ast.Binary, arithmetic, fields, fields | literals))
    return st.one_of(
        st.builds(ast.Binary, comparisons, terms, literals),
        st.builds(ast.Binary, comparisons, literals, fields),
        st.builds(ast.Binary, st.just(Op.EQUAL), fields, fields),
    )


tests_of_nil = st.builds(
    ast.Unary, st.sampled_from([UnaryOp.EXISTS, UnaryOp.NOT_EXISTS]), span_fields
)
conditions = st.recursive(
    st.one_of(conditions_on(span_fields), conditions_on(event_fields), tests_of_nil, span_fields),
    lambda inner: st.one_of(
        st.builds(ast.Binary, st.sampled_from([Op.AND, Op.OR]), inner, inner),
        st.builds(ast.Unary, st.just(UnaryOp.NOT), inner),
    ),
    max_leaves=6,
)


def field_of(span: PlainSpan, event: PlainEvent | None) -> Look:
    """How to look up the fields of a span and of one of its events."""

    def own(owner: Attributes, key: str) -> Static:
        return to_static(owner[key]) if key in owner else NIL

    def look(field: ast.Field) -> Static:  # noqa: PLR0911 - one for each kind of field
        match field:
            case ast.Attribute(scope=Scope.SPAN):
                return own(span.attributes, field.name)
            case ast.Attribute(scope=Scope.RESOURCE):
                return own(span.resource, field.name)
            case ast.Attribute(scope=Scope.EVENT):
                return own(event.attributes, field.name) if event else NIL
            case ast.Attribute():
                owner = span.attributes if field.name in span.attributes else span.resource
                return own(owner, field.name)
            case ast.IntrinsicField(intrinsic=Intrinsic.NAME):
                return Static(Type.STRING, span.name)
            case ast.IntrinsicField(intrinsic=Intrinsic.DURATION):
                return Static(Type.DURATION, span.duration_ns)
            case _:
                statuses = (Status.UNSET, Status.OK, Status.ERROR)
                return Static(Type.STATUS, statuses[span.status])

    return look


def is_of_event(node: ast.FieldExpression) -> bool:
    match node:
        case ast.Binary():
            return is_of_event(node.left) or is_of_event(node.right)
        case ast.Unary():
            return is_of_event(node.operand)
        case ast.Attribute():
            return node.scope is Scope.EVENT
        case _:
            return False


def value_of(node: ast.FieldExpression, look: Look) -> Static:
    match node:
        case ast.Literal():
            return node.value
        case ast.Binary():
            left, right = value_of(node.left, look), value_of(node.right, look)
            if node.op in {Op.EQUAL, Op.NOT_EQUAL} and not is_same_type(node, left, right):
                return FALSE
            return binary(node.op, left, right)
        case ast.Attribute() | ast.IntrinsicField():
            return look(node)
        case _:
            raise AssertionError(node)


def is_same_type(node: ast.Binary, left: Static, right: Static) -> bool:
    sides = node.left, node.right
    if not any(isinstance(one, ast.Attribute) for one in sides):
        return True
    if not any(isinstance(one, ast.Literal) for one in sides):
        return True
    types = {ELEMENTS.get(one.type, one.type) for one in (left, right)}
    return len(types) == 1 or not types <= NUMERIC


def holds(  # noqa: PLR0911 - one for each kind of node
    node: ast.FieldExpression, span: PlainSpan
) -> bool | None:
    """Whether a condition holds; None where `!` of it does not hold either."""
    here = field_of(span, None)
    match node:
        case ast.Binary(op=Op.AND):
            return all([holds(node.left, span), holds(node.right, span)])
        case ast.Binary(op=Op.OR):
            return any([holds(node.left, span), holds(node.right, span)])
        case ast.Unary(op=UnaryOp.NOT):
            inner = holds(node.operand, span)
            return None if inner is None else not inner
        case ast.Unary(operand=ast.Attribute(scope=Scope.NONE) as field):
            exists = [field.name in one for one in (span.attributes, span.resource)]
            typed = [
                have and to_static(owner[field.name]) != NIL
                for have, owner in zip(exists, (span.attributes, span.resource), strict=True)
            ]
            if node.op is UnaryOp.EXISTS:
                return look_exists(field, here)
            return not all(typed)
        case ast.Unary(operand=ast.Attribute() | ast.IntrinsicField() as field):
            return look_exists(field, here) == (node.op is UnaryOp.EXISTS)
        case ast.Binary():
            if not is_of_event(node):
                return value_of(node, here) == TRUE
            return any(value_of(node, field_of(span, one)) == TRUE for one in span.events)
        case _:
            value = value_of(node, here)
            return value == TRUE if value.type is Type.BOOLEAN else None


def look_exists(field: ast.Field, look: Look) -> bool:
    return look(field) != NIL


def joins_events(node: ast.FieldExpression) -> bool:
    """Whether `&&` joins two conditions on events: these are about the same one."""
    match node:
        case ast.Binary(op=Op.AND):
            return is_of_event(node.left) and is_of_event(node.right)
        case ast.Binary():
            return joins_events(node.left) or joins_events(node.right)
        case ast.Unary():
            return joins_events(node.operand)
        case _:
            return False


@examples(250)
@given(st.lists(spans, max_size=6, unique_by=lambda span: span.span), conditions)
def test_conditions_agree_with_every_span_by_itself(
    given_spans: list[PlainSpan], condition: ast.FieldExpression
) -> None:
    if joins_events(condition):
        return
    found = matching(condition, Block(PlainColumns(given_spans)))
    ordered = sorted(given_spans, key=lambda span: (span.trace_id, span.start_ns))
    expected = [holds(condition, span) is True for span in ordered]
    assert found.tolist() == expected
