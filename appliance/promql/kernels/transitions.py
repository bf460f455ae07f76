"""What happens from one sample to the next: changes and resets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.windows import Windows, at, sums_before

if TYPE_CHECKING:
    from numpy.typing import NDArray


def changes(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[series, sample - 1]: whether a sample differs from the one before; NaN equals NaN."""
    now, before = values[:, 1:], values[:, :-1]
    differs = now != before
    if differs.any():
        differs &= (now == now) | (before == before)  # noqa: PLR0124 - not NaN
    found: NDArray[np.bool_] = differs
    return found


def falls(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[series, sample - 1]: whether a sample is smaller than the one before."""
    found: NDArray[np.bool_] = values[:, 1:] < values[:, :-1]
    return found


def transitions_within(marks: NDArray[np.bool_], windows: Windows) -> NDArray[np.intp]:
    """intp[series, step]: marked transitions between samples of the same window.

    Args:
        marks: bool[series, sample - 1], from each sample to the next.
    """
    before = sums_before(marks)
    # Transitions [lo, hi - 1); none where a window has fewer than two samples.
    end = np.maximum(windows.hi - 1, windows.lo)
    top = before.shape[1] - 1
    found: NDArray[np.intp] = at(before, np.minimum(end, top)) - at(
        before, np.minimum(windows.lo, top)
    )
    return found


def change_counts(windows: Windows) -> NDArray[np.intp]:
    """intp[series, step]: changes within each window."""
    return transitions_within(changes(windows.values), windows)


def start_resets(windows: Windows, began_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool[series, sample - 1]: whether a start time says that a counter began anew.

    It does when it lies after the sample before, and when it is that very time and the sample
    before has a sensible start time itself (a series of deltas).
    """
    now, before = began_ms[:, 1:], began_ms[:, :-1]
    times, earlier = windows.times[:, 1:], windows.times[:, :-1]
    sensible = (now != 0) & (now < times)
    deltas = (now == earlier) & (before != 0) & (before < earlier)
    found: NDArray[np.bool_] = sensible & ((now > earlier) | deltas)
    return found
