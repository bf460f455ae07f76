"""Operators between columns.

The same as `compare.binary` for every span, but done once per distinct value or by numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op
from appliance.traceql.column import Coded, Column, Constant, Mask, Numbers
from appliance.traceql.expressions.columns import (
    as_coded,
    as_numbers,
    coded_of,
    present_rows,
    rows_of,
    same_texts,
    true_rows,
)
from appliance.traceql.expressions.compare import (
    COMPARISONS,
    ELEMENTS,
    FLIPPED,
    are_comparable,
    binary,
    calculate,
)
from appliance.traceql.expressions.distinct import Distinct, Figures, SpanIds, Texts, TraceIds
from appliance.traceql.expressions.regex import matching_texts
from appliance.traceql.static import FALSE, NIL, TRUE, Static, Type
from appliance.traceql.types import ARITHMETIC, NUMERIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: The integer whose opposite is itself at 64 bits.
_MINIMUM = -(2**63)
_REGEX = frozenset({Op.REGEX, Op.NOT_REGEX})
_HEX = frozenset("0123456789abcdef")
_HEX_DIGITS = {SpanIds: 16, TraceIds: 32}


def combine(  # noqa: PLR0911 - one for each kind of operands
    op: Op, left: Column, right: Column, count: int, *, is_strict: bool = False
) -> Column:
    """An operator between two columns of `count` spans.

    Args:
        is_strict: A value of another type than the constant's is neither equal nor unequal to it,
            also among numbers.
    """
    if op is Op.AND:
        return Mask(true_rows(left, count) & true_rows(right, count))
    if op is Op.OR:
        return Mask(true_rows(left, count) | true_rows(right, count))
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(binary(op, left.value, right.value))
    if op in ARITHMETIC:
        return _calculated(op, left, right, count)
    if isinstance(right, Constant):
        return Mask(_compared(op, left, right.value, is_strict=is_strict))
    if isinstance(left, Constant) and op not in _REGEX:
        flipped = FLIPPED.get(op, op)
        return Mask(_compared(flipped, right, left.value, is_strict=is_strict))
    return Mask(_compare_columns(op, left, right, count))


def negated(column: Column, count: int) -> Column:
    """`!column`; nil where it is no boolean."""
    if isinstance(column, Mask):
        return Mask(~column.values)
    if isinstance(column, Constant):
        return Constant(_not(column.value))
    if isinstance(column, Numbers) or isinstance(column.values, Distinct):
        return Constant(NIL)
    return coded_of([*map(_not, column.values), NIL], as_coded(column, count).ids.astype(np.int64))


def opposite(column: Column, count: int) -> Column:
    """`-column`; nil where it is no number."""
    numbers = as_numbers(column, count)
    if isinstance(column, Constant):
        return Constant(_minus(column.value))
    if numbers is not None:
        return Numbers(numbers.type, -numbers.values, numbers.present)
    coded = as_coded(column, count)
    return coded_of([*map(_minus, coded.values), NIL], coded.ids.astype(np.int64))


def _not(value: Static) -> Static:
    return {TRUE: FALSE, FALSE: TRUE}.get(value, NIL)


def _minus(value: Static) -> Static:
    if value.type not in NUMERIC:
        return NIL
    number: Any = value.value
    return Static(value.type, number if number == _MINIMUM else -number)


def _compared(op: Op, column: Column, constant: Static, *, is_strict: bool) -> NDArray[np.bool_]:
    """Which spans' values compare with a constant: bool[span]."""
    match column:
        case Numbers():
            if not are_comparable(op, column.type, constant.type):
                return np.zeros(len(column.values), np.bool_)
            if constant.type in ELEMENTS:
                coded = as_coded(column, len(column.values))
                return rows_of(coded.ids, _table(op, coded.values, constant))
            mask = _compare_arrays(op, column.values, constant.value)
            return mask if column.present is None else mask & column.present
        case Mask():
            return rows_of(column.values.astype(np.int32), _table(op, (FALSE, TRUE), constant))
        case Coded():
            table = _table(op, column.values, constant)
            if is_strict:
                table &= _same_type(column.values, constant.type)
            return rows_of(column.ids, table)
        case Constant():  # pragma: no cover - constants are folded before
            raise TypeError(column)


def _table(op: Op, values: Sequence[Static], constant: Static) -> NDArray[np.bool_]:
    """Which distinct values compare with a constant: bool[distinct]."""
    if isinstance(values, Distinct):
        if not are_comparable(op, values.type, constant.type):
            return np.zeros(len(values), np.bool_)
        if constant.type in ELEMENTS:
            pass
        elif isinstance(values, Figures):
            return _compare_arrays(op, values.numbers, constant.value)
        elif isinstance(values, Texts):
            return _compare_texts(op, values.texts, str(constant.value))
        elif isinstance(values, SpanIds | TraceIds) and op in {Op.EQUAL, Op.NOT_EQUAL}:
            is_id = _is_id(values, str(constant.value))
            return is_id if op is Op.EQUAL else ~is_id
    results = (binary(op, value, constant) is TRUE for value in values)
    return np.fromiter(results, np.bool_, len(values))


def _compare_texts(op: Op, texts: Sequence[str], wanted: str) -> NDArray[np.bool_]:
    if op is Op.EQUAL or op is Op.NOT_EQUAL:
        mask = np.full(len(texts), op is Op.NOT_EQUAL)
        if wanted in texts:  # each occurs once
            mask[texts.index(wanted)] = op is Op.EQUAL
        return mask
    if op in _REGEX:
        matches = matching_texts(wanted, texts)
        return matches if op is Op.REGEX else ~matches
    compare = COMPARISONS[op]
    return np.fromiter((compare(text, wanted) for text in texts), np.bool_, len(texts))


def _is_id(values: SpanIds | TraceIds, text: str) -> NDArray[np.bool_]:
    """Which ids have this text; it has to be written as answers write it."""
    digits = _HEX_DIGITS[type(values)]
    is_trace = isinstance(values, TraceIds)
    well_formed = len(text) <= digits and not text.startswith("0") if is_trace else len(text) == 16
    if not well_formed or set(text) - _HEX:
        return np.zeros(len(values), np.bool_)
    if not is_trace:
        mask: NDArray[np.bool_] = values.ids == np.uint64(int(text, 16))
        return mask
    wanted = np.frombuffer(bytes.fromhex(text.rjust(digits, "0")), np.uint8)
    same: NDArray[np.bool_] = (values.ids == wanted).all(axis=1)
    return same


def _same_type(values: Sequence[Static], wanted: Type) -> NDArray[np.bool_]:
    if isinstance(values, Distinct):
        return np.full(len(values), values.type is wanted)
    types = (ELEMENTS.get(value.type, value.type) is wanted for value in values)
    return np.fromiter(types, np.bool_, len(values))


def _compare_arrays(op: Op, left: Any, right: Any) -> NDArray[np.bool_]:
    """Numbers with numbers or with one number; with a float as floats."""
    if isinstance(right, int) and left.dtype == np.float64:
        right = float(right)
    with np.errstate(invalid="ignore"):
        mask: NDArray[np.bool_] = COMPARISONS[op](left, right)
    return mask


def _compare_columns(op: Op, left: Column, right: Column, count: int) -> NDArray[np.bool_]:
    if op is Op.EQUAL or op is Op.NOT_EQUAL:
        same = same_texts(left, right)
        if same is not None:
            present = present_rows(left, count) & present_rows(right, count)
            return present & (same if op is Op.EQUAL else ~same)
    one, other = as_numbers(left, count), as_numbers(right, count)
    if one is None or other is None:
        return true_rows(_by_pairs(op, left, right, count), count)
    if not are_comparable(op, one.type, other.type):
        return np.zeros(count, np.bool_)
    mask = _compare_arrays(op, one.values, other.values)
    return mask & present_rows(one, count) & present_rows(other, count)


def _calculated(op: Op, left: Column, right: Column, count: int) -> Column:
    one, other = as_numbers(left, count), as_numbers(right, count)
    if one is None or other is None:
        return _by_pairs(op, left, right, count)
    integral = one.type is other.type is Type.INT
    kind = np.int64 if integral else np.float64
    operands = one.values.astype(kind, copy=False), other.values.astype(kind, copy=False)
    values, valid = calculate(op, *operands)
    present = present_rows(left, count) & present_rows(right, count)
    if valid is not None:
        present &= valid
    return Numbers(Type.INT if integral else Type.FLOAT, values, None if present.all() else present)


def _by_pairs(op: Op, left: Column, right: Column, count: int) -> Column:
    """Every distinct pair of values once."""
    if isinstance(right, Constant):
        coded = as_coded(left, count)
        each = [binary(op, value, right.value) for value in (*coded.values, NIL)]
        return coded_of(each, coded.ids.astype(np.int64))
    first, second = as_coded(left, count), as_coded(right, count)
    width = len(second.values) + 1
    pairs = (first.ids.astype(np.int64) + 1) * width + second.ids + 1
    distinct, of_row = np.unique(pairs, return_inverse=True)
    results = []
    for pair in distinct.tolist():
        one, other = divmod(pair, width)
        value = first.values[one - 1] if one else NIL
        results.append(_result(op, value, second.values[other - 1] if other else NIL))
    return coded_of(results, of_row)


def _result(op: Op, left: Static, right: Static) -> Static:
    try:
        return binary(op, left, right)
    except BadInput:  # an attribute's value as a regular expression, and it is none
        return FALSE
