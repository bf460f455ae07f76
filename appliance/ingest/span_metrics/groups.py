"""Rows that are alike, and what histograms say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows by equal codes.

    Attributes:
        number: int64[row], the group of a row.
        first: int64[group], a row of each.
    """

    number: NDArray[np.int64]
    first: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sums of values per row: float64[group]."""
        return np.bincount(self.number, values, len(self)).astype(np.float64)

    def counts(self) -> NDArray[np.int64]:
        """Rows of each: int64[group]."""
        return np.bincount(self.number, minlength=len(self))


def group(columns: Sequence[NDArray[Any]]) -> Groups:
    """Groups of rows that are equal in all columns of small integers."""
    number = np.zeros(len(columns[0]), np.int64)
    first = number[:1]
    for column in columns:
        low = int(column.min(initial=0))
        span = int(column.max(initial=0)) - low + 1
        _, first, number = np.unique(
            number * span + (column - low), return_index=True, return_inverse=True
        )
    return Groups(number.reshape(-1), first)


def histogram(
    groups: Groups, values: NDArray[np.float64], bounds: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A histogram of each group.

    Returns:
        float64[group, 3 + bounds]: sum, count and the cumulative buckets; int64[row], the bucket.
    """
    buckets = np.searchsorted(np.array(bounds), values, side="left")
    width = len(bounds) + 1
    counts = np.bincount(groups.number * width + buckets, minlength=len(groups) * width)
    cumulative = counts.reshape(-1, width).cumsum(axis=1)
    heads = np.column_stack([groups.sums(values), cumulative[:, -1]])
    return np.hstack([heads, cumulative]), buckets


@dataclass(frozen=True, slots=True)
class Observed:
    """Observations that stand for others.

    Attributes:
        groups: int64[observation], the group of each.
        columns: int64[observation], the bucket's column in the group's block.
        values: float64[observation].
        trace_ids: uint8[observation, 16].
    """

    groups: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    trace_ids: NDArray[np.uint8]


def last_observed(
    groups: Groups,
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    trace_ids: NDArray[np.uint8],
) -> Observed:
    """The last observation of every group and bucket.

    Args:
        columns: int64[row], the bucket's column in the block of a row's group.
        values: float64[row].
        trace_ids: uint8[row, 16].
    """
    codes = groups.number * (int(columns.max(initial=0)) + 1) + columns
    _, last = np.unique(codes[::-1], return_index=True)
    rows = len(codes) - 1 - last
    return Observed(groups.number[rows], columns[rows], values[rows], trace_ids[rows])
