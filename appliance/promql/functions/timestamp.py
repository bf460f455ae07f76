"""timestamp and start_timestamp: of samples, which only a selector knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.ast import VectorSelector
from appliance.promql.functions.floats import frame_of
from appliance.promql.invariant import unwrapped
from appliance.promql.names import without_names
from appliance.promql.selector import instant_with_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.promql.ast import Call, Expr
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value

    Evaluate = Callable[[Expr, Context], Value]


def _timestamp(call: Call, context: Context, evaluate: Evaluate) -> Frame:
    """Times of the samples of a selector; of anything else those of the steps."""
    argument = unwrapped(call.args[0])
    if isinstance(argument, VectorSelector):
        frame, times = instant_with_times(argument, context)
    else:
        frame = frame_of(evaluate(argument, context))
        times = np.broadcast_to(context.steps_ms / 1000.0, frame.values.shape)
    return without_names(replace(frame, values=times, histograms=None), context)


LAZY: Mapping[str, Callable[[Call, Context, Evaluate], Value]] = {"timestamp": _timestamp}
