"""Frames put one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.frame import Frame, empty_histograms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def stacked(frames: Sequence[Frame]) -> Frame:
    """The rows of all frames, in order; labels may repeat.

    Args:
        frames: At least one; all with the same steps. Those without rows do not count.
    """
    used = [frame for frame in frames if len(frame.labels)] or list(frames[:1])
    if len(used) == 1:
        return used[0]
    histograms = None
    if any(frame.histograms is not None for frame in used):
        histograms = np.concatenate(
            [
                empty_histograms(frame.values.shape)
                if frame.histograms is None
                else frame.histograms
                for frame in used
            ]
        )
    nameless = None
    if any(frame.nameless is not None for frame in used):
        nameless = np.concatenate([nameless_rows(frame) for frame in used])
    return Frame(
        [labels for frame in used for labels in frame.labels],
        np.concatenate([frame.values for frame in used]),
        np.concatenate([frame.present for frame in used]),
        histograms,
        nameless,
    )


def nameless_rows(frame: Frame) -> NDArray[np.bool_]:
    """bool[series]: whose metric name goes when the query ends."""
    if frame.nameless is None:
        return np.zeros(len(frame.labels), dtype=np.bool_)
    return frame.nameless
