"""Series over the steps of a query: what each part of a metric query gives to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.model.value import Matrix, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.logql.metric.steps import Steps


@dataclass(frozen=True, slots=True)
class Frame:
    """Series with a point at some of the steps.

    Attributes:
        labels: [series]; usually distinct, but not after `label_replace`. Their order matters only
            to an instant query that sorts.
        values: float64[series, step]; NaN is a value.
        present: bool[series, step], where there is a point. What `values` has elsewhere means
            nothing.
    """

    labels: Sequence[Labels]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.int64]) -> Frame:
        """These series alone, in this order: int64[k]."""
        labels = [self.labels[row] for row in rows.tolist()]
        return Frame(labels, self.values[rows], self.present[rows])

    def non_empty(self) -> Frame:
        """The series that have a point."""
        used = self.present.any(axis=1)
        return self if used.all() else self.take(np.flatnonzero(used))


def empty_frame(steps: Steps) -> Frame:
    """No series."""
    shape = (0, len(steps))
    return Frame([], np.empty(shape), np.empty(shape, dtype=bool))


def constant_frame(value: float, steps: Steps) -> Frame:
    """One series without labels that has the same value everywhere."""
    shape = (1, len(steps))
    return Frame([Labels()], np.full(shape, value), np.ones(shape, dtype=bool))


def united(frames: Sequence[Frame], steps: Steps) -> Frame:
    """All series of some frames; of equal labels one series is made, the first frame's points win.

    Series are in the order in which they come up.
    """
    number: dict[Labels, int] = {}
    codes = [
        np.array(
            [number.setdefault(labels, len(number)) for labels in frame.labels], dtype=np.int64
        )
        for frame in frames
    ]
    values = np.zeros((len(number), len(steps)))
    present = np.zeros((len(number), len(steps)), dtype=bool)
    for frame, rows in zip(reversed(frames), reversed(codes), strict=True):
        for own, row in zip(range(len(rows) - 1, -1, -1), rows[::-1].tolist(), strict=True):
            mask = frame.present[own]
            values[row][mask] = frame.values[own][mask]
            present[row] |= mask
    return Frame(list(number), values, present)


def vector_of(frame: Frame, steps: Steps, *, keeps_order: bool) -> Vector:
    """The value of an instant query; sorted by labels unless the query sorted it itself."""
    rows = np.flatnonzero(frame.present[:, -1])
    if not keeps_order:
        rows = np.array(sorted(rows.tolist(), key=lambda row: frame.labels[row]), dtype=np.int64)
    labels = [frame.labels[row] for row in rows.tolist()]
    return Vector(int(steps.times_ms[-1]), labels, frame.values[rows, -1])


def matrix_of(frame: Frame, steps: Steps) -> Matrix:
    """The value of a range query: series with points, sorted by labels."""
    if len(set(frame.labels)) < len(frame):
        frame = united([frame], steps)
    times = steps.times_ms
    series = []
    for row in sorted(range(len(frame)), key=lambda row: frame.labels[row]):
        mask = frame.present[row]
        if mask.all():
            series.append((frame.labels[row], times, frame.values[row]))
        elif mask.any():
            series.append((frame.labels[row], times[mask], frame.values[row][mask]))
    return Matrix(series)
