"""`| unwrap`: the numbers that labels hold, read once per distinct text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import ABSENT, Column
from appliance.lines.numbers import read_all, read_bytes, read_number, read_seconds
from appliance.logql.stages import compile_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.logql.ast import Unwrap
    from appliance.logql.rows import Rows

_EXTRACTION_ERROR = "SampleExtractionErr"


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """Rows that have the label, with what it says.

    Attributes:
        values: float64[row]; 0 where the text could not be read, which the row's `__error__` tells.
    """

    rows: Rows
    values: NDArray[np.float64]


class Unwrapper:
    """Reads a label of rows as numbers, then applies the filters that follow."""

    def __init__(self, unwrap: Unwrap) -> None:
        self._label = unwrap.label
        self._read = _READERS.get(unwrap.conversion, read_number)
        self._filters = [compile_stage(one) for one in unwrap.filters]

    def run(self, rows: Rows) -> Unwrapped:
        """The samples of rows; those without the label, or with an empty one, have none."""
        column = rows.column(self._label)
        if column is None or not len(rows):
            nothing = rows.take(np.empty(0, dtype=np.int64))
            return Unwrapped(nothing, np.empty(0))
        column = column.compact()
        if "" in column.values:
            column = column.without(column.codes == column.values.index("")).compact()
        present = column.present()
        rows, codes = rows.keep(present), column.codes[present]
        numbers, details = read_all(column.values, self._read)
        values = numbers[codes]
        if details is not None:
            wrong = Column(
                np.where(details.codes == ABSENT, np.int32(ABSENT), np.int32(0))[codes],
                (_EXTRACTION_ERROR,),
            )
            rows = rows.with_errors(wrong, details.take(codes.astype(np.int64)))
        return self._filtered(rows, values)

    def _filtered(self, rows: Rows, values: NDArray[np.float64]) -> Unwrapped:
        before = rows.index
        for one in self._filters:
            rows = one(rows)
        if len(rows) != len(before):
            values = values[np.searchsorted(before, rows.index)]
        return Unwrapped(rows, values)


_READERS: dict[str, Callable[[str], float]] = {
    "duration": read_seconds,
    "duration_seconds": read_seconds,
    "bytes": read_bytes,
}
