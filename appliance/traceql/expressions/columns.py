"""Ways to reshape a column: other rows, codes, numbers, which spans have a value."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.traceql.column import Coded, Column, Constant, Mask, Numbers
from appliance.traceql.expressions.distinct import Distinct, Figures, Texts
from appliance.traceql.static import FALSE, NIL, TRUE, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.static import Static

NOTHING = Constant(NIL)


def take(column: Column, rows: NDArray[np.int64] | NDArray[np.int32]) -> Column:
    """Other rows of a column; nil where a row is -1."""
    match column:
        case Constant() if column.value.type is Type.NIL:
            return column
        case Constant():
            return Coded(np.where(rows < 0, -1, 0).astype(np.int32), [column.value])
        case Coded():
            return Coded(np.append(column.ids, np.int32(-1))[rows], column.values)
        case Numbers():
            present = rows >= 0
            if column.present is not None:
                present &= column.present[rows]
            return Numbers(column.type, column.values[rows], present)
        case Mask():
            ids = column.values[rows].astype(np.int32)
            ids[rows < 0] = -1
            return Coded(ids, (FALSE, TRUE))


def present_rows(column: Column, count: int) -> NDArray[np.bool_]:
    """Which spans have a value: bool[span]."""
    match column:
        case Constant():
            return np.full(count, column.value.type is not Type.NIL)
        case Coded():
            return column.ids >= 0
        case Numbers():
            return np.ones(count, np.bool_) if column.present is None else column.present
        case Mask():
            return np.ones(count, np.bool_)


def true_rows(column: Column, count: int) -> NDArray[np.bool_]:
    """Which spans' value is true: bool[span]."""
    match column:
        case Mask():
            return column.values
        case Constant():
            return np.full(count, column.value == TRUE)
        case Numbers():
            return np.zeros(count, np.bool_)
        case Coded():
            if isinstance(column.values, Distinct):  # texts or numbers
                return np.zeros(count, np.bool_)
            return rows_of(column.ids, np.array([one == TRUE for one in column.values], np.bool_))


def rows_of(ids: NDArray[np.int32], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which spans have one of the wanted values.

    Args:
        ids: int32[span]; -1 has none.
        wanted: bool[distinct].
    """
    hits = np.flatnonzero(wanted)
    if not len(hits):
        return np.zeros(len(ids), np.bool_)
    if len(hits) == 1:
        mask: NDArray[np.bool_] = ids == hits[0]
        return mask
    return np.append(wanted, False)[ids]


def same_texts(left: Column, right: Column) -> NDArray[np.bool_] | None:
    """Where two columns have the same text: bool[span]; None: not both are texts."""
    match left, right:
        case Coded(values=Texts(texts=ours)), Coded(values=Texts(texts=theirs)):
            numbers = dict(zip(theirs, range(len(theirs)), strict=True))
            moved = np.fromiter(map(numbers.get, ours, itertools.repeat(-2)), np.int32, len(ours))
            same: NDArray[np.bool_] = np.append(moved, np.int32(-2))[left.ids] == right.ids
            return same
    return None


def as_numbers(column: Column, count: int) -> Numbers | None:
    """The column as numbers of one type; None when it is not that."""
    match column:
        case Numbers():
            return column
        case Coded(values=Figures() as figures) if len(figures):
            present = column.ids >= 0
            values = figures.numbers[column.ids]
            return Numbers(figures.type, values, None if present.all() else present)
        case Constant() if column.value.type in {Type.INT, Type.FLOAT, Type.DURATION}:
            kind: Any = np.float64 if column.value.type is Type.FLOAT else np.int64
            return Numbers(column.value.type, np.full(count, column.value.value, kind))
        case _:
            return None


def as_coded(column: Column, count: int) -> Coded:
    """The column dictionary-coded."""
    match column:
        case Coded():
            return column
        case Mask():
            return Coded(column.values.astype(np.int32), (FALSE, TRUE))
        case Constant():
            is_nil = column.value.type is Type.NIL
            return Coded(np.full(count, -1 if is_nil else 0, np.int32), [column.value])
        case Numbers():
            distinct, ids = np.unique(column.values, return_inverse=True)
            if column.present is not None:
                ids[~column.present] = -1
            return Coded(ids.astype(np.int32), Figures(column.type, distinct))


def coded_of(statics: Sequence[Static], of_row: NDArray[np.int64]) -> Coded:
    """A column from statics with repetitions.

    Args:
        statics: May have equal ones and NIL.
        of_row: int64[span], into the statics.
    """
    numbers: dict[Static, int] = {}
    ids = [-1 if one.type is Type.NIL else numbers.setdefault(one, len(numbers)) for one in statics]
    return Coded(np.array(ids, np.int32)[of_row], list(numbers))
