"""Metric names that functions and operators drop, and the series that become one by it.

With delayed name removal (the feature `promql-delayed-name-removal`) a dropped name stays until the
query's end, so that what is around can still see it; without, it goes at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.promql.frame import Frame, empty_histograms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.promql.context import Context

#: Labels that belong to the metric rather than to the series (Prometheus' schema.Metadata).
METADATA_LABELS = frozenset(["__name__", "__type__", "__unit__"])


def nameless(labels: Labels) -> Labels:
    """Labels without metric name, type and unit."""
    if labels and labels[0][0] == "__name__" and (len(labels) == 1 or labels[1][0] > "__unit__"):
        return Labels(labels[1:])  # they are sorted: no more of these
    return Labels([pair for pair in labels if pair[0] not in METADATA_LABELS])


def without_names(frame: Frame, context: Context) -> Frame:
    """What a function or operator gives that drops the metric name.

    Raises:
        QueryFailed: Two series become one and both have a sample at a step (only when names are
            not removed with delay; else `with_final_names` finds it out).
    """
    if context.delays_names:
        return replace(frame, nameless=np.ones(len(frame.labels), dtype=np.bool_))
    return merged(replace(frame, labels=[nameless(labels) for labels in frame.labels]))


def with_final_names(frame: Frame) -> Frame:
    """What a query answers: marked series lose their names, and equal series become one.

    Raises:
        QueryFailed: Two series with the same labels have a sample at the same step.
    """
    if frame.nameless is None or not frame.nameless.any():
        return merged(frame)
    drops = frame.nameless.tolist()
    labels = [
        nameless(item) if drop else item for item, drop in zip(frame.labels, drops, strict=True)
    ]
    return merged(replace(frame, labels=labels, nameless=None))


def merged(frame: Frame) -> Frame:
    """Series with the same labels put together, at the place of the first.

    Raises:
        QueryFailed: Two of them have a sample at the same step.
    """
    rows: dict[Labels, list[int]] = {}
    for row, labels in enumerate(frame.labels):
        rows.setdefault(labels, []).append(row)
    if len(rows) == len(frame.labels):
        return frame
    firsts = np.array([members[0] for members in rows.values()], dtype=np.intp)
    found = _writable(frame.take(firsts), with_histograms=frame.histograms is not None)
    for place, members in enumerate(rows.values()):
        if len(members) > 1:
            _put_together(frame, members, (found, place))
    return found


def _writable(frame: Frame, *, with_histograms: bool) -> Frame:
    histograms = frame.histograms
    if with_histograms and histograms is None:
        histograms = empty_histograms(frame.values.shape)
    return replace(
        frame,
        values=frame.values.copy(),
        present=frame.present.copy(),
        histograms=None if histograms is None else histograms.copy(),
    )


def _put_together(frame: Frame, members: Sequence[int], place: tuple[Frame, int]) -> None:
    """Fill a row of a new frame from several rows of the old one."""
    target, row = place
    for member in members[1:]:
        here: NDArray[np.bool_] = frame.present[member]
        if (target.present[row] & here).any():
            raise QueryFailed("vector cannot contain metrics with the same labelset")
        target.values[row, here] = frame.values[member, here]
        if frame.histograms is not None and target.histograms is not None:
            target.histograms[row, here] = frame.histograms[member, here]
        target.present[row] |= here
