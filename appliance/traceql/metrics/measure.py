"""What functions such as `max_over_time(…)` measure of spans: a field as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import Intrinsic, IntrinsicField
from appliance.traceql.column import Coded, Constant, Mask, Numbers
from appliance.traceql.expressions.distinct import Distinct, Figures
from appliance.traceql.fields import field_column
from appliance.traceql.static import NIL, Static, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.ast import Field
    from appliance.traceql.block import Block
    from appliance.traceql.column import Column

_EXACT = 1 << 53


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers of spans.

    Attributes:
        values: float64[row]; NaN where the span has no number. Durations in nanoseconds.
        types: The type of all, or by row the index into (INT, DURATION, FLOAT).
    """

    values: NDArray[np.float64]
    types: Type | NDArray[np.int8]

    def of_type(self, wanted: Type) -> NDArray[np.bool_]:
        """Which rows are numbers of a type: INT, DURATION or FLOAT."""
        present = ~np.isnan(self.values)
        if isinstance(self.types, Type):
            return present if self.types is wanted else np.zeros_like(present)
        is_wanted: NDArray[np.bool_] = self.types == _TYPES.index(wanted)
        return present & is_wanted


_TYPES = (Type.INT, Type.DURATION, Type.FLOAT)


def measure(block: Block, field: Field, rows: NDArray[np.int64]) -> Measured:
    """The numbers of a field; other types count as absent."""
    return _measured(field_column(field, block), rows)


def in_seconds(block: Block, field: Field, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is summed, averaged or compared: the span's duration in seconds, else as it is.

    Other durations stay nanoseconds, as Tempo has them.
    """
    values = measure(block, field, rows).values
    return values / 1e9 if is_span_duration(field) else values


def is_span_duration(field: Field) -> bool:
    """Whether a field is the span's own duration."""
    return (
        isinstance(field, IntrinsicField)
        and field.intrinsic is Intrinsic.DURATION
        and not field.is_parent
    )


def _measured(column: Column, rows: NDArray[np.int64]) -> Measured:
    """Numbers of some rows of a column."""
    match column:
        case Numbers(type=kind, values=values, present=present):
            numbers = values[rows].astype(np.float64)
            if present is not None:
                numbers[~present[rows]] = np.nan
            return Measured(numbers, kind)
        case Coded(ids=ids, values=Figures() as figures):
            table = np.append(figures.numbers.astype(np.float64), np.nan)
            return Measured(table[ids[rows]], figures.type)
        case Coded(ids=ids, values=Distinct()):
            return Measured(np.full(len(rows), np.nan), Type.FLOAT)
        case Coded(ids=ids, values=statics):
            numbers, types = _tables(statics)
            chosen = ids[rows]
            return Measured(numbers[chosen], types[chosen])
        case Constant(value=static):
            numbers, types = _tables([static])
            first = np.zeros(len(rows), dtype=np.int64)
            return Measured(numbers[first], types[first])
        case Mask():
            return Measured(np.full(len(rows), np.nan), Type.FLOAT)


def _tables(statics: Sequence[Static]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Number and type by code; code -1 is the last entry, nil."""
    entries = [*statics, NIL]
    numbers = np.array([_number(static) for static in entries])
    types = np.array(
        [_TYPES.index(static.type) if static.type in _TYPES else -1 for static in entries],
        dtype=np.int8,
    )
    return numbers, types


def _number(static: Static) -> float:
    """NaN for what is no number."""
    is_number = static.type in _TYPES and isinstance(static.value, (int, float))
    return float(static.value) if is_number and isinstance(static.value, (int, float)) else np.nan


def log2_exponents(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """The exponent of the least power of two that is not below each number, of whole ones >= 2."""
    if len(numbers) and numbers.max() > _EXACT:
        powers = np.exp2(np.arange(65))
        return np.searchsorted(powers, numbers, side="left").astype(np.int64)
    return np.frexp(numbers - 1.0)[1].astype(np.int64)
