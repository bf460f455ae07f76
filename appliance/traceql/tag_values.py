"""Distinct values of a field in a block, each with its type as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import NumberValues
from appliance.traceql.ast import Attribute, Intrinsic
from appliance.traceql.block import Block
from appliance.traceql.static import Kind, Status
from appliance.wire.tempo_values import print_tag_float

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue, Dictionary, SpanColumns
    from appliance.traceql.ast import Field

    #: Type and text, such as `int` and `500`; words of the language have the type `keyword`.
    TypedValue = tuple[str, str]
    Mask = NDArray[np.bool_] | None

_SERVICE_NAME = "service.name"


def _keywords(kinds: Iterable[Kind | Status]) -> tuple[TypedValue, ...]:
    return tuple(sorted(("keyword", kind.name.lower()) for kind in kinds))


#: Values that do not depend on spans; of numbers and ids there are too many to be offered.
FIXED_VALUES: Mapping[Intrinsic | None, tuple[TypedValue, ...]] = {
    Intrinsic.STATUS: _keywords(Status),
    Intrinsic.KIND: _keywords(Kind),
    **dict.fromkeys(
        (
            Intrinsic.DURATION,
            Intrinsic.TRACE_DURATION,
            Intrinsic.SPAN_ID,
            Intrinsic.PARENT_ID,
            Intrinsic.TRACE_ID,
            Intrinsic.CHILD_COUNT,
            Intrinsic.EVENT_TIME_SINCE_START,
            Intrinsic.LINK_TRACE_ID,
            Intrinsic.LINK_SPAN_ID,
            Intrinsic.NESTED_SET_LEFT,
            Intrinsic.NESTED_SET_RIGHT,
            Intrinsic.NESTED_SET_PARENT,
            Intrinsic.PARENT,
        ),
        (),
    ),
}


#: Types that are offered: their names, and how values are shown.
_SHOWN: Mapping[type, tuple[str, Callable[[Any], str]]] = {
    str: ("string", str),
    bool: ("bool", lambda value: "true" if value else "false"),
    int: ("int", str),
    float: ("float", print_tag_float),
}
_SCALARS = frozenset(_SHOWN) - {str}
#: Fields that tell of the root of a span's trace.
ROOT_FIELDS = frozenset([Intrinsic.ROOT_NAME, Intrinsic.ROOT_SERVICE])


def values_of(field: Field, columns: SpanColumns, mask: Mask) -> Sequence[AttributeValue]:
    """Values of a field in a block; some may come twice.

    Args:
        field: An attribute with a scope, or an intrinsic.
        mask: bool[span], which spans count; None: all of them.
    """
    if isinstance(field, Attribute):
        return _attribute_values(field, columns, mask)
    return _TEXTS[field.intrinsic](columns, mask)


class KnownValues:
    """Tells which values are new; most of them are in many blocks."""

    def __init__(self) -> None:
        self._known: dict[type, set[Any]] = {}

    def fresh(self, values: Sequence[AttributeValue]) -> tuple[list[TypedValue], int]:
        """Those that have not come before, and how many of the others there are.

        Of arrays of one type their elements count; of other arrays, maps and bytes nothing.
        """
        found: list[TypedValue] = []
        stale = 0
        for kind, distinct in _by_type(values).items():
            known = self._known.setdefault(kind, set())
            new = distinct - known
            known |= new
            stale += len(distinct) - len(new)
            name, show = _SHOWN[kind]
            found += [(name, show(value)) for value in new]
        return found, stale


def _by_type(values: Sequence[AttributeValue]) -> dict[type, set[Any]]:
    """Distinct values, each type by itself, for 1 equals true and 1.0."""
    if isinstance(values, NumberValues):
        numbers = set(values.array.tolist())
        return {float if values.array.dtype.kind == "f" else int: numbers}
    found: dict[type, set[Any]] = {str: {value for value in values if type(value) is str}}
    if len(found[str]) == len(values):
        return found
    for value in values:
        kind: type = type(value)
        if kind in _SCALARS:
            found.setdefault(kind, set()).add(value)
        elif isinstance(value, list) and len({type(item) for item in value}) == 1:
            kind = type(value[0])
            if kind in _SHOWN:
                found.setdefault(kind, set()).update(value)
    return found


def attribute_column(
    columns: SpanColumns, scope: str, key: str
) -> tuple[Dictionary | None, NDArray[np.int32] | None]:
    """An attribute's column, and of events and links the rows of their spans."""
    if scope in {"event", "link"}:
        items = columns.items(scope)
        return items.attribute(key), items.rows
    return columns.attribute(scope, key), None


def _attribute_values(
    field: Attribute, columns: SpanColumns, mask: Mask
) -> Sequence[AttributeValue]:
    scope = field.scope.value
    if scope == "resource" and field.name == _SERVICE_NAME:
        return _texts(columns.services(), mask)
    column, rows = attribute_column(columns, scope, field.name)
    if column is None:
        return ()
    return _used(column, mask if rows is None or mask is None else mask[rows])


def _used(column: Dictionary, mask: Mask) -> Sequence[AttributeValue]:
    """Values of the dictionary that occur in some rows."""
    if mask is None:
        return column.values
    ids = np.flatnonzero(np.bincount(column.ids[mask] + 1, minlength=1)[1:])
    return [column.values[number] for number in ids.tolist()]


def _texts(column: Dictionary, mask: Mask) -> list[str]:
    """Texts of a column of which every span has one, be it empty."""
    ids = column.ids if mask is None else column.ids[mask]
    found = [str(value) for value in _used(column, mask)]
    return [*found, ""] if len(ids) and ids.min() < 0 else found


def _event_names(columns: SpanColumns, mask: Mask) -> list[str]:
    """Names of events; of a block's names of events some may be of none."""
    events = columns.items("event")
    is_counted = np.ones(len(events.rows), dtype=bool) if mask is None else mask[events.rows]
    return [str(value) for value in _used(events.names(), is_counted)]


def _root_texts(column: Dictionary, columns: SpanColumns, mask: Mask) -> list[str]:
    """What the root spans say of their traces; the empty text where there is none."""
    block = Block(columns)
    roots = block.roots
    if mask is not None:
        roots = roots[np.unique(block.trace_of[mask])]
    there = roots[roots >= 0]
    ids = column.ids[there]
    found = {str(column.values[number]) for number in np.unique(ids[ids >= 0]).tolist()}
    if len(there) < len(roots) or (ids < 0).any():
        found.add("")
    return list(found)


_TEXTS: Mapping[Intrinsic, Callable[[SpanColumns, Mask], list[str]]] = {
    Intrinsic.NAME: lambda columns, mask: _texts(columns.names(), mask),
    Intrinsic.STATUS_MESSAGE: lambda columns, mask: _texts(columns.status_messages(), mask),
    Intrinsic.ROOT_NAME: lambda columns, mask: _root_texts(columns.names(), columns, mask),
    Intrinsic.ROOT_SERVICE: lambda columns, mask: _root_texts(columns.services(), columns, mask),
    Intrinsic.INSTRUMENTATION_NAME: lambda columns, mask: _texts(columns.scopes()[0], mask),
    Intrinsic.INSTRUMENTATION_VERSION: lambda columns, mask: _texts(columns.scopes()[1], mask),
    Intrinsic.EVENT_NAME: _event_names,
}
