"""limitk and limit_ratio (promql/engine.go, aggregationK and HashRatioSampler)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.aggregation.label_hash import label_hashes
from appliance.promql.aggregation.ranking import counts_of
from appliance.promql.annotations import warn_invalid_ratio
from appliance.promql.frame import Frame
from appliance.promql.invariant import unwrapped

if TYPE_CHECKING:
    from appliance.promql.aggregation.input import Input

_MOST = float(2**64)


def limitk(data: Input) -> Frame:
    """The first k of each group at each step, in the order of the input."""
    frame = data.frame
    counts = counts_of(data.parameters, len(frame.labels))
    if counts is None:
        return Frame.empty(len(data.parameters))
    kept = np.zeros_like(frame.present)
    for group in range(data.groups.count):
        members = data.groups.members(group)
        present = frame.present[members]
        kept[members] = present & (np.cumsum(present, axis=0) <= counts)
    return replace(frame, present=kept).pruned()


def limit_ratio(data: Input) -> Frame:
    """Series whose hash falls into a share of all hashes; negative ratios take the other end."""
    frame, ratios = data.frame, data.parameters
    greatest, least = float(np.max(ratios)), float(np.min(ratios))
    if greatest == 0 and least == 0:
        return Frame.empty(len(ratios))
    if np.isnan(greatest):
        raise QueryFailed("Ratio value is NaN")
    position = unwrapped(data.expr.param).position if data.expr.param is not None else 0
    if greatest > 1:
        warn_invalid_ratio(data.context.remarks, position, greatest, used=1.0)
    if least < -1:
        warn_invalid_ratio(data.context.remarks, position, least, used=-1.0)
    offsets = (label_hashes(frame.labels).astype(np.float64) / _MOST)[:, np.newaxis]
    used = np.clip(ratios, -1.0, 1.0)
    chosen = ((used > 0) & (offsets < used)) | ((used < 0) & (offsets >= 1.0 + used))
    return replace(frame, present=frame.present & chosen).pruned()
