"""Text by row, dictionary-coded.

Invariants: values of a column are distinct; a code is an index of `values` or ABSENT. Columns are
never changed after they were made, so rows, chunks and threads may share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

    def any(self) -> bool:
        """Whether any row has a value."""
        return bool((self.codes != ABSENT).any())

    def without(self, mask: NDArray[np.bool_]) -> Column:
        """The same column with no value where the mask holds: bool[row]."""
        return Column(np.where(mask, np.int32(ABSENT), self.codes), self.values)

    def over(self, below: Column) -> Column:
        """This column where it has a value, else the one below."""
        if self.values is below.values or not below.any():
            codes = below.codes if self.values is below.values else self.codes
            return Column(np.where(self.codes != ABSENT, self.codes, codes), self.values)
        number = {text: code for code, text in enumerate(self.values)}
        moved = np.array(
            [number.setdefault(text, len(number)) for text in below.values] + [ABSENT],
            dtype=np.int32,
        )
        codes = np.where(self.codes != ABSENT, self.codes, moved[below.codes])
        return Column(codes, list(number))

    def compact(self) -> Column:
        """The same column with only the values in use, in the order of their codes."""
        used = np.zeros(len(self.values) + 1, dtype=bool)
        used[self.codes] = True
        used[-1] = False  # where ABSENT points
        if used[:-1].all():
            return self
        kept = np.flatnonzero(used)
        moved = np.full(len(used), ABSENT, dtype=np.int32)
        moved[kept] = np.arange(len(kept), dtype=np.int32)
        return Column(moved[self.codes], [self.values[code] for code in kept.tolist()])

    def test(self, check: Callable[[str], bool], *, absent: bool) -> NDArray[np.bool_]:
        """What a check says of each row's value, asked once per value in use: bool[row].

        absent: What holds for rows without a value.
        """
        compact = self.compact()
        verdict = np.array([*map(check, compact.values), absent], dtype=bool)
        found: NDArray[np.bool_] = verdict[compact.codes]
        return found

    def texts(self) -> list[str | None]:
        """The rows' values, one after the other."""
        values = [*self.values, None]
        return [values[code] for code in self.codes.tolist()]


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


def absent(count: int) -> Column:
    """No value in any row."""
    return Column(np.full(count, ABSENT, dtype=np.int32), ())


def scattered(column: Column, rows: NDArray[np.int64], count: int) -> Column:
    """A column of `count` rows that has the given one's values at the given rows: int64[k]."""
    codes = np.full(count, ABSENT, dtype=np.int32)
    codes[rows] = column.codes
    return Column(codes, column.values)


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
