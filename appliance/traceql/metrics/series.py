"""Series while they are counted, and as the stages of a query hand them on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.traceql.metrics.labels import Labels
    from appliance.traceql.results import SpanExemplar

#: More series than this are not counted, whatever comes after them in the query.
MOST_SERIES = 100_000


@dataclass(frozen=True, slots=True)
class SeriesMatrix:
    """Series and their points.

    Attributes:
        labels: Distinct.
        values: float64[series, step]; NaN where there is no point.
        exemplars: Of each series; empty when none were asked for. A value of NaN stands for the
            point of its step.
        is_partial: Whether there were more series than are counted.
    """

    labels: Sequence[Labels]
    values: NDArray[np.float64]
    exemplars: Sequence[Sequence[SpanExemplar]] = ()
    is_partial: bool = False

    def take(self, rows: NDArray[np.int64]) -> SeriesMatrix:
        """Some of the series, in the order of `rows`."""
        chosen = rows.tolist()
        return SeriesMatrix(
            [self.labels[row] for row in chosen],
            self.values[rows],
            [self.exemplars[row] for row in chosen] if self.exemplars else (),
            self.is_partial,
        )

    def with_values(self, values: NDArray[np.float64]) -> SeriesMatrix:
        """Other points; series that have none are left out."""
        kept = np.flatnonzero((~np.isnan(values)).any(axis=1)) if values.size else np.arange(0)
        return SeriesMatrix(self.labels, values, self.exemplars, self.is_partial).take(kept)


@dataclass(slots=True)
class SeriesNumbers:
    """Numbers series in the order in which they are met.

    Attributes:
        guard: Is told of each new one.
        labels: By number.
        is_full: Whether there were more than `MOST_SERIES`.
    """

    guard: Guard
    labels: list[Labels] = field(default_factory=list)
    is_full: bool = False
    _known: dict[Labels, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def number(self, labels: Labels) -> int:
        """The number of a series; -1 for what comes after the last that is counted."""
        number = self._known.get(labels)
        if number is not None:
            return number
        if len(self.labels) >= MOST_SERIES:
            self.is_full = True
            return -1
        self.guard.add_series(1)
        number = self._known[labels] = len(self.labels)
        self.labels.append(labels)
        return number


class Cells:
    """One number for each series and step, which grows with the series.

    Attributes:
        steps: How many there are.
    """

    def __init__(self, steps: int, guard: Guard, fill: float = 0.0) -> None:
        self.steps = steps
        self._guard = guard
        self._fill = fill
        self._flat = np.empty(0, dtype=np.float64)
        self._series = 0

    @property
    def size(self) -> int:
        """How many cells the guard has been told of."""
        return len(self._flat)

    def grow(self, series: int) -> NDArray[np.float64]:
        """The cells of at least so many series: float64[series * step], a view."""
        self._series = max(self._series, series)
        needed = self._series * self.steps
        if needed > len(self._flat):
            size = max(needed, 2 * len(self._flat))
            self._guard.add_samples(size - len(self._flat))
            grown = np.full(size, self._fill)
            grown[: len(self._flat)] = self._flat
            self._flat = grown
        return self._flat[:needed]

    def add(
        self, series: int, cells: NDArray[np.int64], values: NDArray[np.float64] | None
    ) -> None:
        """Add values (None: one each) to cells, `series * steps + step`; cells may repeat."""
        flat = self.grow(series)
        if len(flat) > 16 * len(cells):
            np.add.at(flat, cells, 1.0 if values is None else values)
        else:
            flat += np.bincount(cells, weights=values, minlength=len(flat))

    def matrix(self, series: int) -> NDArray[np.float64]:
        """float64[series, step], a view."""
        return self.grow(series).reshape(-1, self.steps)[:series]
