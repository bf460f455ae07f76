"""A range vector as dense arrays: the samples of many series side by side, and window bounds.

Functions over ranges work on `Windows`: a matrix of samples without gaps and, per step, the index
of a window's first sample and that after its last. Series of one group without gaps share times
and bounds (one row of them); series with gaps are moved together to the left and have bounds of
their own, as have the series of small groups, which are stacked.

Invariants: every row has a sample at least; bounds never reach the padding behind a row's samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.generic)
#: Cells of one batch of windows.
_BATCH_CELLS = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Series with their samples and the bounds of their windows.

    Attributes:
        rows: intp[series], their numbers among all series of the range vector.
        times: int64[1 or series, sample], milliseconds.
        values: float64[series, sample].
        lo, hi: intp[1 or series, step]; a window is [lo, hi), both at most the sample count.
        starts_ms, ends_ms: int64[step], what the windows span: (start, end].
        began_ms: int64[series, sample], start times of the samples, 0 for none; None without any.
    """

    rows: NDArray[np.intp]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    lo: NDArray[np.intp]
    hi: NDArray[np.intp]
    starts_ms: NDArray[np.int64]
    ends_ms: NDArray[np.int64]
    began_ms: NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Series and steps."""
        return len(self.values), self.lo.shape[1]

    @property
    def counts(self) -> NDArray[np.intp]:
        """intp[1 or series, step], samples per window."""
        return self.hi - self.lo

    @property
    def first(self) -> NDArray[np.intp]:
        """intp[1 or series, step], the index of a window's first sample; any where it has none."""
        found: NDArray[np.intp] = np.minimum(self.lo, self.values.shape[1] - 1)
        return found

    @property
    def last(self) -> NDArray[np.intp]:
        """intp[1 or series, step], the index of a window's last sample; any where it has none."""
        found: NDArray[np.intp] = np.maximum(self.hi - 1, 0)
        return found

    def with_values(self, values: NDArray[np.float64]) -> Windows:
        """Other values at the same times."""
        return Windows(
            self.rows, self.times, values, self.lo, self.hi, self.starts_ms, self.ends_ms
        )


def at(array: NDArray[_Number], index: NDArray[np.intp]) -> NDArray[_Number]:
    """Elements of an array[1 or series, sample] by index[1 or series, step]."""
    found: NDArray[_Number]
    if index.shape[0] == 1:
        found = np.take(array, index[0], axis=1)
    elif array.shape[0] == 1:
        found = array[0][index]
    else:
        found = np.take_along_axis(array, index, axis=1)
    return found


def sums_before(marks: NDArray[Any], dtype: type[np.generic] = np.intp) -> NDArray[Any]:
    """[series, sample + 1]: what the marks before each sample, and at the end, add up to."""
    totals = np.zeros((len(marks), marks.shape[1] + 1), dtype=dtype)
    np.cumsum(marks, axis=1, out=totals[:, 1:])
    return totals


def count_within(marks: NDArray[np.bool_], windows: Windows) -> NDArray[np.intp]:
    """intp[series, step], how many samples of each window are marked (bool[series, sample])."""
    before = sums_before(marks)
    found: NDArray[np.intp] = at(before, windows.hi) - at(before, windows.lo)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Windows of about the same length, side by side.

    Attributes:
        rows, steps: intp[window], whose they are, by row of the Windows.
        counts: intp[window], at least 1.
        times: int64[window, sample]; values: float64[window, sample]; padding repeats a sample.
    """

    rows: NDArray[np.intp]
    steps: NDArray[np.intp]
    counts: NDArray[np.intp]
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def within(self) -> NDArray[np.bool_]:
        """bool[window, sample]: no padding."""
        found: NDArray[np.bool_] = np.arange(self.values.shape[1]) < self.counts[:, np.newaxis]
        return found


def batches(windows: Windows, wanted: NDArray[np.bool_]) -> Iterator[Batch]:
    """The samples of some windows, those without any left out.

    Args:
        wanted: bool[series, step].
    """
    counts = np.broadcast_to(windows.counts, windows.shape)
    rows, steps = np.nonzero(wanted & (counts > 0))
    lengths = counts[rows, steps]
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        # Ascending lengths: so many fit even if all are as long as the last of them.
        end = start + max(1, _BATCH_CELLS // int(lengths[order[start]]))
        end = start + max(1, _BATCH_CELLS // int(lengths[order[min(end, len(order)) - 1]]))
        chosen = order[start:end]
        yield _batch(windows, rows[chosen], steps[chosen])
        start = end


def _batch(windows: Windows, rows: NDArray[np.intp], steps: NDArray[np.intp]) -> Batch:
    own = rows if len(windows.lo) > 1 else np.zeros_like(rows)
    lo = windows.lo[own, steps]
    counts = windows.hi[own, steps] - lo
    within = np.arange(int(counts.max()))
    index = lo[:, np.newaxis] + np.minimum(within, counts[:, np.newaxis] - 1)
    timed = rows if len(windows.times) > 1 else np.zeros_like(rows)
    return Batch(
        rows,
        steps,
        counts,
        windows.times[timed[:, np.newaxis], index],
        windows.values[rows[:, np.newaxis], index],
    )


def bounds(
    times: NDArray[np.int64], starts_ms: NDArray[np.int64], ends_ms: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of windows (start, end] over ascending times: intp[step] each, first sample and end."""
    return (
        np.searchsorted(times, starts_ms, side="right"),
        np.searchsorted(times, ends_ms, side="right"),
    )


def bounds_of(
    windows: Windows, times_ms: NDArray[np.int64], *, side: Literal["left", "right"]
) -> NDArray[np.intp]:
    """intp[1 or series, step]: where the steps' times belong among the samples of the windows.

    Args:
        times_ms: int64[step].
        side: `left`: the first sample at or after a time; `right`: the first after it.

    Returns:
        Indexes, at least `lo` and at most `hi`.
    """
    rows = [
        np.searchsorted(times[: int(hi.max())], times_ms, side=side)
        for times, hi in zip(windows.times, windows.hi, strict=False)
    ]
    if len(windows.times) < len(windows.hi):
        rows = [np.searchsorted(windows.times[0], times_ms, side=side)]
    return np.clip(np.stack(rows), windows.lo, windows.hi)
