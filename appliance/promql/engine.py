"""Evaluation of PromQL: an expression over a source of series becomes a value.

All steps of a range query are evaluated at once: each group of series shares its timestamps, so
that one binary search per group finds the samples of all series at all steps.

Semantics are those of Prometheus 3: a sample counts for a step when it lies in (step - lookback,
step], and a staleness marker ends its series; ranges, too, are open on the left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import is_absent, is_stale
from appliance.model.value import Matrix, QueryResult, Scalar, StringValue, Vector
from appliance.promql.ast import (
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    VectorSelector,
    type_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard, SeriesSource

#: Prometheus' --query.lookback-delta.
LOOKBACK_MS = 300_000

Series = tuple[Labels, "NDArray[np.int64]", "NDArray[np.float64]"]


@dataclass(frozen=True, slots=True)
class _Window:
    """The times of a query; steps_ms: int64[step], ascending."""

    steps_ms: NDArray[np.int64]
    lookback_ms: int


def evaluate(
    expr: Expr,
    source: SeriesSource,
    *,
    start_ms: int,
    end_ms: int,
    step_ms: int,
    guard: Guard,
    lookback_ms: int = LOOKBACK_MS,
) -> QueryResult:
    """The value of an expression.

    Args:
        start_ms, end_ms: Both included.
        step_ms: Distance of the steps; 0 makes an instant query at `end_ms`.
        lookback_ms: How old a sample may be.

    Returns:
        For an instant query a value of the expression's type, otherwise a Matrix. Series are
        sorted by labels.

    Raises:
        BadInput: A range query needs a scalar or an instant vector.
        LimitExceeded, TimedOut: As the guard says.
    """
    if step_ms == 0:
        return QueryResult(_instant(expr, source, end_ms, guard=guard, lookback_ms=lookback_ms))
    if type_of(expr) not in {"scalar", "instant vector"}:
        raise BadInput(
            f'invalid expression type "{type_of(expr)}" for range query,'
            " must be Scalar or instant Vector"
        )
    steps = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
    return QueryResult(Matrix(_steps(expr, source, _Window(steps, lookback_ms), guard)))


def _instant(
    expr: Expr, source: SeriesSource, time_ms: int, *, guard: Guard, lookback_ms: int
) -> Scalar | StringValue | Vector | Matrix:
    match expr:
        case Parentheses(inner):
            return _instant(inner, source, time_ms, guard=guard, lookback_ms=lookback_ms)
        case NumberLiteral(value):
            return Scalar(time_ms, value)
        case StringLiteral(text):
            return StringValue(time_ms, text)
        case MatrixSelector():
            return Matrix(_range(expr, source, time_ms, guard))
        case VectorSelector():
            window = _Window(np.array([time_ms], dtype=np.int64), lookback_ms)
            found = _select(expr, source, window, guard)
            values = np.array([values[0] for _, _, values in found], dtype=np.float64)
            return Vector(time_ms, [labels for labels, _, _ in found], values)


def _steps(expr: Expr, source: SeriesSource, window: _Window, guard: Guard) -> list[Series]:
    match expr:
        case Parentheses(inner):
            return _steps(inner, source, window, guard)
        case NumberLiteral(value):
            return [(Labels(), window.steps_ms, np.full(len(window.steps_ms), value))]
        case VectorSelector():
            return _select(expr, source, window, guard)
    raise AssertionError(expr)  # the caller has checked the type


def _select(
    selector: VectorSelector, source: SeriesSource, window: _Window, guard: Guard
) -> list[Series]:
    """Values of series at the steps where they have one."""
    if not len(window.steps_ms):
        return []
    at_ms = window.steps_ms - selector.offset_ms
    first, last = int(at_ms[0]) - window.lookback_ms + 1, int(at_ms[-1])
    found: list[Series] = []
    for group in source.select(selector.matchers, first, last, guard):
        values, is_there = at_steps(group, at_ms, window.lookback_ms)
        guard.add_samples(int(np.count_nonzero(is_there)))
        for row in np.flatnonzero(is_there.any(axis=1)).tolist():
            mask = is_there[row]
            times = window.steps_ms if mask.all() else window.steps_ms[mask]
            found.append((group.labels[row], times, values[row][mask]))
    return sorted(found, key=lambda series: series[0].sort_key)


def at_steps(
    group: SeriesGroup, at_ms: NDArray[np.int64], lookback_ms: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The last sample of each series at each time.

    Args:
        at_ms: int64[step], ascending.
        lookback_ms: Older samples do not count.

    Returns:
        values: float64[series, step], and whether there is one: bool[series, step].
    """
    shape = (len(group.labels), len(at_ms))
    if not len(group.timestamps_ms):
        return np.zeros(shape), np.zeros(shape, dtype=bool)
    column = np.searchsorted(group.timestamps_ms, at_ms, side="right") - 1
    found = np.maximum(column, 0)
    absent = is_absent(group.values)
    if absent.any():
        # The column of the last sample at or before each column; -1 before the first sample.
        columns = np.where(absent, -1, np.arange(absent.shape[1], dtype=np.int32))
        np.maximum.accumulate(columns, axis=1, out=columns)
        last = np.where(column >= 0, columns[:, found], -1)
        rows = np.arange(shape[0])[:, np.newaxis]
        values = group.values[rows, np.maximum(last, 0)]
    else:
        last = np.broadcast_to(column, shape)
        values = group.values[:, found]
    is_there = (last >= 0) & (group.timestamps_ms[np.maximum(last, 0)] > at_ms - lookback_ms)
    is_there &= ~is_stale(values)
    return values, is_there


def _range(
    selector: MatrixSelector, source: SeriesSource, time_ms: int, guard: Guard
) -> list[Series]:
    """Samples of series in the range, with their own timestamps."""
    end = time_ms - selector.vector.offset_ms
    start = end - selector.range_ms + 1
    found: list[Series] = []
    for group in source.select(selector.vector.matchers, start, end, guard):
        is_there = ~(is_absent(group.values) | is_stale(group.values))
        is_there &= (group.timestamps_ms >= start) & (group.timestamps_ms <= end)
        for row in np.flatnonzero(is_there.any(axis=1)).tolist():
            mask = is_there[row]
            times = group.timestamps_ms if mask.all() else group.timestamps_ms[mask]
            found.append((group.labels[row], times, group.values[row][mask]))
    return sorted(found, key=lambda series: series[0])
