"""Columns as statics, as codes for grouping, and as floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.column import Coded, Constant, Mask, Numbers
from appliance.traceql.expressions.distinct import Distinct, Figures, to_static
from appliance.traceql.static import FALSE, NIL, TRUE, Static
from appliance.traceql.types import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.column import Column

__all__ = ["as_floats", "group_codes", "statics_of", "to_static"]


def statics_of(column: Column, rows: NDArray[np.int64]) -> list[Static]:
    """The values of some spans, NIL where a span has none."""
    codes, statics = group_codes(column, rows)
    return [statics[code] for code in codes.tolist()]


def group_codes(column: Column, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[Static]]:
    """Numbers that are equal for equal values of some spans.

    Returns:
        int64[row] into the values; the values that occur, each once, NIL among them.
    """
    match column:
        case Constant():
            return np.zeros(len(rows), np.int64), [column.value]
        case Mask():
            return _compact(column.values[rows].astype(np.int64), (FALSE, TRUE))
        case Numbers():
            return _numbers(column, rows)
        case Coded():
            return _compact(column.ids[rows].astype(np.int64), column.values)


def as_floats(column: Column, count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numeric values, durations in nanoseconds.

    Returns:
        float64[span], NaN where there is no number; bool[span], where there is one.
    """
    match column:
        case Numbers():
            values = column.values.astype(np.float64)
            if column.present is None:
                return values, np.ones(count, np.bool_)
            return np.where(column.present, values, np.nan), column.present
        case Mask():
            return np.full(count, np.nan), np.zeros(count, np.bool_)
        case Constant():
            is_number = column.value.type in NUMERIC
            number = _float(column.value) if is_number else np.nan
            return np.full(count, number), np.full(count, is_number)
        case Coded():
            floats, known = _distinct_floats(column.values)
            return np.append(floats, np.nan)[column.ids], np.append(known, False)[column.ids]


def _distinct_floats(
    values: Sequence[Static],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if isinstance(values, Figures):
        return values.numbers.astype(np.float64), np.ones(len(values), np.bool_)
    if isinstance(values, Distinct):  # texts
        return np.full(len(values), np.nan), np.zeros(len(values), np.bool_)
    known = np.fromiter((one.type in NUMERIC for one in values), np.bool_, len(values))
    floats = [_float(one) if one.type in NUMERIC else np.nan for one in values]
    return np.array(floats, np.float64), known


def _float(value: Static) -> float:
    return float(value.value)  # type: ignore[arg-type]  # a number by its type


def _compact(
    ids: NDArray[np.int64], values: Sequence[Static]
) -> tuple[NDArray[np.int64], list[Static]]:
    """Codes of those values only that occur; -1 is NIL."""
    if not len(ids):
        return ids, []
    if len(values) > len(ids):
        used, codes = np.unique(ids, return_inverse=True)
        return codes, _look_up(used, values)
    occurs = np.zeros(len(values) + 1, np.bool_)
    occurs[ids] = True
    numbers = np.cumsum(occurs) - 1
    used = np.flatnonzero(occurs)
    used[used == len(values)] = -1
    return numbers[ids], _look_up(used, values)


def _look_up(ids: NDArray[np.int64], values: Sequence[Static]) -> list[Static]:
    return [NIL if number < 0 else values[number] for number in ids.tolist()]


def _numbers(column: Numbers, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[Static]]:
    distinct, codes = np.unique(column.values[rows], return_inverse=True)
    statics = [Static(column.type, value) for value in distinct.tolist()]
    if column.present is None:
        return codes, statics
    codes = np.where(column.present[rows], codes, len(statics))
    return _compact(codes, [*statics, NIL])
