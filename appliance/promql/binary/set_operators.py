"""The set operators `and`, `or` and `unless` (promql/engine.go, VectorAnd and so on)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.ast import Matching
from appliance.promql.grouping import Groups, matching_key, numbered
from appliance.promql.names import merged
from appliance.promql.stacking import stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.promql.ast import Binary
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame

SET_OPERATORS = frozenset(["and", "or", "unless"])


def combine(expr: Binary, sides: tuple[Frame, Frame], context: Context) -> Frame:
    """The value of a set operator, decided at each step anew.

    Returns:
        Rows of the left side, then for `or` those of the right side.
    """
    left, right = sides
    matching = expr.matching or Matching()
    key = matching_key(matching.labels, on=matching.on)
    numbers: dict[object, int] = {}
    left_ids = numbered(map(key, left.labels), numbers, len(left.labels))
    right_ids = numbered(map(key, right.labels), numbers, len(right.labels))
    if expr.op == "or":
        elsewhere = _present(left, left_ids, len(numbers))
        more = _limited(right, right.present & ~elsewhere[right_ids])
        both = stacked([left, more])
        # An instant query finds equal series at its end: until then their names tell them apart.
        is_instant = len(context.steps_ms) == 1 and context.delays_names
        return both if is_instant else _together(both)
    matched = _present(right, right_ids, len(numbers))[left_ids]
    return _limited(left, left.present & (matched if expr.op == "and" else ~matched))


def _present(frame: Frame, ids: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    """bool[match group, step]: whether there is an element."""
    return Groups.of(ids, count).any(frame.present)


def _limited(frame: Frame, present: NDArray[np.bool_]) -> Frame:
    return replace(frame, present=present).pruned()


def _together(frame: Frame) -> Frame:
    """Rows with the same labels, which the sides have at different steps, put together.

    Of them, the one that comes first in time says whether the metric name goes.
    """
    if frame.nameless is None or len(set(frame.labels)) == len(frame.labels):
        return merged(frame)
    first = np.argmax(frame.present, axis=1)
    earliest: dict[Labels, int] = {}
    for row, labels in enumerate(frame.labels):
        other = earliest.setdefault(labels, row)
        if first[row] < first[other]:
            earliest[labels] = row
    deciding = np.array([earliest[labels] for labels in frame.labels], dtype=np.intp)
    return merged(replace(frame, nameless=frame.nameless[deciding]))
