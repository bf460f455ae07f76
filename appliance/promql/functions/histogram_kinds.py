"""A vector parted into native histograms and classic ones (Prometheus' resetHistograms, 3.14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.promql.annotations import warn_bad_bucket_label, warn_mixed_classic_native
from appliance.promql.functions.classic_buckets import ClassicBuckets, ClassicHistogram
from appliance.wire.numbers import parse_float

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """The histograms of a vector.

    Attributes:
        frame: The vector.
        native: bool[series, step], native histograms to be used.
        classic: The classic histograms.
        classic_labels: Their labels, without `le`.
        classic_present: bool[classic histogram, step], those to be used.
    """

    frame: Frame
    native: NDArray[np.bool_]
    classic: ClassicBuckets
    classic_labels: Sequence[Labels]
    classic_present: NDArray[np.bool_]


def kinds_of(frame: Frame, context: Context, position: int) -> Kinds:
    """Part a vector; buckets with a wrong `le` go, and so do histograms of both kinds at once.

    Args:
        position: Of the vector in the query, for remarks.
    """
    is_float = frame.is_float
    rows: NDArray[np.intp] = np.flatnonzero(is_float.any(axis=1))
    members = _members(frame, rows.tolist(), context, position)
    histograms = [_ordered(rows) for rows in members.values()]
    classic = ClassicBuckets(histograms, frame.values, is_float)
    native, classic_present = frame.is_histogram, classic.present
    if members and native.any():
        native, classic_present = native.copy(), classic_present.copy()
        places = {labels: place for place, labels in enumerate(members)}
        for row, labels in enumerate(frame.labels):
            place = places.get(labels, -1)
            if place < 0 or not (both := native[row] & classic_present[place]).any():
                continue
            name = labels.get("__name__") if context.delays_names else ""
            warn_mixed_classic_native(context.remarks, position, name)
            native[row] &= ~both
            classic_present[place] &= ~both
    return Kinds(frame, native, classic, list(members), classic_present)


def _members(
    frame: Frame, rows: Sequence[int], context: Context, position: int
) -> Mapping[Labels, list[tuple[float, int]]]:
    """Bounds and rows of each classic histogram, by its labels without `le`."""
    bounds: dict[str, float | None] = {}
    members: dict[Labels, list[tuple[float, int]]] = {}
    for row in rows:
        labels = frame.labels[row]
        text = labels.get("le")
        if text not in bounds:
            bounds[text] = _bound(text)
        bound = bounds[text]
        if bound is None:
            name = labels.get("__name__") if context.delays_names else ""
            warn_bad_bucket_label(context.remarks, position, name, le=text)
        else:
            members.setdefault(labels.without("le"), []).append((bound, row))
    return members


def _bound(text: str) -> float | None:
    try:
        return parse_float(text.encode())
    except BadInput:
        return None


def _ordered(members: Sequence[tuple[float, int]]) -> ClassicHistogram:
    bounds = np.array([bound for bound, _ in members])
    rows = np.array([row for _, row in members], dtype=np.intp)
    order = np.argsort(bounds, kind="stable")
    return ClassicHistogram(rows[order], bounds[order])
