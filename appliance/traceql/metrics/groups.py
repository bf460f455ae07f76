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
        codes: int64[row], the group of each span.
        keys: By group, the value of each field; every group has a span.
    """

    codes: NDArray[np.int64]
    keys: Sequence[tuple[Static, ...]]


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
        return Groups(np.zeros(count, dtype=np.int64), [()] if count else [])
    combined, present = compact(codings[0].codes, len(codings[0].values))
    parts = [present]
    for coding in codings[1:]:
        size = len(coding.values)
        combined, present = compact(combined * size + coding.codes, len(present) * size)
        parts = [part[present // size] for part in parts]
        parts.append(present % size)
    values = [
        [coding.values[code] for code in part.tolist()]
        for coding, part in zip(codings, parts, strict=True)
    ]
    return Groups(combined, list(zip(*values, strict=True)))


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
