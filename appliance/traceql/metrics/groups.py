"""Groups of spans by the values of some fields: what `by (…)` makes series of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from appliance.traceql.column import Coded
from appliance.traceql.expressions.distinct import Distinct
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.fields import field_column
from appliance.traceql.static import NIL, Static, Type

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray

    from appliance.traceql.ast import Field
    from appliance.traceql.block import Block

_MOST_COMBINATIONS = 1 << 16


@dataclass(frozen=True, slots=True)
class Groups:
    """Which spans have the same values.

    Attributes:
        count: How many groups; every one has a span.
        codes: int64[row], the group of each span.
        parts: For each field int64[group], the number of its value.
    """

    count: int
    codes: NDArray[np.int64]
    parts: Sequence[NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Coding:
    """One field's part of a group: codes per span, and what they stand for."""

    codes: NDArray[np.int64]
    values: Sequence[Static]

    def is_of(self, types: Container[Type]) -> NDArray[np.bool_]:
        """bool[value]: which of the values are of some types."""
        values = self.values
        if isinstance(values, Picked) and isinstance(values.distinct, Distinct):
            return np.where(values.ids < 0, Type.NIL in types, values.distinct.type in types)
        return np.array([value.type in types for value in values], dtype=bool)


class Picked(Sequence[Static]):
    """Some of a dictionary's values, made when they are looked at.

    Attributes:
        distinct: The dictionary's.
        ids: int64[value], -1 for nil.
    """

    def __init__(self, distinct: Sequence[Static], ids: NDArray[np.int64]) -> None:
        self.distinct = distinct
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, number: int) -> Static: ...
    @overload
    def __getitem__(self, number: slice) -> list[Static]: ...
    def __getitem__(self, number: int | slice) -> Static | list[Static]:
        if isinstance(number, slice):
            return [self._value(one) for one in self.ids[number].tolist()]
        return self._value(int(self.ids[number]))

    def __iter__(self) -> Iterator[Static]:
        return map(self._value, self.ids.tolist())

    def _value(self, number: int) -> Static:
        return NIL if number < 0 else self.distinct[number]


def field_coding(block: Block, field: Field, rows: NDArray[np.int64]) -> Coding:
    """The values of a field."""
    column = field_column(field, block)
    if not isinstance(column, Coded):
        return Coding(*group_codes(column, rows))
    size = len(column.values) + 1
    codes, present = compact(column.ids[rows].astype(np.int64) + 1, size)
    return Coding(codes, Picked(column.values, present - 1))


def grouped(codings: Sequence[Coding], count: int) -> Groups:
    """Spans by several fields at once; without any field all `count` of them are one group."""
    if not codings:
        return Groups(min(count, 1), np.zeros(count, dtype=np.int64), [])
    combined, present = compact(codings[0].codes, len(codings[0].values))
    parts = [present]
    for coding in codings[1:]:
        size = len(coding.values)
        combined, present = compact(combined * size + coding.codes, len(present) * size)
        parts = [part[present // size] for part in parts]
        parts.append(present % size)
    return Groups(len(present), combined, parts)


def compact(codes: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes renumbered without gaps, and what they were: int64[row], int64[new code]."""
    if size > max(_MOST_COMBINATIONS, len(codes)):
        present, renumbered = np.unique(codes, return_inverse=True)
        return renumbered, present
    present = np.flatnonzero(np.bincount(codes, minlength=size))
    if len(present) == size:
        return codes, present
    new = np.zeros(size, dtype=np.int64)
    new[present] = np.arange(len(present))
    return new[codes], present


class Values:
    """Numbers the values of a field, over all blocks."""

    def __init__(self) -> None:
        self.statics: list[Static] = []
        self._numbers: dict[tuple[int, object], int] = {}

    def numbers(self, statics: Sequence[Static], *, only_known: bool = False) -> NDArray[np.int64]:
        """The number of each; new ones get one, or -1 when only those that are known are wanted."""
        number_of = self._known_number if only_known else self._number
        return np.fromiter(map(number_of, statics), dtype=np.int64, count=len(statics))

    def _known_number(self, static: Static) -> int:
        return self._numbers.get((id(static.type), static.value), -1)

    def _number(self, static: Static) -> int:
        """The number of a value; types are compared as objects, which is far quicker."""
        key = id(static.type), static.value
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.statics)
            self.statics.append(static)
        return number
