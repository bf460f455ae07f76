"""Pipelines over arrays against a slow model: objects, one trace after the other, as Tempo does it.

The model numbers nested sets by walking, and compares every pair of spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import QueryFailed
from appliance.traceql import ast
from appliance.traceql.ast import Op, SpansetOp
from appliance.traceql.block import Block
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.pipeline.run import run_pipeline
from appliance.traceql.printer import print_node
from appliance.traceql.static import TRUE, Static, Type
from tests.random_examples import examples
from tests.spans import PlainColumns, PlainSpan

CLIENT, SERVER = 3, 2


# ------------------------------------------------------------------ the model


class Node:
    """A span with its place in the tree."""

    def __init__(self, span: PlainSpan) -> None:
        self.span = span
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.left = self.right = self.set_parent = 0


def forest(spans: Sequence[PlainSpan]) -> list[Node]:
    """The nodes of one trace, numbered."""
    nodes = [Node(span) for span in spans]
    for node in nodes:
        node.parent = _parent(node, nodes)
        if node.parent is not None:
            node.parent.children.append(node)
    kinds: dict[int, set[int]] = {}
    for node in nodes:
        kinds.setdefault(node.span.span, set()).add(node.span.kind)
    if all(len(some) <= 2 for some in kinds.values()):
        counter = 1
        for node in nodes:
            if node.span.parent == 0:
                counter = _number(node, counter, -1)
    return nodes


def _parent(node: Node, nodes: Sequence[Node]) -> Node | None:
    same = [one for one in nodes if one.span.span == node.span.parent != 0]
    if len({one.span.kind for one in same}) > 1:
        wanted = CLIENT if node.span.kind == SERVER else SERVER
        same = [one for one in same if one.span.kind == wanted]
    return same[0] if same else None


def _number(node: Node, counter: int, set_parent: int) -> int:
    node.left, node.set_parent = counter, set_parent
    counter += 1
    for child in node.children:
        counter = _number(child, counter, node.left)
    node.right = counter
    return counter + 1


@dataclass
class Set:
    """A spanset."""

    nodes: list[Node]
    said: list[tuple[str, Any]]


class Multiple(Exception):  # noqa: N818 - what a query is refused for
    """A structural operator has several sets on a side."""


def run(element: Any, sets: list[Set]) -> list[Set]:
    """An element of a pipeline over the sets of one trace."""
    return list(ELEMENTS[type(element)](element, sets))


def pipeline_of(element: ast.Pipeline, sets: list[Set]) -> list[Set]:
    for part in element.elements:
        sets = run(part, sets) if sets else []
    return sets


def keep(element: ast.SpansetFilter, sets: list[Set]) -> Iterator[Set]:
    for one in sets:
        nodes = [node for node in one.nodes if holds(element.expression, node)]
        if nodes:
            yield Set(nodes, one.said)


def coalesce(_: ast.Coalesce, sets: list[Set]) -> list[Set]:
    nodes = [node for one in sets for node in one.nodes]
    return [Set(sorted(nodes, key=lambda node: node.span.start_ns), [])]


def holds(expression: Any, node: Node) -> bool:
    if expression == ast.Literal(TRUE):
        return True
    found = node.span.attributes.get(expression.left.name)
    return found is not None and bool(found == expression.right.value.value)


def operate(element: ast.SpansetOperation, sets: list[Set]) -> Iterator[Set]:
    for one in sets:
        left = run(element.left, [Set(one.nodes, [])])
        right = run(element.right, [Set(one.nodes, [])])
        lefts = [node for each in left for node in each.nodes]
        rights = [node for each in right for node in each.nodes]
        if element.op is SpansetOp.UNION or element.op is SpansetOp.AND:
            is_there = bool(left and right) if element.op is SpansetOp.AND else True
            found = [*lefts, *rights] if is_there else []
        else:
            if right and (len(left) > 1 or len(right) > 1):
                raise Multiple
            found = relate(element.op, lefts, rights)
        if found:
            found.sort(key=lambda node: node.span.start_ns)
            yield Set(list(dict.fromkeys(found)), one.said)


def relate(op: SpansetOp, lefts: list[Node], rights: list[Node]) -> list[Node]:
    text = op.value
    if text in {"&>>", "&<<"}:
        return walked(lefts, rights) if text == "&>>" else walked(rights, lefts)
    related = RELATIONS[text.lstrip("!&")]
    found = [right for right in rights if any(related(left, right) for left in lefts)]
    if text[0] == "!":
        return [right for right in rights if right not in found]
    if text[0] == "&":
        found += [left for left in lefts if any(related(left, right) for right in rights)]
    return found


def walked(above: list[Node], below: list[Node]) -> list[Node]:
    """Tempo's way through both sides, which does not find everything."""
    above, below = (sorted(side, key=lambda node: node.left) for side in (above, below))
    contains = RELATIONS[">>"]
    found = []
    while above and below:
        leaf = below[0]
        while below:
            leaf = below.pop(0)
            if contains(above[0], leaf):
                found.append(leaf)
            if below and below[0].left > leaf.right:
                break
        while above and above[0].left <= leaf.right:
            if contains(above[0], leaf):
                found.append(above[0])
                if below and contains(above[0], below[0]):
                    break
            above.pop(0)
    return found


RELATIONS: dict[str, Callable[[Node, Node], bool]] = {
    ">": lambda left, right: left.left == right.set_parent != 0,
    "<": lambda left, right: right.left == left.set_parent != 0,
    ">>": lambda left, right: (
        left.left != 0 and left.left < right.left and right.right < left.right
    ),
    "<<": lambda left, right: (
        right.left != 0 and right.left < left.left and left.right < right.right
    ),
    "~": lambda left, right: left is not right and left.set_parent == right.set_parent != 0,
}


def groups(element: ast.GroupBy, sets: list[Set]) -> Iterator[Set]:
    name = element.expression.name  # type: ignore[union-attr]  # an attribute
    for one in sets:
        found: dict[Any, list[Node]] = {}
        for node in one.nodes:
            found.setdefault(node.span.attributes.get(name), []).append(node)
        for value, nodes in found.items():
            yield Set(nodes, [*one.said, (print_node(element), value)])


def scalars(element: ast.ScalarFilter, sets: list[Set]) -> Iterator[Set]:
    wanted = element.left
    assert isinstance(wanted, ast.Aggregate)
    assert isinstance(element.right, ast.Literal)
    limit: Any = element.right.value.value
    for one in sets:
        value: Any = len(one.nodes)
        if wanted.expression is not None:
            name = wanted.expression.name  # type: ignore[union-attr]  # an attribute
            values = [n.span.attributes[name] for n in one.nodes if name in n.span.attributes]
            if not values:
                continue
            value = AGGREGATES[wanted.op.value](values)
        if value > limit:
            yield Set(one.nodes, [*one.said, (print_node(wanted), value)])


ELEMENTS: dict[type, Callable[[Any, list[Set]], Iterable[Set]]] = {
    ast.Pipeline: pipeline_of,
    ast.SpansetFilter: keep,
    ast.SpansetOperation: operate,
    ast.GroupBy: groups,
    ast.Coalesce: coalesce,
    ast.ScalarFilter: scalars,
}
AGGREGATES: dict[str, Callable[[list[int]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "avg": lambda values: sum(values) / len(values),
}


# ------------------------------------------------------------------ what is drawn


@st.composite
def spans_of(draw: st.DrawFn) -> list[PlainSpan]:
    """Some traces: with several roots, orphans, cycles, ids that come twice."""
    spans = []
    for trace in range(1, draw(st.integers(1, 3)) + 1):
        for at in range(draw(st.integers(0, 9))):
            attributes = draw(
                st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3)
            )
            spans.append(
                PlainSpan(
                    trace,
                    draw(st.sampled_from([at + 1, at + 1, at + 1, 1])),
                    parent=draw(st.integers(0, 9)),
                    start_ns=at,
                    kind=draw(st.integers(1, 3)),
                    attributes=attributes,
                )
            )
    return spans


def attribute() -> st.SearchStrategy[ast.Attribute]:
    return st.sampled_from("abc").map(lambda name: ast.Attribute(name, ast.Scope.SPAN))


def integer() -> st.SearchStrategy[ast.Literal]:
    return st.integers(0, 2).map(lambda value: ast.Literal(Static(Type.INT, value)))


#: First in a query it makes sure that all spans are looked at.
EVERY_SPAN = ast.SpansetFilter(ast.Literal(TRUE))
filters = st.one_of(
    st.just(EVERY_SPAN),
    st.builds(ast.SpansetFilter, st.builds(ast.Binary, st.just(Op.EQUAL), attribute(), integer())),
)


def expressions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operations = st.builds(ast.SpansetOperation, st.sampled_from(SpansetOp), inner, inner)
    aggregates = st.one_of(
        st.just(ast.Aggregate(ast.AggregateOp.COUNT)),
        st.builds(ast.Aggregate, st.sampled_from(list(ast.AggregateOp)[1:]), attribute()),
    )
    then = st.one_of(
        filters,
        st.builds(ast.GroupBy, attribute()),
        st.just(ast.Coalesce()),
        st.builds(ast.ScalarFilter, st.just(Op.GREATER), aggregates, integer()),
        operations,
    )
    pipelines = st.tuples(inner, then).map(ast.Pipeline)
    return st.one_of(operations, pipelines)


queries = st.recursive(filters, expressions, max_leaves=6)


@examples(120)
@given(spans_of(), queries)
def test_pipelines_do_to_all_traces_what_they_do_to_each(
    spans: list[PlainSpan], query: Any
) -> None:
    pipeline = ast.Pipeline((EVERY_SPAN, query))
    try:
        expected = _expected(pipeline, spans)
    except Multiple:
        expected = None
    try:
        found = _found(pipeline, spans)
    except QueryFailed:
        found = None
    assert found == expected, print_node(pipeline)


def _expected(pipeline: ast.Pipeline, spans: Sequence[PlainSpan]) -> list[Any]:
    result = []
    for trace in sorted({span.trace for span in spans}):
        nodes = forest([span for span in spans if span.trace == trace])
        for one in run(pipeline, [Set(nodes, [])]):
            starts = sorted(node.span.start_ns for node in one.nodes)
            result.append((trace, starts, one.said))
    return result


def _found(pipeline: ast.Pipeline, spans: Sequence[PlainSpan]) -> list[Any]:
    block = Block(PlainColumns(spans))
    sets = run_pipeline(pipeline, block)
    every, starts = np.arange(len(sets)), block.columns.numbers("start_ns")
    said = [
        (text, [static.value for static in statics_of(column, every)])
        for text, column in sets.attributes
    ]
    return [
        (
            int.from_bytes(block.traces.ids[trace].tobytes()),
            starts[sets.rows[sets.offsets[at] : sets.offsets[at + 1]]].tolist(),
            [(text, values[at]) for text, values in said],
        )
        for at, trace in enumerate(sets.traces.tolist())
    ]


@examples(80)
@given(spans_of())
def test_nested_sets_are_those_of_a_walk(spans: list[PlainSpan]) -> None:
    tree = Block(PlainColumns(spans)).tree
    nodes = [
        node
        for trace in sorted({span.trace for span in spans})
        for node in forest([span for span in spans if span.trace == trace])
    ]
    assert tree.lefts.tolist() == [node.left for node in nodes]
    assert tree.rights.tolist() == [node.right for node in nodes]
    assert tree.set_parents.tolist() == [node.set_parent for node in nodes]
