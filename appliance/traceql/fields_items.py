"""Fields of spans' events and links: as columns over these, and made into columns over spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Scope
from appliance.traceql.column import Coded, Numbers
from appliance.traceql.expressions.columns import NOTHING, as_coded, present_rows
from appliance.traceql.expressions.distinct import SpanIds, TraceIds
from appliance.traceql.fields_attributes import text_column, typed_column
from appliance.traceql.static import Type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.trace import SpanItems
    from appliance.traceql.block import Block
    from appliance.traceql.column import Column

_KINDS = {Scope.EVENT: "event", Scope.LINK: "link"}
_INTRINSICS = {
    Intrinsic.EVENT_NAME: "event",
    Intrinsic.EVENT_TIME_SINCE_START: "event",
    Intrinsic.LINK_TRACE_ID: "link",
    Intrinsic.LINK_SPAN_ID: "link",
}


def item_kind(field: ast.Field) -> str | None:
    """`event` or `link` when the field is of these, else None."""
    if isinstance(field, ast.IntrinsicField):
        return _INTRINSICS.get(field.intrinsic)
    return _KINDS.get(field.scope)


def item_column(field: ast.Field, block: Block) -> Column:
    """A field of events or links, a row for each of them."""
    kind = item_kind(field) or ""
    items = block.columns.items(kind)
    if isinstance(field, ast.Attribute):
        found = items.attribute(field.name)
        if found is None:
            return NOTHING
        return typed_column(found, block.columns, f"shape of {kind} {field.name}")
    return _intrinsic(field.intrinsic, items, block)


def _intrinsic(intrinsic: Intrinsic, items: SpanItems, block: Block) -> Column:
    if intrinsic is Intrinsic.EVENT_NAME:
        return text_column(items.names())
    if intrinsic is Intrinsic.EVENT_TIME_SINCE_START:
        starts = block.columns.numbers("start_ns")[items.rows]
        return Numbers(Type.DURATION, items.numbers("time_ns") - starts)
    if intrinsic is Intrinsic.LINK_SPAN_ID:
        ids: NDArray[Any] = items.numbers("span_id")
        distinct, of_item = np.unique(ids.astype(np.uint64), return_inverse=True)
        return Coded(of_item.astype(np.int32), SpanIds(distinct))
    traces, of_item = np.unique(items.trace_ids(), axis=0, return_inverse=True)
    return Coded(of_item.reshape(-1).astype(np.int32), TraceIds(traces))


def first_of_spans(column: Column, rows: NDArray[np.int32], count: int) -> Column:
    """The value of each span's first item that has one.

    Args:
        column: Over items.
        rows: int32[item], ascending: the spans they belong to.
    """
    present = np.flatnonzero(present_rows(column, len(rows)))[::-1]
    if isinstance(column, Numbers):
        values: Any = np.zeros(count, column.values.dtype)
        has_one = np.zeros(count, np.bool_)
        values[rows[present]] = column.values[present]
        has_one[rows[present]] = True
        return Numbers(column.type, values, has_one)
    coded = as_coded(column, len(rows))
    ids = np.full(count, -1, np.int32)
    ids[rows[present]] = coded.ids[present]
    return Coded(ids, coded.values)


def any_of_spans(mask: NDArray[np.bool_], rows: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Which spans have an item that is marked: bool[span]."""
    hits = np.zeros(count, np.bool_)
    hits[rows[mask]] = True
    return hits
