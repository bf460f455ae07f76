"""Histograms beside samples: boxed cells (`model.sample.box_histograms`) and what they refer to.

A list of histograms belongs to each head, block and group of a result; cells are indexes into it.
Moving cells from one to another means giving them indexes into the other's list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import (
    ABSENT_BITS,
    NORMAL_NAN_BITS,
    box_histograms,
    is_histogram,
    unbox_histograms,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

_NORMAL_NAN = np.array([NORMAL_NAN_BITS], dtype=np.uint64).view(np.float64)[0]
#: Memory of a histogram's objects, and of each of its buckets.
_OBJECT_BYTES, _BUCKET_BYTES = 700, 16


def normalised(
    values: NDArray[np.float64], count: int, *, may_be_absent: bool
) -> NDArray[np.float64]:
    """Values whose bits mean what they should: a float's NaN never passes for anything of ours.

    Args:
        count: Histograms that boxed cells may refer to.
        may_be_absent: Whether an ABSENT cell is meant so.
    """
    doubtful = np.isnan(values)
    if not doubtful.any():
        return values
    odd = is_histogram(values)
    if count and odd.any():
        odd[odd] = unbox_histograms(values[odd]) >= count
    if not may_be_absent:
        odd |= values.view(np.uint64) == ABSENT_BITS
    return np.where(odd, _NORMAL_NAN, values) if odd.any() else values


def adopt(cells: NDArray[np.float64], source: Sequence[Histogram], target: list[Histogram]) -> None:
    """Add what cells refer to in `source` to `target`, and let them refer to that."""
    mask = is_histogram(cells)
    if mask.any():
        needed, place = np.unique(unbox_histograms(cells[mask]), return_inverse=True)
        cells[mask] = box_histograms(place + len(target))
        target += [source[index] for index in needed.tolist()]


def shifted(values: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    """Values whose boxed cells refer to a list that has `by` more histograms in front."""
    mask = is_histogram(values)
    moved = values.copy()
    moved[mask] = box_histograms(unbox_histograms(values[mask]) + by)
    return moved


def in_order(cells: NDArray[np.float64], source: Sequence[Histogram]) -> list[Histogram]:
    """What cells refer to, in the order of the cells."""
    indexes = unbox_histograms(cells[is_histogram(cells)])
    return [source[index] for index in indexes.tolist()]


def size_of(histograms: Iterable[Histogram]) -> int:
    """Memory they take, roughly."""
    return sum(
        _OBJECT_BYTES + _BUCKET_BYTES * (len(item.positive.counts) + len(item.negative.counts))
        for item in histograms
    )
