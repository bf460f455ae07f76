"""Arithmetic and comparisons between two vectors (promql/engine.go, VectorBinop, resultMetric).

Elements match when they agree on the labels of `on`, or on all but those of `ignoring` and the
metric name. One side, the "one" side, has at most one element per match group at a step; the other,
the "many" side, may have several with group_left or group_right. Series of one group that are never
there together are no conflict: everything is decided per step.

Results come in batches of rows: pairs of a series of either side, then what fill modifiers add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.promql.ast import Matching
from appliance.promql.binary.arithmetic import ARITHMETIC, Cells, Outcome, compute
from appliance.promql.binary.conflicts import check_one_side, check_results
from appliance.promql.binary.result_labels import ResultLabels
from appliance.promql.frame import Frame
from appliance.promql.grouping import Groups, matching_key, numbered
from appliance.promql.names import merged
from appliance.promql.stacking import stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.promql.ast import Binary
    from appliance.promql.context import Context


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Two vectors whose elements match.

    Attributes:
        many, one: The "many" and the "one" side.
        many_groups, one_groups: The match groups of their rows, numbered alike.
        swapped: The "one" side stands on the left.
    """

    expr: Binary
    matching: Matching
    many: Frame
    one: Frame
    many_groups: Groups
    one_groups: Groups
    swapped: bool


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of the result.

    Attributes:
        groups: intp[row], match groups.
    """

    labels: Sequence[Labels]
    groups: NDArray[np.intp]
    outcome: Outcome


def match_vectors(expr: Binary, vectors: tuple[Frame, Frame], context: Context) -> Frame:
    """The value of an operator, set operators excepted, between two vectors.

    Raises:
        QueryFailed: Several elements match where only one may.
    """
    sides = _sides(expr, vectors)
    conflict = check_one_side(sides.matching, sides.many, sides.one, sides.one_groups)
    is_bare = not context.delays_names and expr.returns_bool
    labels = ResultLabels(sides.matching, drops_metadata=expr.op in ARITHMETIC or is_bare)
    batches = [_pairs(sides, labels)]
    if sides.matching.fill_right is not None:
        batches.append(_filled_one(sides, labels, sides.matching.fill_right))
    conflict = conflict.or_earlier(check_results(sides.matching, batches, sides.many_groups.count))
    conflict.fail()
    if sides.matching.fill_left is not None:
        batches.append(_filled_many(sides, labels, (sides.matching.fill_left, batches)))
    for batch in batches:
        batch.outcome.tell(context.remarks, expr.position)
    found = stacked([_frame(batch, expr, context) for batch in batches])
    # An instant query finds equal series at its end: until then their names tell them apart.
    is_instant = len(context.steps_ms) == 1 and context.delays_names
    return found if is_instant else merged(found)


def _sides(expr: Binary, vectors: tuple[Frame, Frame]) -> Sides:
    matching = expr.matching or Matching()
    swapped = matching.cardinality == "one-to-many"
    many, one = reversed(vectors) if swapped else vectors
    key = matching_key(matching.labels, on=matching.on)
    numbers: dict[object, int] = {}
    many_ids = numbered(map(key, many.labels), numbers, len(many.labels))
    one_ids = numbered(map(key, one.labels), numbers, len(one.labels))
    count = len(numbers)
    return Sides(
        expr, matching, many, one, Groups.of(many_ids, count), Groups.of(one_ids, count), swapped
    )


def _pairs(sides: Sides, labels: ResultLabels) -> Batch:
    """Each row of the many side with every row of the one side in its group."""
    ids = sides.many_groups.ids
    counts = sides.one_groups.sizes[ids]
    many_rows = np.repeat(np.arange(len(ids)), counts)
    within = np.arange(len(many_rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = sides.one_groups.starts[ids[many_rows]] + within
    one_rows = sides.one_groups.order[places]
    # Rows that are never there together are left out before anything is computed.
    present = _rows(sides.many.present, many_rows) & _rows(sides.one.present, one_rows)
    used = present.any(axis=1)
    if not used.all():
        many_rows, one_rows, present = many_rows[used], one_rows[used], present[used]
    outcome = _computed(
        sides, _cells(sides.many, many_rows), _cells(sides.one, one_rows), present=present
    )
    many_labels = [sides.many.labels[row] for row in many_rows.tolist()]
    if sides.matching.include:
        one_labels = [sides.one.labels[row] for row in one_rows.tolist()]
        found = labels.including(many_labels, one_labels)
    else:
        found = labels.of(many_labels)
    return Batch(found, ids[many_rows], outcome)


def _filled_one(sides: Sides, labels: ResultLabels, fill: float) -> Batch:
    """Rows of the many side where the one side has nothing."""
    ids = sides.many_groups.ids
    there = sides.one_groups.any(sides.one.present)
    present = sides.many.present & ~there[ids]
    rows = np.flatnonzero(present.any(axis=1))
    outcome = _computed(
        sides, _cells(sides.many, rows), Cells(np.array(fill)), present=present[rows]
    )
    many_labels = [sides.many.labels[row] for row in rows.tolist()]
    return Batch(labels.including(many_labels, labels.matched(many_labels)), ids[rows], outcome)


def _filled_many(sides: Sides, labels: ResultLabels, more: tuple[float, Sequence[Batch]]) -> Batch:
    """Rows of the one side that nothing has matched.

    Args:
        more: The value to fill with, and the batches so far.
    """
    fill, batches = more
    ids = sides.one_groups.ids
    present = sides.one.present
    for batch in batches:
        matched = Groups.of(batch.groups, sides.one_groups.count).any(batch.outcome.valid)
        present = present & ~matched[ids]
    rows = np.flatnonzero(present.any(axis=1))
    outcome = _computed(
        sides, Cells(np.array(fill)), _cells(sides.one, rows), present=present[rows]
    )
    one_labels = [sides.one.labels[row] for row in rows.tolist()]
    found = labels.including(labels.matched(one_labels), one_labels)
    return Batch(found, ids[rows], outcome)


def _computed(sides: Sides, many: Cells, one: Cells, *, present: NDArray[np.bool_]) -> Outcome:
    left, right = (one, many) if sides.swapped else (many, one)
    return compute(sides.expr.op, left, right, present=present)


def _cells(frame: Frame, rows: NDArray[np.intp]) -> Cells:
    histograms = frame.histograms
    return Cells(_rows(frame.values, rows), None if histograms is None else _rows(histograms, rows))


def _rows(array: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
    """Some rows; the very array when they are all of them."""
    if len(rows) == len(array) and np.array_equal(rows, np.arange(len(rows))):
        return array
    return array[rows]


def _frame(batch: Batch, expr: Binary, context: Context) -> Frame:
    found = batch.outcome
    if not expr.returns_bool:
        return Frame(batch.labels, found.values, found.keep, found.histograms).pruned()
    drops = np.full(len(batch.labels), context.delays_names)
    values = found.keep.astype(np.float64)
    return Frame(batch.labels, values, found.valid, nameless=drops).pruned()
