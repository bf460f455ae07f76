"""Numbers as Go's strconv reads and prints them, which several contracts fix to the last byte.

Reading: `strconv.ParseFloat` as Prometheus' text parser uses it (no underscores, no hexadecimal).
Printing: `FormatFloat(v, 'f', -1)` and the variant of Prometheus' `jsonutil.MarshalFloat`, which
changes to an exponent below 1e-6 and from 1e21 on. Whole rows are formatted by orjson and mended.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.base.errors import BadInput
from appliance.base.go_float import format_value, print_exponent, print_float, print_general
from appliance.model.sample import NORMAL_NAN_BITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = [
    "NAN",
    "format_timestamps",
    "format_value",
    "format_values",
    "parse_float",
    "parse_floats",
    "print_exponent",
    "print_float",
    "print_floats",
    "print_general",
]

NAN = np.array([NORMAL_NAN_BITS], dtype=np.uint64).view(np.float64)[0]

_FLOAT = re.compile(
    rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf(?:inity)?))|(?i:nan)"
)
_MEMO_SIZE = 100_000
_DIGITS = b"0123456789.eE+-\n"


def parse_float(text: bytes) -> float:
    """One number as Prometheus' exposition parser reads it; every NaN is the ordinary NaN.

    Raises:
        BadInput: Not a number Go accepts, or beyond the range of a float64.
    """
    if _FLOAT.fullmatch(text) is None:
        raise BadInput(f"{_shown(text)} is not a number")
    value = float(text)
    if value != value:  # noqa: PLR0124 - NaN, of whatever bits, becomes the ordinary one
        return float(NAN)
    if value in (float("inf"), float("-inf")) and not text.lstrip(b"+-").lower().startswith(b"inf"):
        raise BadInput(f"{_shown(text)} is out of range")
    return value


def parse_floats(text: bytes) -> NDArray[np.float64]:
    r"""Numbers, each followed by a newline, bit for bit as `parse_float` reads them.

    Returns:
        float64[line].

    Raises:
        BadInput: Some line is not a number.
    """
    if not text:
        return np.empty(0, dtype=np.float64)
    values = _parse_json(text)
    if values is None:  # something JSON does not know, such as +Inf or .5
        lines = text[:-1].split(b"\n")
        values = np.array([parse_float(line) for line in lines], dtype=np.float64)
    missing = np.isnan(values)
    if missing.any():
        values[missing] = NAN
    return values


def _parse_json(text: bytes) -> NDArray[np.float64] | None:
    """Numbers read by orjson, four times as fast as by float(); None when that is not safe."""
    odd = text.translate(None, _DIGITS)
    if odd:
        if len(odd) % 3 or odd != b"NaN" * (len(odd) // 3):
            return None
        text = text.replace(b"NaN", b"null")  # numpy reads None as NaN
    if b"-0\n" in text and (text.startswith(b"-0\n") or b"\n-0\n" in text):
        return None  # an integer to JSON, so the sign would be lost
    try:
        found = orjson.loads(b"[" + text[:-1].replace(b"\n", b",") + b"]")
    except orjson.JSONDecodeError:
        return None
    if len(found) != text.count(b"\n"):  # a single empty line
        return None
    return np.array(found, dtype=np.float64)


def format_values(values: NDArray[np.float64]) -> list[bytes]:
    """A row of values as `format_value` prints them, several times as fast.

    Args:
        values: float64[point].

    Returns:
        [point].
    """
    return _printed(values, format_value)


def print_floats(values: NDArray[np.float64]) -> list[bytes]:
    """A row of values as `print_float` prints them, several times as fast.

    Args:
        values: float64[point].

    Returns:
        [point].
    """
    return _printed(values, print_float)


def _printed(values: NDArray[np.float64], print_odd: Callable[[float], str]) -> list[bytes]:
    """A row of values; those that JSON writes otherwise are printed one by one."""
    row = np.ascontiguousarray(values)
    text = orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    if not text:
        return []
    parts = (text + b",").replace(b".0,", b",").split(b",")
    parts.pop()
    if b"e" in text or b"n" in text:
        for index, part in enumerate(parts):
            if b"e" in part or b"n" in part:
                parts[index] = print_odd(float(row[index])).encode()
    return parts


def format_timestamps(
    timestamps_ms: NDArray[np.int64], memo: dict[int, bytes] | None = None
) -> list[bytes]:
    """Times in seconds as Prometheus prints them in vectors and matrices: `1.500`, `2`.

    Args:
        timestamps_ms: int64[point].
        memo: Times printed before; series of one answer mostly share them.
    """
    times = timestamps_ms.tolist()
    memo = {} if memo is None else memo
    if len(memo) > _MEMO_SIZE:
        memo.clear()
    memo.update((time_ms, _print_time(time_ms)) for time_ms in times if time_ms not in memo)
    return [memo[time_ms] for time_ms in times]


def _print_time(time_ms: int) -> bytes:
    seconds, rest = divmod(abs(time_ms), 1000)
    sign = b"-" if time_ms < 0 else b""
    return sign + (b"%d.%03d" % (seconds, rest) if rest else b"%d" % seconds)


def _shown(text: bytes) -> str:
    return repr(text.decode("utf-8", "replace"))
