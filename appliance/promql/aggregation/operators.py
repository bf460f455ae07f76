"""Aggregations (promql/engine.go, rangeEvalAgg and aggregation), at all steps at once.

Each operator has a function from an `Input` to a Frame; those that choose among the input's series
are in ranking.py and limiting.py, count_values in value_counts.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from appliance.promql.aggregation.dispersion import group_quantiles, group_variances
from appliance.promql.aggregation.input import Input
from appliance.promql.aggregation.limiting import limit_ratio, limitk
from appliance.promql.aggregation.ranking import bottomk, topk
from appliance.promql.aggregation.sums import average, total
from appliance.promql.aggregation.value_counts import count_values
from appliance.promql.annotations import info_histogram_ignored, warn_invalid_quantile
from appliance.promql.grouping import aggregation_key, grouped
from appliance.promql.invariant import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from appliance.promql.ast import Aggregate
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value


def aggregate(expr: Aggregate, value: Value, param: Value | None, context: Context) -> Frame:
    """The value of an aggregation.

    Args:
        param: Of operators with one: float64[step], of count_values a string.

    Raises:
        QueryFailed: The parameter is none that the operator can use.
    """
    frame = cast("Frame", value)
    if isinstance(param, str):
        return count_values(expr, frame, param, context)
    key = aggregation_key(expr.grouping, without=expr.without)
    groups, labels = grouped(frame.labels, key)
    parameters = np.empty(0) if param is None else cast("NDArray[np.float64]", param)
    inner = unwrapped(expr.expr)
    return _OPERATORS[expr.op](
        Input(expr, frame, groups, labels, parameters, inner.position, context)
    )


def _count(data: Input) -> Frame:
    counts = data.groups.tally(data.frame.present)
    return data.result(counts.astype(np.float64), counts > 0)


def _group(data: Input) -> Frame:
    present = data.groups.any(data.frame.present)
    return data.result(np.ones(present.shape), present)


def _extreme(ufunc: np.ufunc) -> Callable[[Input], Frame]:
    def extreme(data: Input) -> Frame:
        present = _floats_only(data)
        # fmin and fmax prefer any number to NaN, and so does Prometheus.
        values = data.frame.values
        if not present.all():
            values = np.where(present, values, np.nan)
        return data.result(data.groups.reduce(ufunc, values, np.nan), data.groups.any(present))

    return extreme


def _variance(data: Input) -> Frame:
    present = _floats_only(data)
    return data.result(
        group_variances(data.frame.values, present, data.groups), data.groups.any(present)
    )


def _deviation(data: Input) -> Frame:
    found = _variance(data)
    return replace(found, values=np.sqrt(found.values))


def _quantile(data: Input) -> Frame:
    wanted = data.parameters
    bounds = (np.max(wanted), np.min(wanted))
    position = unwrapped(data.expr.param).position if data.expr.param is not None else 0
    if np.isnan(wanted).any():
        warn_invalid_quantile(data.context.remarks, position, float("nan"))
    if bounds[0] > 1:
        warn_invalid_quantile(data.context.remarks, position, float(bounds[0]))
    if bounds[1] < 0:
        warn_invalid_quantile(data.context.remarks, position, float(bounds[1]))
    present = _floats_only(data)
    values = group_quantiles(wanted, (data.frame.values, present), data.groups)
    return data.result(values, data.groups.any(present))


def _floats_only(data: Input) -> NDArray[np.bool_]:
    """Where there are floats; says so when there are histograms, too."""
    if data.frame.is_histogram.any():
        info_histogram_ignored(data.context.remarks, data.position, data.expr.op)
    return data.frame.is_float


_OPERATORS: Mapping[str, Callable[[Input], Frame]] = {
    "avg": average,
    "bottomk": bottomk,
    "count": _count,
    "group": _group,
    "limit_ratio": limit_ratio,
    "limitk": limitk,
    "max": _extreme(np.fmax),
    "min": _extreme(np.fmin),
    "quantile": _quantile,
    "stddev": _deviation,
    "stdvar": _variance,
    "sum": total,
    "topk": topk,
}
