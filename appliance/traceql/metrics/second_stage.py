"""What is done with series: topk, bottomk, filters of points, arithmetic with a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op, ScalarMath, SeriesFilter, TopK
from appliance.traceql.metrics.arithmetic import combine_scalar
from appliance.traceql.metrics.labels import tie_key
from appliance.traceql.static import Static, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.traceql.ast import SecondStage
    from appliance.traceql.metrics.series import SeriesMatrix

_COMPARISONS: dict[Op, Callable[..., NDArray[np.bool_]]] = {
    Op.EQUAL: np.equal,
    Op.NOT_EQUAL: np.not_equal,
    Op.LESS: np.less,
    Op.LESS_EQUAL: np.less_equal,
    Op.GREATER: np.greater,
    Op.GREATER_EQUAL: np.greater_equal,
}


def apply_stage(stage: SecondStage, matrix: SeriesMatrix) -> SeriesMatrix:
    """Keep or change points; series that have none left are gone."""
    match stage:
        case TopK():
            return _ranked(stage, matrix)
        case SeriesFilter():
            return _filtered(stage, matrix)
        case ScalarMath():
            return combine_scalar(stage.op, matrix, stage.value, is_left=stage.is_left)


def _scalar(value: Static) -> float:
    """A constant beside series; durations in seconds, as series have them.

    Raises:
        BadInput: It is no number.
    """
    if value.type is Type.DURATION and isinstance(value.value, int):
        return value.value / 1e9
    if value.type in {Type.INT, Type.FLOAT} and isinstance(value.value, (int, float)):
        return float(value.value)
    raise BadInput(f"a {value.type.value} cannot be compared with series, write a number")


def _filtered(stage: SeriesFilter, matrix: SeriesMatrix) -> SeriesMatrix:
    """Points for which a comparison holds."""
    values = matrix.values
    holds = _COMPARISONS[stage.op](values, _scalar(stage.value))
    return matrix.with_values(np.where(holds & ~np.isnan(values), values, np.nan))


def _ranked(stage: TopK, matrix: SeriesMatrix) -> SeriesMatrix:
    """The greatest, or least, points of each step.

    Of equal points, topk prefers the series whose label values come first, bottomk the last.
    """
    if len(matrix.labels) <= stage.count:
        return matrix
    order = sorted(
        range(len(matrix.labels)),
        key=lambda row: tie_key(matrix.labels[row]),
        reverse=stage.is_bottom,
    )
    values = matrix.values[order]
    keys = values if stage.is_bottom else -values
    best = np.argsort(keys, axis=0, kind="stable")[: stage.count]
    kept = np.full_like(values, np.nan)
    np.put_along_axis(kept, best, np.take_along_axis(values, best, axis=0), axis=0)
    ranked = np.empty_like(kept)
    ranked[order] = kept
    return matrix.with_values(ranked)
