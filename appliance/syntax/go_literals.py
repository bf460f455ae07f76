"""Numbers and durations as query languages written in Go read them.

Go: `strconv.ParseFloat`, `time.ParseDuration`; Prometheus: `model.ParseDuration`.
"""

from __future__ import annotations

import math
import re

from appliance.base.digits import read_digits
from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration
from appliance.syntax.quoting import quote

_UNITS = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1}
#: Prometheus' units from large to small, in nanoseconds.
PROMETHEUS_UNITS = {unit: seconds * 10**9 for unit, seconds in _UNITS.items()} | {"ms": 10**6}
_RANKS = {unit: rank for rank, unit in enumerate(PROMETHEUS_UNITS)}
_LONGEST_NS = 2**63 - 1
_PART = re.compile(r"([0-9]+)([^0-9]+)")
_FLOAT = re.compile(
    r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+"
)
#: Go lets an underscore stand between digits, and after `0x`.
_SEPARATOR = re.compile(r"(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])")


def read_float(text: str) -> float:
    """A number without a sign.

    Raises:
        BadInput: In the words of `strconv.ParseFloat`.
    """
    wrong = f"strconv.ParseFloat: parsing {quote(text)}: "
    plain = _SEPARATOR.sub("", text)
    if _FLOAT.fullmatch(plain) is None:
        raise BadInput(wrong + "invalid syntax")
    try:
        value = float.fromhex(plain) if plain[1:2] in {"x", "X"} else float(plain)
    except OverflowError:
        value = math.inf
    if math.isinf(value):
        raise BadInput(wrong + "value out of range")
    return value


def read_duration(text: str) -> int:
    """Nanoseconds in a duration such as `5m`, `1h30m`, `0.5s` or `-3ms`.

    Raises:
        BadInput: Neither a duration of Prometheus nor one of Go.
    """
    try:
        return read_prometheus_duration(text)
    except BadInput:
        return parse_go_duration(text)


def read_prometheus_duration(text: str) -> int:
    """Nanoseconds in a duration as ranges have it: whole numbers, units from large to small.

    Raises:
        BadInput: In the words of Prometheus' `model.ParseDuration`.
    """
    if text == "0":
        return 0
    if not text:
        raise BadInput("empty duration string")
    wrong = f"not a valid duration string: {quote(text)}"
    total, at, rank = 0, 0, -1
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise BadInput(wrong)
        count, unit = part.groups()
        if unit not in PROMETHEUS_UNITS:
            raise BadInput(f"unknown unit {quote(unit)} in duration {quote(text)}")
        if _RANKS[unit] <= rank:
            raise BadInput(wrong)
        rank, at = _RANKS[unit], part.end()
        total += read_digits(count) * PROMETHEUS_UNITS[unit]
    if total > _LONGEST_NS:
        raise BadInput("duration out of range")
    return total
