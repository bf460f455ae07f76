"""Attributes of spans, resources and instrumentation scopes as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary, NumberValues
from appliance.traceql.ast import Scope
from appliance.traceql.column import Coded
from appliance.traceql.expressions.columns import NOTHING
from appliance.traceql.expressions.distinct import Figures, Texts, to_static
from appliance.traceql.static import Static, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue, SpanColumns
    from appliance.traceql.block import Block
    from appliance.traceql.column import Column

_SERVICE = "service.name"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a dictionary's values; kept beside the column.

    Attributes:
        type: Of all values (`Type`'s value): "string", "int" or "float"; empty when they differ in
            that or equal ones come more than once.
        numbers: int64 or float64[value], when these are numbers of one type.
        moved: int32[value + 1], when type is empty: the number among `statics`, -1 for nil; the
            last one for spans without a value.
        statics: Of other dictionaries: distinct values.
    """

    type: str
    numbers: NDArray[Any] | None = None
    moved: NDArray[np.int32] | None = None
    statics: Sequence[Static] = ()


def attribute_column(scope: Scope, key: str, block: Block) -> Column:
    """An attribute of scope SPAN, RESOURCE or INSTRUMENTATION."""
    found = block.columns.attribute(scope.value, key)
    if scope is Scope.RESOURCE and key == _SERVICE:
        found = filled(found or _nothing(block.count))
    if found is None:
        return NOTHING
    return typed_column(found, block.columns, f"shape of {scope.value} {key}")


def unscoped_column(key: str, block: Block) -> Column:
    """An attribute of the span or, where the span has none, of its resource."""
    of_span = block.columns.attribute(Scope.SPAN.value, key)
    if of_span is None:
        return attribute_column(Scope.RESOURCE, key, block)
    of_resource = block.columns.attribute(Scope.RESOURCE.value, key)
    if key == _SERVICE:
        of_resource = filled(of_resource or _nothing(block.count))
    if of_resource is None:
        return attribute_column(Scope.SPAN, key, block)
    return typed_column(_either(of_span, of_resource), block.columns, f"shape of either {key}")


def text_column(dictionary: Dictionary) -> Coded:
    """A dictionary of texts as a column; the empty text for spans that have none."""
    texts: Any = filled(dictionary)
    return Coded(texts.ids, Texts(texts.values))


def typed_column(dictionary: Dictionary, columns: SpanColumns, name: str) -> Coded:
    """A dictionary of attribute values as a column.

    Args:
        name: Of what is kept of its values beside `columns`.
    """
    shape = columns.derived(name, lambda: _shape(dictionary.values))
    if shape.type == Type.STRING.value:
        texts: Any = dictionary.values
        return Coded(dictionary.ids, Texts(texts))
    if shape.numbers is not None:
        return Coded(dictionary.ids, Figures(Type(shape.type), shape.numbers))
    assert shape.moved is not None  # noqa: S101 - one of the three
    return Coded(shape.moved[dictionary.ids], shape.statics)


def _shape(values: Sequence[AttributeValue]) -> Shape:
    if isinstance(values, NumberValues):
        kind = Type.FLOAT if values.array.dtype == np.float64 else Type.INT
        if len(np.unique(values.array)) == len(values):
            return Shape(kind.value, values.array)
    elif set(map(type, values)) == {str} and len(frozenset(map(str, values))) == len(values):
        return Shape(Type.STRING.value)
    numbered: dict[Static, int] = {}
    moved = []
    for static in map(to_static, values):
        is_nil = static.type is Type.NIL
        moved.append(-1 if is_nil else numbered.setdefault(static, len(numbered)))
    return Shape("", None, np.array([*moved, -1], np.int32), list(numbered))


def _nothing(count: int) -> Dictionary:
    return Dictionary(np.full(count, -1, np.int32), [])


def filled(dictionary: Dictionary) -> Dictionary:
    """The empty text where there is nothing."""
    absent = dictionary.ids < 0
    if not absent.any():
        return dictionary
    values = dictionary.values if "" in dictionary.values else [*dictionary.values, ""]
    ids = np.where(absent, np.int32(list(values).index("")), dictionary.ids)
    return Dictionary(ids, values)


def _either(first: Dictionary, second: Dictionary) -> Dictionary:
    """The first one's values, where it has none the second one's."""
    numbers: dict[tuple[type, str], int] = {}
    values: list[AttributeValue] = []
    moved = []
    for value in [*first.values, *second.values]:
        number = numbers.setdefault((type(value), repr(value)), len(values))
        if number == len(values):
            values.append(value)
        moved.append(number)
    table = np.array([*moved, -1], np.int32)
    ids_of_second = np.where(second.ids < 0, len(moved), second.ids + len(first.values))
    ids = np.where(first.ids < 0, table[ids_of_second], table[first.ids])
    return Dictionary(ids, values)
