"""Label filters: text, numbers, durations, sizes, addresses (Loki 3, label_filter.go).

Each distinct value is looked at once. A text that is no number keeps its line and sets `__error__`,
unless that is set already.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.lines.column import ABSENT, Column
from appliance.lines.ip_range import IpRange
from appliance.lines.numbers import read_all, read_number
from appliance.logql.ast import (
    BothConditions,
    CompareOp,
    EitherCondition,
    IpCondition,
    LabelFilter,
    NumberCondition,
    TextCondition,
    Unit,
)
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.stages.text_test import text_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.logql.ast import Condition
    from appliance.logql.rows import Rows

    #: Rows, and which of them are of interest: bool[row] → the rows, and which of them pass.
    Check = Callable[[Rows, NDArray[np.bool_]], tuple[Rows, NDArray[np.bool_]]]

FILTER_ERROR = "LabelFilterErr"
_COMPARE = {
    CompareOp.EQUAL: operator.eq,
    CompareOp.NOT_EQUAL: operator.ne,
    CompareOp.GREATER: operator.gt,
    CompareOp.GREATER_EQUAL: operator.ge,
    CompareOp.LESS: operator.lt,
    CompareOp.LESS_EQUAL: operator.le,
}


def compile_label_filter(stage: LabelFilter) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: An address that is none, in Loki's words.
    """
    check = _check(stage.condition)

    def run(rows: Rows) -> Rows:
        if not len(rows):
            return rows
        rows, mask = check(rows, np.ones(len(rows), dtype=bool))
        return rows.keep(mask)

    return run


def _check(condition: Condition) -> Check:
    match condition:
        case TextCondition():
            return _text_check(condition)
        case NumberCondition():
            return _number_check(condition)
        case IpCondition():
            return _ip_check(condition)
        case BothConditions(left, right):
            return _both(_check(left), _check(right))
        case EitherCondition(left, right):
            return _either(_check(left), _check(right))


def _both(left: Check, right: Check) -> Check:
    def check(rows: Rows, asked: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        rows, one = left(rows, asked)
        rows, other = right(rows, asked)
        return rows, one & other

    return check


def _either(left: Check, right: Check) -> Check:
    """The right side is not looked at where the left one holds."""

    def check(rows: Rows, asked: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        rows, one = left(rows, asked)
        rows, other = right(rows, asked & ~one)
        return rows, one | other

    return check


def _text_check(condition: TextCondition) -> Check:
    matcher = condition.matcher
    accepts = text_test(matcher)
    absent = accepts("")

    def check(rows: Rows, _: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        column = rows.errors if matcher.name == ERROR else _label(rows, matcher.name)
        if column is None:
            return rows, np.full(len(rows), absent)
        return rows, column.test(accepts, absent=absent)

    return check


def _label(rows: Rows, name: str) -> Column | None:
    """A label's values; `__error__` and `__error_details__` are none here, as in Loki."""
    return rows.parsed.get(name) if name in {ERROR, ERROR_DETAILS} else rows.column(name)


def _number_check(condition: NumberCondition) -> Check:
    read, compare = _reader(condition.unit), _COMPARE[condition.op]
    is_time = condition.unit is Unit.DURATION
    wanted = float(round(condition.value * 1e9)) if is_time else condition.value

    def check(rows: Rows, asked: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        column = _label(rows, condition.label)
        if column is None:
            return rows, np.zeros(len(rows), dtype=bool)
        column = column.without(~asked).compact()
        numbers, details = read_all(column.values, read)
        verdict = np.append(compare(numbers, wanted), False)
        if details is None:
            return rows, verdict[column.codes]
        wrong = np.append(details.codes != ABSENT, False)
        verdict |= wrong
        # An error that is there already tells more.
        new = wrong[column.codes] & ~_failed(rows)
        errors = Column(np.where(new, np.int32(0), np.int32(ABSENT)), (FILTER_ERROR,))
        codes = np.append(details.codes, np.int32(ABSENT))[column.codes]
        rows = rows.with_errors(errors, Column(codes, details.values).without(~new))
        return rows, verdict[column.codes]

    return check


def _reader(unit: Unit) -> Callable[[str], float]:
    """What reads numbers, nanoseconds or bytes."""
    if unit is Unit.NUMBER:
        return read_number
    if unit is Unit.DURATION:
        return lambda text: float(parse_go_duration(text))
    return lambda text: float(parse_bytes(text))


def _ip_check(condition: IpCondition) -> Check:
    wanted = IpRange(condition.text)

    def holds(text: str) -> bool:
        return wanted.is_in(text.encode()) != condition.is_negated

    def check(rows: Rows, _: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        failed, column = _failed(rows), _label(rows, condition.label)
        if column is None:
            return rows, failed
        return rows, failed | column.test(holds, absent=False)

    return check


def _failed(rows: Rows) -> NDArray[np.bool_]:
    """Rows that have an error: bool[row]."""
    if rows.errors is None:
        return np.zeros(len(rows), dtype=bool)
    return rows.errors.present()
