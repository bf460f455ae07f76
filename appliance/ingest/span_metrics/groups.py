"""Rows that are alike, and what histograms say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels

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


def exemplars(
    groups: Groups,
    buckets: NDArray[np.int64],
    first_bucket: int,
    observed: tuple[NDArray[np.float64], NDArray[np.uint8], int],
) -> list[tuple[int, int, Exemplar]]:
    """The last observation of every group and bucket: (group, row in its block, exemplar).

    Args:
        observed: float64[row], the values; uint8[row, 16], the traces; when, in milliseconds.
    """
    values, trace_ids, now_ms = observed
    width = int(buckets.max(initial=0)) + 1
    codes = (groups.number * width + buckets)[::-1]
    _, last = np.unique(codes, return_index=True)
    rows = len(codes) - 1 - last
    found = []
    for row in rows.tolist():
        labels = Labels([("traceID", trace_ids[row].tobytes().hex())])
        exemplar = Exemplar(labels, float(values[row]), now_ms)
        found.append((int(groups.number[row]), first_bucket + int(buckets[row]), exemplar))
    return found
