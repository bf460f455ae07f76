"""Run a pipeline over the spans of a block (Tempo's `Pipeline.evaluate`, for all traces at once).

Sets stand for what Tempo evaluates one after the other: operands of an operator are evaluated for
each set alone. So that sets of one trace are not taken for one, operands get sets that are numbered
as if each were a trace.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, QueryFailed
from appliance.traceql import ast
from appliance.traceql.expressions.evaluate import evaluate, matching
from appliance.traceql.pipeline.aggregates import aggregate, keep
from appliance.traceql.pipeline.fetching import fetched_rows
from appliance.traceql.pipeline.grouping import coalesce, group
from appliance.traceql.printer import print_node
from appliance.traceql.spansets import SpanSets, sets_of_traces
from appliance.traceql.structural import Forest, Side, relate, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.traceql.block import Block

_MULTIPLE = (
    "spanset operators are not supported for multiple spansets per trace. consider using coalesce()"
)


def run_pipeline(pipeline: ast.Pipeline, block: Block) -> SpanSets:
    """The spansets that a pipeline leaves of a block.

    Raises:
        BadInput: The pipeline does what Tempo does not support, in Tempo's words.
        QueryFailed: A structural operator has several spansets of a trace on one side.
    """
    return _run(pipeline.elements, sets_of_traces(block, fetched_rows(pipeline, block)), block)


def _run(elements: Sequence[ast.PipelineElement], sets: SpanSets, block: Block) -> SpanSets:
    for element in elements:
        block.check()
        sets = _step(element, sets, block)
    return sets


def _step(element: ast.PipelineElement, sets: SpanSets, block: Block) -> SpanSets:
    match element:
        case ast.SpansetFilter():
            sets = _filtered(element, sets, block)
        case ast.SpansetOperation():
            sets = _operated(element, sets, block)
        case ast.Pipeline():
            sets = _run(element.elements, sets, block)
        case ast.ScalarFilter():
            sets = _scalar_filtered(element, sets, block)
        case ast.Aggregate():
            sets, _ = aggregate(element, sets, block)
        case ast.GroupBy():
            sets = group(sets, print_node(element), evaluate(element.expression, block))
        case ast.Coalesce():
            sets = coalesce(sets)
    return sets


def _filtered(element: ast.SpansetFilter, sets: SpanSets, block: Block) -> SpanSets:
    if not len(sets):
        return sets
    kept = matching(element.expression, block)[sets.rows]
    if kept.all():
        return sets
    return sets.narrowed(sets.rows[kept], sets.owners[kept])


def _scalar_filtered(element: ast.ScalarFilter, sets: SpanSets, block: Block) -> SpanSets:
    left, right = element.left, element.right
    if not isinstance(left, ast.Aggregate) or not isinstance(right, ast.Literal):
        raise BadInput(f"scalar filter lhs ({print_node(left)}) not supported")
    computed, column = aggregate(left, sets, block)
    return computed.chosen(
        np.flatnonzero(keep(column, element.op, right.value, count=len(computed)))
    )


def _operated(element: ast.SpansetOperation, sets: SpanSets, block: Block) -> SpanSets:
    """A set for each input set that an operator leaves spans of."""
    single = replace(sets, traces=np.arange(len(sets)), attributes=())
    left = _run((element.left,), single, block)
    right = _run((element.right,), single, block)
    if element.op is ast.SpansetOp.UNION:
        found = union(_side(left), _side(right))
    elif element.op is ast.SpansetOp.AND:
        both = np.isin(left.traces, right.traces)
        left = left.chosen(np.flatnonzero(both))
        right = right.chosen(np.flatnonzero(np.isin(right.traces, left.traces)))
        found = union(_side(left), _side(right))
    else:
        _refuse_multiple(left, right)
        first_rows = sets.rows[sets.offsets[:-1]]
        is_split = bool((np.diff(block.trace_of[first_rows]) == 0).any())
        found = relate(element.op, _side(left), _side(right), forest=Forest(block, is_split))
    return sets.narrowed(found.rows, found.units)


def _side(sets: SpanSets) -> Side:
    return Side(sets.rows, np.repeat(sets.traces, sets.counts))


def _refuse_multiple(left: SpanSets, right: SpanSets) -> None:
    """Structural operators need one set at most on each side; without a right side any will do."""
    for side in (left, right):
        repeated = side.traces[1:][side.traces[1:] == side.traces[:-1]]
        if np.isin(repeated, right.traces).any():
            raise QueryFailed(_MULTIPLE)
