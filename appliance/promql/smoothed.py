"""`smoothed` instant selectors: values between samples, a lookback to either side looked at.

A sample at the very time counts as it is; between two samples the value is interpolated; after the
last one its value stays; before the first there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.frame import Frame
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import at, bounds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.context import Context
    from appliance.promql.frame import Ranges
    from appliance.promql.windows import Windows


def smoothed_frame(
    around: Ranges, at_ms: NDArray[np.int64], context: Context, position: int
) -> Frame:
    """Values of series at times.

    Args:
        around: Samples from a lookback before each time to a lookback after it.
        at_ms: int64[step].
        position: Of the selector, for remarks.
    """
    labels = [item for group in around.groups for item in group.labels]
    values = np.zeros((len(labels), len(at_ms)))
    present = np.zeros(values.shape, dtype=np.bool_)
    for piece in pieces(around, Reach()):
        values[piece.rows], present[piece.rows] = _between(piece, at_ms)
        context.guard.check()
    return Frame(labels, values, present).pruned()


def _between(
    windows: Windows, at_ms: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    following = bounds_of(windows, at_ms, side="left")
    top = windows.values.shape[1] - 1
    after, before = np.minimum(following, top), np.maximum(following - 1, 0)
    later = following < windows.hi
    earlier = (following > windows.lo) & (windows.counts > 0)
    after_ms, before_ms = at(windows.times, after), at(windows.times, before)
    one, other = at(windows.values, before), at(windows.values, after)
    with np.errstate(all="ignore"):
        found = one + (other - one) * ((at_ms - before_ms) / (after_ms - before_ms))
    exact = later & (after_ms == at_ms)
    found = np.where(exact, other, np.where(later, found, one))
    return found, np.broadcast_to(exact | earlier, windows.shape)
