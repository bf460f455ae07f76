"""`| unwrap`: the numbers that labels hold, read once per distinct text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.lines.column import ABSENT, Column, coded
from appliance.logql.stages import compile_stage
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.logql.ast import Unwrap
    from appliance.logql.rows import Rows

_EXTRACTION_ERROR = "SampleExtractionErr"
_NS_PER_SECOND = 1_000_000_000
_DECIMAL = re.compile(r"[+-]?(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?", re.ASCII)
_HEX = re.compile(
    r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+", re.ASCII
)
#: What JSON has otherwise than Go: spaces around numbers, and an integer that is -0.
_NOT_PLAIN = ("-0", " ", "\t", "\n", "\r")
_SPECIAL = re.compile(r"(?i:[+-]?inf(?:inity)?|nan)", re.ASCII)


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


def read_all(
    texts: Sequence[str], read: Callable[[str], float]
) -> tuple[NDArray[np.float64], Column | None]:
    """Numbers that texts say: float64[text], and what is wrong with those that say none.

    Returns:
        The second is None when nothing is wrong.
    """
    if read is read_number:
        plain = _plain_numbers(texts)
        if plain is not None:
            return plain, None
    numbers, wrong = np.zeros(len(texts)), {}
    for at, text in enumerate(texts):
        try:
            numbers[at] = read(text)
        except BadInput as error:
            wrong[at] = error.message
    if not wrong:
        return numbers, None
    return numbers, coded([wrong.get(at) for at in range(len(texts))])


def _plain_numbers(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """The numbers when all texts are numbers as JSON has them, read in one go."""
    joined = ",".join(texts)
    if any(odd in joined for odd in _NOT_PLAIN):
        return None
    try:
        found = orjson.loads(f"[{joined}]")
    except orjson.JSONDecodeError:
        return None
    if len(found) != len(texts) or not set(map(type, found)) <= {int, float}:
        return None
    return np.array(found, dtype=np.float64)


def read_number(text: str) -> float:
    """A number as Go's `strconv.ParseFloat` reads it.

    Raises:
        BadInput: In Go's words.
    """
    wrong = f"strconv.ParseFloat: parsing {quote(text)}: "
    if _SPECIAL.fullmatch(text):
        return float(text)
    try:
        value = float.fromhex(text) if _HEX.fullmatch(text) else _decimal(text)
    except OverflowError:
        value = np.inf
    except ValueError as error:
        raise BadInput(wrong + "invalid syntax") from error
    if np.isinf(value):
        raise BadInput(wrong + "value out of range")
    return value


def _decimal(text: str) -> float:
    """A number; `float` alone would take more than Go does, such as spaces around it."""
    return float(text if _DECIMAL.fullmatch(text) else "none")


def _read_seconds(text: str) -> float:
    ns = parse_go_duration(text)
    whole, rest = divmod(abs(ns), _NS_PER_SECOND)
    seconds = whole + rest / 1e9
    return -seconds if ns < 0 else seconds


def _read_bytes(text: str) -> float:
    return float(parse_bytes(text))


_READERS: dict[str, Callable[[str], float]] = {
    "duration": _read_seconds,
    "duration_seconds": _read_seconds,
    "bytes": _read_bytes,
}
