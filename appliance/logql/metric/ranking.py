"""topk, bottomk, sort and sort_desc. NaN comes last, whichever way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.logql.metric.frame import Frame


def limited(frame: Frame, codes: NDArray[np.int64], count: int, *, is_bottom: bool) -> Frame:
    """The `count` greatest, or least, points of each group at each step.

    Args:
        codes: int64[series], the group of each series.

    Returns:
        Series that have points left, in the order in which they were.
    """
    if count < 1 or not len(frame):
        return frame.take(np.empty(0, dtype=np.int64))
    kept = np.zeros_like(frame.present)
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        kept[rows] = _best(frame.values[rows], frame.present[rows], count, is_bottom=is_bottom)
    return type(frame)(frame.labels, frame.values, kept).non_empty()


def _best(
    values: NDArray[np.float64], present: NDArray[np.bool_], count: int, *, is_bottom: bool
) -> NDArray[np.bool_]:
    """Which of the points are among the `count` first of their step: bool[series, step]."""
    if len(values) <= count:
        return present
    keys = values if is_bottom else -values
    order = np.lexsort((keys, np.isnan(keys), ~present), axis=0)[:count]
    kept = np.zeros_like(present)
    np.put_along_axis(kept, order, values=True, axis=0)
    return kept & present


def ordered(frame: Frame, *, is_descending: bool) -> Frame:
    """Series by their points at the last step; those without one come last."""
    if not len(frame):
        return frame
    values = frame.values[:, -1]
    keys = -values if is_descending else values
    return frame.take(np.lexsort((keys, np.isnan(keys), ~frame.present[:, -1])))
