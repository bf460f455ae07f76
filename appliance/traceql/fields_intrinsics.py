"""Intrinsics of spans and traces as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary
from appliance.traceql.ast import Intrinsic
from appliance.traceql.column import Coded, Numbers
from appliance.traceql.expressions.columns import NOTHING
from appliance.traceql.expressions.distinct import SpanIds, TraceIds
from appliance.traceql.fields_attributes import text_column
from appliance.traceql.static import Kind, Static, Status, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.traceql.block import Block
    from appliance.traceql.column import Column

#: By OTLP number; any other number reads as the first.
_STATUSES = [Static(Type.STATUS, one) for one in (Status.UNSET, Status.OK, Status.ERROR)]
_KINDS = [Static(Type.KIND, one) for one in Kind]


def intrinsic_column(intrinsic: Intrinsic, block: Block) -> Column:
    """An intrinsic, but for those of events and links."""
    build = _COLUMNS.get(intrinsic)
    # `parent` itself is no value; the parser refuses it.
    return NOTHING if build is None else build(block)


def _duration(block: Block) -> Column:
    return Numbers(Type.DURATION, block.columns.numbers("duration_ns"))


def _status(block: Block) -> Column:
    return _enumerated(block.columns.numbers("status"), _STATUSES)


def _kind(block: Block) -> Column:
    return _enumerated(block.columns.numbers("kind"), _KINDS)


def _enumerated(numbers: NDArray[np.int64], values: list[Static]) -> Coded:
    ids = numbers.astype(np.int32)
    strange = (ids < 0) | (ids >= len(values))
    if strange.any():
        ids[strange] = 0
    return Coded(ids, values)


def _ids(block: Block, name: str) -> Column:
    def build() -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        ids: NDArray[Any] = block.columns.numbers(name)
        distinct, of_row = np.unique(ids.astype(np.uint64), return_inverse=True)
        return distinct, of_row.astype(np.int32)

    distinct, of_row = block.columns.derived(f"distinct {name}", build)
    return Coded(of_row, SpanIds(distinct))


def _trace_id(block: Block) -> Column:
    return Coded(block.trace_of.astype(np.int32), TraceIds(block.traces.ids))


def _trace_duration(block: Block) -> Column:
    durations = block.trace_ends_ns - block.trace_starts_ns
    return Numbers(Type.DURATION, block.traces.spread(durations))


def _of_root(block: Block, dictionary: Dictionary) -> Column:
    """A text of each trace's root; the empty one where no root has come."""
    ids = np.append(dictionary.ids, np.int32(-1))[block.roots]
    return text_column(Dictionary(block.traces.spread(ids), dictionary.values))


def _integers(values: NDArray[np.int64]) -> Column:
    return Numbers(Type.INT, values)


_COLUMNS: dict[Intrinsic, Callable[[Block], Column]] = {
    Intrinsic.DURATION: _duration,
    Intrinsic.NAME: lambda block: text_column(block.columns.names()),
    Intrinsic.STATUS: _status,
    Intrinsic.STATUS_MESSAGE: lambda block: text_column(block.columns.status_messages()),
    Intrinsic.KIND: _kind,
    Intrinsic.SPAN_ID: lambda block: _ids(block, "span_id"),
    # A root's parent id is sixteen zeros, as Tempo writes it.
    Intrinsic.PARENT_ID: lambda block: _ids(block, "parent_id"),
    Intrinsic.CHILD_COUNT: lambda block: _integers(block.tree.child_counts),
    Intrinsic.TRACE_ID: _trace_id,
    Intrinsic.TRACE_DURATION: _trace_duration,
    Intrinsic.ROOT_NAME: lambda block: _of_root(block, block.columns.names()),
    Intrinsic.ROOT_SERVICE: lambda block: _of_root(block, block.columns.services()),
    Intrinsic.INSTRUMENTATION_NAME: lambda block: text_column(block.columns.scopes()[0]),
    Intrinsic.INSTRUMENTATION_VERSION: lambda block: text_column(block.columns.scopes()[1]),
    Intrinsic.NESTED_SET_LEFT: lambda block: _integers(block.tree.lefts),
    Intrinsic.NESTED_SET_RIGHT: lambda block: _integers(block.tree.rights),
    Intrinsic.NESTED_SET_PARENT: lambda block: _integers(block.tree.set_parents),
}
