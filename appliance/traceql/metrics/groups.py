"""Groups of spans by the values of some fields: what `by (…)` makes series of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.expressions.values import group_codes
from appliance.traceql.fields import field_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.ast import Field
    from appliance.traceql.block import Block
    from appliance.traceql.static import Static

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


def field_coding(block: Block, field: Field, rows: NDArray[np.int64]) -> Coding:
    """The values of a field."""
    codes, values = group_codes(field_column(field, block), rows)
    return Coding(codes, values)


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

    def numbers(self, statics: Sequence[Static]) -> NDArray[np.int64]:
        """The number of each."""
        return np.fromiter(map(self._number, statics), dtype=np.int64, count=len(statics))

    def _number(self, static: Static) -> int:
        """The number of a value; types are compared as objects, which is far quicker."""
        key = id(static.type), static.value
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.statics)
            self.statics.append(static)
        return number
