"""deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.functions.ranged import floats_only, range_of
from appliance.promql.kernels.regression import predictions, slopes, smoothed_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value


def _scalars(value: Value) -> NDArray[np.float64]:
    assert isinstance(value, np.ndarray)  # noqa: S101 - checked by the parser
    return value


def _deriv(call: Call, values: Sequence[Value], context: Context) -> Frame:
    return floats_only(call, range_of(call, values), context, kernel=slopes, at_least=2)


def _predict_linear(call: Call, values: Sequence[Value], context: Context) -> Frame:
    kernel = partial(predictions, steps_ms=context.steps_ms, ahead=_scalars(values[1]))
    return floats_only(call, range_of(call, values), context, kernel=kernel, at_least=2)


def _double_exponential_smoothing(call: Call, values: Sequence[Value], context: Context) -> Frame:
    found = range_of(call, values)
    smoothing, trend = _scalars(values[1]), _scalars(values[2])
    if any(len(group.labels) for group in found.groups):
        _check_factor(smoothing, "smoothing", "sf")
        _check_factor(trend, "trend", "tf")
    kernel = partial(smoothed_values, smoothing=smoothing, trend=trend)
    return floats_only(call, found, context, kernel=kernel, at_least=2)


def _check_factor(factors: NDArray[np.float64], name: str, short: str) -> None:
    wrong = factors[(factors <= 0) | (factors >= 1)]
    if len(wrong):
        raise QueryFailed(f"invalid {name} factor. Expected: 0 < {short} < 1, got: {wrong[0]:f}")


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "deriv": _deriv,
    "double_exponential_smoothing": _double_exponential_smoothing,
    "predict_linear": _predict_linear,
}
