"""Values of expressions at all steps of a query at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import SeriesGroup


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An instant vector at every step. Its arrays are never changed after it is made.

    Attributes:
        labels: [series].
        values: float64[series, step]; anything where `present` is false or there is a histogram.
        present: bool[series, step], whether there is a sample, float or histogram.
        histograms: object[series, step] of Histogram or None; None when there is none at all.
        nameless: bool[series], series whose metric name goes when the query ends (Prometheus'
            promql-delayed-name-removal); None when none does.
    """

    labels: Sequence[Labels]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]
    histograms: NDArray[Any] | None = None
    nameless: NDArray[np.bool_] | None = None

    @classmethod
    def empty(cls, steps: int) -> Frame:
        """No series."""
        return cls([], np.empty((0, steps)), np.empty((0, steps), dtype=np.bool_))

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Frame:
        """Some rows, by index or mask."""
        indexes = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Frame(
            [self.labels[row] for row in indexes.tolist()],
            self.values[indexes],
            self.present[indexes],
            None if self.histograms is None else self.histograms[indexes],
            None if self.nameless is None else self.nameless[indexes],
        )

    def pruned(self) -> Frame:
        """Without the series that have no sample at any step."""
        used: NDArray[np.bool_] = np.logical_or.reduce(self.present, axis=1)
        return self if used.all() else self.take(used)

    def relabelled(self, labels: Sequence[Labels]) -> Frame:
        """With other labels."""
        return replace(self, labels=labels)

    @property
    def is_histogram(self) -> NDArray[np.bool_]:
        """bool[series, step]: present histograms."""
        if self.histograms is None:
            return np.zeros_like(self.present)
        found: NDArray[np.bool_] = (self.histograms != None) & self.present  # noqa: E711 - by element
        return found

    @property
    def is_float(self) -> NDArray[np.bool_]:
        """bool[series, step]: present floats."""
        return self.present if self.histograms is None else self.present & ~self.is_histogram


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """A range vector at every step: samples and the bounds of each step's window.

    Attributes:
        groups: Samples; STALE cells are ABSENT already.
        starts_ms: int64[step], left ends, not included.
        ends_ms: int64[step], right ends, included.
        extension: `anchored`, `smoothed` or empty.
        nameless: Per group, as in Frame.
    """

    groups: Sequence[SeriesGroup]
    starts_ms: NDArray[np.int64]
    ends_ms: NDArray[np.int64]
    extension: str = ""
    nameless: Sequence[NDArray[np.bool_] | None] = ()


#: float64[step].
Scalars = np.ndarray
Value = Frame | Ranges | np.ndarray | str


def empty_histograms(shape: tuple[int, ...]) -> NDArray[Any]:
    """An object array of None."""
    return np.full(shape, None, dtype=object)


def histograms_of(rows: Sequence[Sequence[Histogram | None]]) -> NDArray[Any]:
    """object[series, step] from nested lists."""
    found = empty_histograms((len(rows), len(rows[0]) if rows else 0))
    for number, row in enumerate(rows):
        found[number, :] = row
    return found
