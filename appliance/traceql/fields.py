"""Fields of spans as columns (Grafana Tempo, TraceQL: attributes and intrinsics).

A span has several events and links. As a value their field is that of the first one which has it;
conditions look at all of them, see `expressions/evaluate.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traceql import ast
from appliance.traceql.ast import Scope
from appliance.traceql.expressions.columns import take
from appliance.traceql.fields_attributes import attribute_column, unscoped_column
from appliance.traceql.fields_intrinsics import intrinsic_column
from appliance.traceql.fields_items import first_of_spans, item_column, item_kind

if TYPE_CHECKING:
    from appliance.traceql.block import Block
    from appliance.traceql.column import Column


def field_column(field: ast.Field, block: Block) -> Column:
    """The field's value for every span.

    Of `parent.` fields it is the value of the span's parent, nil where that is not in the block.
    Attributes whose values TraceQL has no type for are nil: bytes, key-value lists, empty arrays,
    arrays of several types. `service.name` of a resource without one is the empty text.
    """
    column = _own_column(field, block)
    return take(column, block.tree.parents) if field.is_parent else column


def _own_column(field: ast.Field, block: Block) -> Column:
    kind = item_kind(field)
    if kind is not None:
        items = block.columns.items(kind)
        return first_of_spans(item_column(field, block), items.rows, block.count)
    if isinstance(field, ast.IntrinsicField):
        return intrinsic_column(field.intrinsic, block)
    if field.scope is Scope.NONE:
        return unscoped_column(field.name, block)
    return attribute_column(field.scope, field.name, block)
