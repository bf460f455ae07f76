"""What functions over ranges share: from a range vector through a kernel to a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.annotations import info_histogram_ignored_in_range
from appliance.promql.ast import METRIC_NAME
from appliance.promql.frame import Frame, Ranges, empty_histograms
from appliance.promql.mixed import mixed_series
from appliance.promql.names import without_names
from appliance.promql.pieces import Reach, pieces
from appliance.promql.remark_position import argument_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.histogram_batch import HistogramBatch
    from appliance.model.labels import Labels
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value
    from appliance.promql.windows import Windows

#: Values float64[series, step], and where there is one: bool[1 or series, step].
Kernel = "Callable[[Windows], tuple[NDArray[np.float64], NDArray[np.bool_]]]"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Results of a function for all series of a range vector, filled row by row.

    Attributes:
        values: float64[series, step]; present: bool[series, step].
    """

    labels: list[Labels]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]
    histograms: list[tuple[int, int, Histogram]]
    histogram_batches: list[tuple[NDArray[np.intp], NDArray[np.intp], HistogramBatch]]

    @classmethod
    def of(cls, found: Ranges) -> Outcome:
        """Nothing present yet."""
        labels = [item for group in found.groups for item in group.labels]
        shape = (len(labels), len(found.ends_ms))
        return cls(labels, np.zeros(shape), np.zeros(shape, dtype=np.bool_), [], [])

    def put(self, row: int, step: int, value: float | Histogram | None) -> None:
        """Set one result."""
        self.present[row, step] = value is not None
        if isinstance(value, float):
            self.values[row, step] = value
        elif value is not None:
            self.histograms.append((row, step, value))

    def put_batch(
        self, rows: NDArray[np.intp], steps: NDArray[np.intp], batch: HistogramBatch
    ) -> None:
        """Set many results."""
        self.present[rows, steps] = True
        self.histogram_batches.append((rows, steps, batch))

    def float_counts(self) -> NDArray[np.intp]:
        """intp[series], how many results are floats."""
        found: NDArray[np.intp] = np.count_nonzero(self.present, axis=1)
        for row, _, _ in self.histograms:
            found[row] -= 1
        for rows, _, _ in self.histogram_batches:
            found -= np.bincount(rows, minlength=len(found))
        return found

    def name(self, row: int) -> str:
        """The metric name of a series."""
        return self.labels[row].get(METRIC_NAME)

    def frame(self, found: Ranges, context: Context, *, keeps_names: bool = False) -> Frame:
        """The results; series without any are left out."""
        histograms: NDArray[Any] | None = None
        if self.histograms or self.histogram_batches:
            histograms = empty_histograms(self.values.shape)
            for rows, steps, batch in self.histogram_batches:
                histograms[rows, steps] = batch.cells()
            for row, step, histogram in self.histograms:
                histograms[row, step] = histogram
        frame = Frame(self.labels, self.values, self.present, histograms)
        if not keeps_names:
            return without_names(frame.pruned(), context)
        return replace(frame, nameless=_nameless(found)).pruned()


def _nameless(found: Ranges) -> NDArray[np.bool_] | None:
    if not any(marks is not None for marks in found.nameless):
        return None
    return np.concatenate(
        [
            np.zeros(len(group.labels), dtype=np.bool_) if marks is None else marks
            for group, marks in zip(found.groups, found.nameless, strict=True)
        ]
    )


def range_of(call: Call, values: Sequence[Value]) -> Ranges:
    """The range vector among a function's arguments.

    Raises:
        QueryFailed: It is an extended one, which few functions take.
    """
    found = next(value for value in values if isinstance(value, Ranges))
    safe = {"anchored": ANCHORED_SAFE, "smoothed": SMOOTHED_SAFE}.get(found.extension)
    if safe is not None and call.name not in safe:
        raise QueryFailed(
            f"{found.extension} modifier can only be used with: {', '.join(sorted(safe))}"
            f" - not with {call.name}"
        )
    return found


SMOOTHED_SAFE = frozenset(["delta", "increase", "rate"])
ANCHORED_SAFE = SMOOTHED_SAFE | {"changes", "resets"}


def fill(
    outcome: Outcome,
    windows: Iterator[Windows],
    context: Context,
    *,
    kernel: Callable[[Windows], tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> None:
    """Run a kernel over all pieces."""
    for piece in windows:
        values, present = kernel(piece)
        outcome.values[piece.rows] = values
        outcome.present[piece.rows] = present
        context.guard.check()


def floats_only(
    call: Call,
    found: Ranges,
    context: Context,
    *,
    kernel: Callable[[Windows], NDArray[np.float64]],
    at_least: int = 1,
) -> Frame:
    """A function of floats: histograms in a range are ignored, with an info about it.

    Args:
        at_least: Samples that a window needs.
    """
    outcome = Outcome.of(found)
    fill(
        outcome,
        pieces(found, Reach()),
        context,
        kernel=lambda piece: (kernel(piece), piece.counts >= at_least),
    )
    for series in mixed_series(found):
        floats, histograms = series.counts
        if ((floats > 0) & (histograms > 0)).any():
            info_histogram_ignored_in_range(
                context.remarks, argument_position(call), outcome.name(series.row)
            )
    return outcome.frame(found, context)
