"""count(), avg(), min(), max() and sum() of spansets, and filters on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.column import Column, Constant, Numbers
from appliance.traceql.expressions.columns import as_numbers, present_rows, true_rows
from appliance.traceql.expressions.evaluate import evaluate
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.expressions.vectors import combine
from appliance.traceql.pipeline.reductions import Entries, reduce_numbers, reduce_statics
from appliance.traceql.printer import print_node
from appliance.traceql.static import Type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.traceql.ast import Aggregate, AggregateOp, Op
    from appliance.traceql.block import Block
    from appliance.traceql.spansets import SpanSets
    from appliance.traceql.static import Static


def aggregate(element: Aggregate, sets: SpanSets, block: Block) -> tuple[SpanSets, Column]:
    """Compute something of each set.

    Returns:
        The sets with it as an attribute, without those none of whose spans has a value; the values
        over these sets.
    """
    text = print_node(element)
    if element.expression is None or not len(sets):
        values: Column = Numbers(Type.INT, sets.counts)
    else:
        column = evaluate(element.expression, block)
        is_present = present_rows(column, block.count)
        holding = np.logical_or.reduceat(is_present[sets.rows], sets.offsets[:-1])
        sets = sets.chosen(np.flatnonzero(holding))
        entries = Entries(sets.offsets[:-1], sets.owners, is_present[sets.rows])
        values = _reduced(element.op, column, sets.rows, entries=entries, count=block.count)
    return sets.with_attribute(text, values), values


def _reduced(
    op: AggregateOp, column: Column, rows: NDArray[np.int64], *, entries: Entries, count: int
) -> Column:
    numbers = as_numbers(column, count)
    if numbers is not None:
        return reduce_numbers(op, numbers.type, numbers.values[rows], entries)
    codes, statics = group_codes(column, rows)
    return reduce_statics(op, codes, statics, entries)


def keep(column: Column, op: Op, operand: Static, *, count: int) -> NDArray[np.bool_]:
    """For which sets a comparison holds: bool[set]."""
    return true_rows(combine(op, column, Constant(operand), count), count)
