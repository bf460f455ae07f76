"""Numbers, durations and sizes that texts say, many at a time; errors in the words of Go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.lines.column import Column, coded
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_NS_PER_SECOND = 1_000_000_000
_DECIMAL = re.compile(r"[+-]?(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?", re.ASCII)
_HEX = re.compile(
    r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+", re.ASCII
)
_HEX_SEPARATOR = re.compile(r"(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])")
#: What JSON has otherwise than Go: spaces around numbers, and an integer that is -0.
_NOT_PLAIN = ("-0", " ", "\t", "\n", "\r")
_SPECIAL = re.compile(r"(?i:[+-]?inf(?:inity)?|nan)", re.ASCII)


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
        plain = _HEX_SEPARATOR.sub("", text)
        value = float.fromhex(plain) if _HEX.fullmatch(plain) else _decimal(text)
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


def read_seconds(text: str) -> float:
    """Seconds of a duration as Go writes it.

    Raises:
        BadInput: In Go's words.
    """
    ns = parse_go_duration(text)
    whole, rest = divmod(abs(ns), _NS_PER_SECOND)
    seconds = whole + rest / 1e9
    return -seconds if ns < 0 else seconds


def read_bytes(text: str) -> float:
    """Bytes of a size such as `2KB`.

    Raises:
        BadInput: In Go's words.
    """
    return float(parse_bytes(text))
