"""What functions over ranges share: from a range vector through a kernel to a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.model.sample import is_absent, is_histogram, unbox_histograms
from appliance.promql.annotations import info_histogram_ignored_in_range
from appliance.promql.ast import METRIC_NAME
from appliance.promql.frame import Frame, Ranges, empty_histograms
from appliance.promql.names import without_names
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import bounds, sums_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
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

    @classmethod
    def of(cls, found: Ranges) -> Outcome:
        """Nothing present yet."""
        labels = [item for group in found.groups for item in group.labels]
        shape = (len(labels), len(found.ends_ms))
        return cls(labels, np.empty(shape), np.zeros(shape, dtype=np.bool_), [])

    def put(self, row: int, step: int, value: float | Histogram | None) -> None:
        """Set one result."""
        self.present[row, step] = value is not None
        if isinstance(value, float):
            self.values[row, step] = value
        elif value is not None:
            self.histograms.append((row, step, value))

    def name(self, row: int) -> str:
        """The metric name of a series."""
        return self.labels[row].get(METRIC_NAME)

    def frame(self, found: Ranges, context: Context, *, keeps_names: bool = False) -> Frame:
        """The results; series without any are left out."""
        histograms: NDArray[Any] | None = None
        if self.histograms:
            histograms = empty_histograms(self.values.shape)
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
                context.remarks, call.args[0].position, outcome.name(series.row)
            )
    return outcome.frame(found, context)


@dataclass(frozen=True, slots=True, eq=False)
class MixedSeries:
    """A series with histograms, and perhaps floats, among its samples.

    Attributes:
        row: Its number among all series of the range vector.
        times: int64[sample]; floats: float64[sample], anything where there is a histogram.
        histograms: [sample]; None where there is a float.
        lo, hi: intp[step]: windows, [lo, hi).
        began_ms: int64[sample], start times, 0 for none; None without any.
    """

    row: int
    times: NDArray[np.int64]
    floats: NDArray[np.float64]
    histograms: list[Histogram | None]
    lo: NDArray[np.intp]
    hi: NDArray[np.intp]
    began_ms: NDArray[np.int64] | None = None

    @property
    def counts(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Floats and histograms per window: intp[step] each."""
        is_float = np.array([item is None for item in self.histograms], dtype=np.bool_)
        before = sums_before(is_float[np.newaxis])[0]
        floats = before[self.hi] - before[self.lo]
        return floats, self.hi - self.lo - floats


def mixed_series(found: Ranges, reach: Reach | None = None) -> Iterator[MixedSeries]:
    """The series that have a histogram."""
    reach = reach or Reach()
    starts, ends = found.starts_ms - reach.before_ms, found.ends_ms + reach.after_ms
    number = 0
    for group in found.groups:
        boxed = is_histogram(group.values) if group.histograms else None
        rows = [] if boxed is None else np.flatnonzero(boxed.any(axis=1)).tolist()
        for row in rows:
            assert boxed is not None  # noqa: S101 - rows come from it
            present = ~is_absent(group.values[row])
            times, cells = group.timestamps_ms[present], group.values[row][present]
            held: list[Histogram | None] = [None] * len(cells)
            for place in np.flatnonzero(boxed[row][present]).tolist():
                held[place] = group.histograms[int(unbox_histograms(cells[place : place + 1])[0])]
            began = None
            if reach.with_starts and row in group.starts_ms:
                known, values = group.starts_ms[row]
                index = np.searchsorted(known, times, side="right") - 1
                began = np.where(index >= 0, values[np.maximum(index, 0)], 0)
            lo, hi = bounds(times, starts, ends)
            yield MixedSeries(number + row, times, cells, held, lo, hi, began)
        number += len(group.labels)
