"""compare(): how the spans of a selection differ from the others, attribute by attribute.

Every attribute gets series for its most frequent values, in the selection and in the baseline, and
one series of each side's total. Attributes that the filter speaks of count twice where one of its
conditions holds, as Tempo reads them twice; shares of totals are the same.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.metrics.compare.fields import compared_fields, repeated_in
from appliance.traceql.metrics.compare.tally import Tally
from appliance.traceql.metrics.groups import field_coding
from appliance.traceql.metrics.labels import expressible
from appliance.traceql.metrics.series import SeriesMatrix
from appliance.traceql.static import NIL, Static, Type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.ast import Compare, Pipeline
    from appliance.traceql.block import Block
    from appliance.traceql.metrics.compare.fields import ComparedField
    from appliance.traceql.metrics.exemplars import Exemplars
    from appliance.traceql.metrics.groups import Coding
    from appliance.traceql.metrics.labels import Labels
    from appliance.traceql.metrics.steps import Steps

META_TYPE = "__meta_type"

_SIDES = ("baseline", "selection")
#: Values of an attribute that are certain to be kept, however many are asked for.
_MOST_KEPT = 10_000


class Comparison:
    """Counts values of all attributes on both sides.

    Args:
        compare: The stage.
        pipeline: What comes before it.
    """

    def __init__(self, compare: Compare, pipeline: Pipeline, steps: Steps, guard: Guard) -> None:
        self._compare = compare
        self._pipeline = pipeline
        kept = min(max(10 * compare.top, 100), _MOST_KEPT)
        self._steps = steps
        self._guard = guard
        self._tallies: defaultdict[tuple[str, str], Tally] = defaultdict(
            lambda: Tally(steps.count, kept, guard)
        )

    def observe(
        self, block: Block, rows: NDArray[np.int64], steps: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count spans; none of them can be an exemplar."""
        if len(rows):
            is_selected = self._selected(block, rows)
            for field in compared_fields(block):
                self._guard.check()
                self._count(block, field, (rows, steps, is_selected))
        return np.full(len(rows), -1, dtype=np.int64)

    def _selected(self, block: Block, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which spans belong to the selection."""
        selected = matching(self._compare.selection.expression, block)[rows]
        if self._compare.start_ns > 0 and self._compare.end_ns > 0:
            starts = block.columns.numbers("start_ns")[rows]
            selected &= (starts >= self._compare.start_ns) & (starts < self._compare.end_ns)
        return selected

    def _count(
        self,
        block: Block,
        field: ComparedField,
        spans: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]],
    ) -> None:
        """Count the values of one attribute.

        Args:
            spans: Their rows, their steps, and whether they are selected.
        """
        rows, steps, is_selected = spans
        coding = field_coding(block, field.field, rows)
        counted = _counted(coding, field)
        weights = np.ones(len(rows))
        repeated = repeated_in(self._pipeline, field.field, block)
        if repeated is not None:
            weights += repeated[rows]
        for side, chosen in zip(_SIDES, (~is_selected, is_selected), strict=True):
            some = np.flatnonzero(chosen & counted)
            if len(some):
                tally = self._tallies[side, field.name]
                tally.add(coding.values, coding.codes[some], steps[some], weights[some])

    def result(self, exemplars: Exemplars) -> SeriesMatrix:
        """Values of both sides, then their totals."""
        del exemplars
        series: list[tuple[Labels, NDArray[np.float64]]] = []
        for (side, name), tally in self._tallies.items():
            meta = (META_TYPE, Static(Type.STRING, side))
            values = tally.most_frequent(self._compare.top)
            self._guard.add_series(len(values))
            for value, counts in values:
                series.append(((meta, (name, value)), counts))
        for (side, name), tally in self._tallies.items():
            meta = (META_TYPE, Static(Type.STRING, f"{side}_total"))
            series.append(((meta, (name, expressible(NIL))), tally.totals))
        matrix = np.array([counts for _, counts in series]).reshape(len(series), self._steps.count)
        return SeriesMatrix([labels for labels, _ in series], matrix)


def _counted(coding: Coding, field: ComparedField) -> NDArray[np.bool_]:
    """bool[row]: durations are not compared, missing values only of some attributes."""
    left_out = {Type.DURATION} if field.counts_nil else {Type.DURATION, Type.NIL}
    return ~coding.is_of(left_out)[coding.codes]
