"""Arithmetic between series, and between series and numbers.

Series meet when they have the same labels beside `__name__`; one without any meets all. Series that
meet nothing are left out. A division by zero gives no point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op
from appliance.traceql.metrics.labels import NAME
from appliance.traceql.metrics.series import SeriesMatrix
from appliance.traceql.static import Static, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.metrics.labels import Labels
    from appliance.traceql.results import SpanExemplar

_Number = float | np.float64


def combine(op: Op, left: SeriesMatrix, right: SeriesMatrix) -> SeriesMatrix:
    """`left op right`."""
    left_rows, right_rows = _rows_by_labels(left), _rows_by_labels(right)
    wanted = left_rows if () in right_rows else right_rows
    pairs = [(_match(left_rows, labels), _match(right_rows, labels)) for labels in wanted]
    met = [(one, other) for one, other in pairs if one is not None and other is not None]
    ones = np.array([one for one, _ in met], dtype=np.int64)
    others = np.array([other for _, other in met], dtype=np.int64)
    fans_out = (len(left_rows) > 1 >= len(right_rows), len(right_rows) > 1 >= len(left_rows))
    return SeriesMatrix(
        [_merged(op, left.labels[one], right.labels[other]) for one, other in met],
        calculate(op, left.values[ones], right.values[others]),
        _merged_exemplars(left.take(ones).exemplars, right.take(others).exemplars, fans_out),
        left.is_partial or right.is_partial,
    )


def combine_scalar(op: Op, matrix: SeriesMatrix, number: float, *, is_left: bool) -> SeriesMatrix:
    """`series op number`, or `number op series`; names stay."""
    values = matrix.values
    result = calculate(op, number, values) if is_left else calculate(op, values, number)
    return SeriesMatrix(matrix.labels, result, matrix.exemplars, matrix.is_partial)


def calculate(
    op: Op, left: NDArray[np.float64] | float, right: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Point by point; NaN where one is missing.

    Raises:
        BadInput: The operator is not one of + - * /.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        match op:
            case Op.ADD:
                return np.asarray(np.add(left, right))
            case Op.SUB:
                return np.asarray(np.subtract(left, right))
            case Op.MUL:
                return np.asarray(np.multiply(left, right))
            case Op.DIV:
                return np.where(np.equal(right, 0.0), np.nan, np.divide(left, right))
            case _:
                raise BadInput(f"unsupported math operation between queries: {op.value}")


def _rows_by_labels(matrix: SeriesMatrix) -> dict[Labels, int]:
    """Rows by labels without the name."""
    return {
        tuple(label for label in labels if label[0] != NAME): row
        for row, labels in enumerate(matrix.labels)
    }


def _match(rows: dict[Labels, int], labels: Labels) -> int | None:
    """The row with these labels, or that of the series without any."""
    row = rows.get(labels)
    return rows.get(()) if row is None else row


def _merged(op: Op, left: Labels, right: Labels) -> Labels:
    """The labels of both; the name says what was combined when both have one."""
    names = [_name(labels) for labels in (left, right)]
    known = {name for name, _ in left}
    labels = [label for label in left if label[0] != NAME]
    labels += [label for label in right if label[0] != NAME and label[0] not in known]
    if names[0] is not None and names[1] is not None:
        name = Static(Type.STRING, f"({names[0]} {op.value} {names[1]})")
        labels.insert(0, (NAME, name))
    return tuple(labels)


def _name(labels: Labels) -> str | None:
    """The text of `__name__`."""
    return next((str(value.value) for name, value in labels if name == NAME), None)


def _merged_exemplars(
    left: Sequence[Sequence[SpanExemplar]],
    right: Sequence[Sequence[SpanExemplar]],
    fans_out: tuple[bool, bool],
) -> Sequence[Sequence[SpanExemplar]]:
    """Exemplars of both sides; those of one series that met many are not repeated."""
    left_many, right_many = fans_out
    if not right or left_many:
        return left
    if not left or right_many:
        return right
    return [[*one, *other] for one, other in zip(left, right, strict=True)]
