"""Text by row, dictionary-coded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: The code of a row without a value.
ABSENT = -1


@dataclass(frozen=True, slots=True)
class Column:
    """One value per row, or none.

    Attributes:
        codes: int32[row], which of `values`; ABSENT where there is none.
        values: Distinct. Not all of them need to be in use.
    """

    codes: NDArray[np.int32]
    values: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def get(self, row: int) -> str | None:
        """The value of a row."""
        code = int(self.codes[row])
        return None if code == ABSENT else self.values[code]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Column:
        """These rows alone, by number or by mask."""
        return Column(self.codes[rows], self.values)

    def present(self) -> NDArray[np.bool_]:
        """Which rows have a value: bool[row]."""
        found: NDArray[np.bool_] = self.codes != ABSENT
        return found


def coded(items: Sequence[str | None]) -> Column:
    """A column from one value, or None, per row."""
    number: dict[str | None, int] = {None: ABSENT}
    for item in dict.fromkeys(items):
        if item is not None:
            number[item] = len(number) - 1
    codes = np.fromiter(map(number.__getitem__, items), np.int32, len(items))
    del number[None]
    return Column(codes, [text for text in number if text is not None])


def constant(value: str, count: int) -> Column:
    """The same value in every row."""
    return Column(np.zeros(count, dtype=np.int32), (value,))


@dataclass(frozen=True, slots=True)
class Fields:
    """What a parser finds in some lines.

    Attributes:
        columns: By label name, sanitised as Loki does, before anything is done about labels of
            the same name that the stream has. A name that is not here is in no regular row.
        irregular: int64[k], ascending: rows that are absent from all columns and have to be
            parsed one by one, because they are broken, or a name comes twice.
    """

    columns: Mapping[str, Column]
    irregular: NDArray[np.int64]
