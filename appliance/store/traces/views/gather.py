"""Rows of several columns put together in one order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary, NumberValues

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue


@dataclass(frozen=True, slots=True)
class Gather:
    """Which rows of which sources, and their order.

    Attributes:
        taken: Rows of each source: int64[row].
        order: int64[row], positions in all taken rows one after the other.
    """

    taken: Sequence[NDArray[np.int64]]
    order: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.order)

    def array(self, columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """One column of the sources' columns."""
        parts = [column[rows] for column, rows in zip(columns, self.taken, strict=True)]
        joined: NDArray[Any] = np.concatenate(parts)[self.order]
        return joined

    def dictionary(self, columns: Sequence[Dictionary | None]) -> Dictionary:
        """The same for dictionary-coded columns; values nobody uses are left out.

        Args:
            columns: None where a source has no such column.
        """
        parts = [_taken(column, rows) for column, rows in zip(columns, self.taken, strict=True)]
        merged = merged_dictionaries(parts)
        return Dictionary(merged.ids[self.order], merged.values)

    def sources(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which source each of some rows comes from, and its row there."""
        places = self.order[rows]
        starts = np.cumsum([0, *map(len, self.taken)])
        owners = np.searchsorted(starts, places, side="right") - 1
        return owners, np.concatenate(self.taken)[places]


def _taken(column: Dictionary | None, rows: NDArray[np.int64]) -> Dictionary:
    """Some rows with the values that they use."""
    if column is None:
        return Dictionary(np.full(len(rows), -1, np.int32), [])
    used, places = np.unique(column.ids[rows], return_inverse=True)
    has_none = len(used) > 0 and used[0] < 0
    ids = (places.reshape(-1) - int(has_none)).astype(np.int32)
    kept = used[1:] if has_none else used
    if isinstance(column.values, NumberValues):
        return Dictionary(ids, NumberValues(column.values.array[kept]))
    return Dictionary(ids, [column.values[number] for number in kept.tolist()])


def merged_dictionaries(parts: Sequence[Dictionary]) -> Dictionary:
    """Columns one after the other, equal values once."""
    arrays = [part.values.array for part in parts if isinstance(part.values, NumberValues)]
    are_numbers = all(isinstance(part.values, NumberValues) or not part.values for part in parts)
    if are_numbers and len({array.dtype for array in arrays}) == 1:
        return _merged_numbers(parts, np.concatenate(arrays))
    known: dict[Hashable, int] = {}
    values: list[AttributeValue] = []
    ids = []
    for part in parts:
        moved = np.full(len(part.values) + 1, -1, np.int32)  # the last one: the id -1 stays
        for at, value in enumerate(part.values):
            moved[at] = known.setdefault(_identity(value), len(known))
            if len(known) > len(values):
                values.append(value)
        ids.append(moved[part.ids])
    return Dictionary(np.concatenate(ids), values)


def _merged_numbers(parts: Sequence[Dictionary], joined: NDArray[Any]) -> Dictionary:
    """The same for numbers of one type; equal bits are equal values."""
    unique, places = np.unique(joined.view(np.int64), return_inverse=True)
    places = places.reshape(-1).astype(np.int32)
    ids = []
    start = 0
    for part in parts:
        moved = np.append(places[start : start + len(part.values)], np.int32(-1))
        ids.append(moved[part.ids])
        start += len(part.values)
    return Dictionary(np.concatenate(ids), NumberValues(unique.view(joined.dtype)))


def _identity(value: AttributeValue) -> Hashable:
    """Equal for equal values of one type: in Python, 1 and 1.0 and True are equal."""
    return value if isinstance(value, str) else (type(value), repr(value))
