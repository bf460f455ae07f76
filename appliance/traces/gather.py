"""Rows of many blocks under common group numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

K = TypeVar("K", bound="Hashable")


class Gathered(Generic[K]):
    """Columns of rows that belong to groups, collected block by block.

    Attributes:
        keys: The groups, by number.
    """

    def __init__(self) -> None:
        self.keys: dict[K, int] = {}
        self._groups: list[NDArray[np.int64]] = []
        self._columns: list[tuple[NDArray[np.int64], ...]] = []

    def add(
        self,
        codes: NDArray[np.int64],
        name: Callable[[int], K],
        *columns: NDArray[np.int64],
    ) -> None:
        """Add rows of a block.

        Args:
            codes: int64[row], what tells the groups of this block apart.
            name: A code's group; called once per distinct code.
            columns: int64[row] each, the same number of them in every call.
        """
        if not len(codes):
            return
        distinct, inverse = distinct_codes(codes)
        numbers = [self.keys.setdefault(name(code), len(self.keys)) for code in distinct.tolist()]
        self._groups.append(np.array(numbers, np.int64)[inverse])
        self._columns.append(columns)

    @property
    def groups(self) -> NDArray[np.int64]:
        """Group numbers of all rows: int64[row]."""
        return np.concatenate(self._groups) if self._groups else np.empty(0, np.int64)

    def column(self, number: int) -> NDArray[np.int64]:
        """One of the columns: int64[row]."""
        parts = [columns[number] for columns in self._columns]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)


def distinct_codes(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes in ascending order, each once, and which of them each row has: int64[row].

    Codes that are small numbers, as dictionaries give them, are counted and not sorted.
    """
    if len(codes) and codes.min() >= 0 and codes.max() <= 4 * len(codes):
        distinct = np.flatnonzero(np.bincount(codes))
        places = np.empty(int(distinct[-1]) + 1, np.int64)
        places[distinct] = np.arange(len(distinct))
        return distinct, places[codes]
    found, inverse = np.unique(codes, return_inverse=True)
    return found, inverse.reshape(-1)
