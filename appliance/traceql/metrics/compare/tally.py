"""Counts of one attribute's values, of which only the most frequent are of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.metrics.labels import expressible
from appliance.traceql.metrics.series import Cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.static import Static


class Tally:
    """Counts by value and step.

    Attributes that have a value of their own on every span would fill the memory: when there are
    too many values, those that were rare so far are forgotten.

    Args:
        steps: How many.
        kept: How many values are certain to be kept; up to this many, counts are exact.
        guard: Is told of the cells.
    """

    def __init__(self, steps: int, kept: int, guard: Guard) -> None:
        self._steps = steps
        self._kept = kept
        self._guard = guard
        self._numbers: dict[Static, int] = {}
        self._cells = Cells(steps, guard)
        guard.add_samples(steps)
        self.totals = np.zeros(steps)

    def add(
        self,
        values: Sequence[Static],
        codes: NDArray[np.int64],
        steps: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> None:
        """Count spans.

        Args:
            values: By code.
            codes, steps, weights: Of each span.
        """
        self.totals += np.bincount(steps, weights=weights, minlength=self._steps)
        by_code = np.bincount(codes, weights=weights, minlength=len(values)).astype(np.float64)
        chosen = np.flatnonzero(by_code)
        if len(chosen) > self._kept:
            chosen = chosen[_greatest(by_code[chosen], self._kept)]
        numbers = np.full(len(values), -1, dtype=np.int64)
        numbers[chosen] = [self._number(values[code]) for code in chosen.tolist()]
        rows = numbers[codes]
        known = rows >= 0
        cells = rows[known] * self._steps + steps[known]
        self._cells.add(len(self._numbers), cells, weights[known])
        if len(self._numbers) > 2 * self._kept:
            self._forget_rare()

    def _number(self, value: Static) -> int:
        """The row of a value as it is shown."""
        return self._numbers.setdefault(expressible(value), len(self._numbers))

    def _forget_rare(self) -> None:
        """Keep the most frequent values only."""
        matrix = self._cells.matrix(len(self._numbers))
        chosen = _greatest(matrix.sum(axis=1), self._kept)
        values = list(self._numbers)
        self._numbers = {values[row]: number for number, row in enumerate(chosen.tolist())}
        self._guard.free_samples(self._cells.size)
        self._cells = Cells(self._steps, self._guard)
        self._cells.grow(len(chosen))[:] = matrix[chosen].ravel()

    def most_frequent(self, count: int) -> list[tuple[Static, NDArray[np.float64]]]:
        """Up to `count` values and their counts, float64[step]."""
        matrix = self._cells.matrix(len(self._numbers))
        values = list(self._numbers)
        chosen = _greatest(matrix.sum(axis=1), count)
        return [(values[row], matrix[row]) for row in chosen.tolist()]


def _greatest(totals: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Where the greatest `count` are, in their order; of equals the first."""
    if len(totals) <= count:
        return np.arange(len(totals))
    return np.sort(np.argsort(-totals, kind="stable")[:count])
