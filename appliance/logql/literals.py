"""Numbers, durations and sizes as LogQL writes them, and as Loki prints them.

Go: `strconv.ParseFloat`, `time.Duration.String`; Prometheus: `model.ParseDuration`; the package
humanize: `Bytes`.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from appliance.base.digits import read_digits
from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.syntax.quoting import quote

_UNITS = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1}
#: Prometheus' units from large to small, in nanoseconds.
_PROMETHEUS = {unit: seconds * 10**9 for unit, seconds in _UNITS.items()} | {"ms": 10**6}
_RANKS = {unit: rank for rank, unit in enumerate(_PROMETHEUS)}
_GO_UNITS = {"ns": 1, "µs": 10**3, "ms": 10**6}
_LONGEST_NS = 2**63 - 1
_PART = re.compile(r"([0-9]+)([^0-9]+)")
_FLOAT = re.compile(
    r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+"
)
#: Go lets an underscore stand between digits, and after `0x`.
_SEPARATOR = re.compile(r"(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])")
_PREFIXES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
#: Exponents from which on `%v` of a number is not written out.
_LEAST_EXPONENT, _MOST_EXPONENT = -4, 21


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
        if unit not in _PROMETHEUS:
            raise BadInput(f"unknown unit {quote(unit)} in duration {quote(text)}")
        if _RANKS[unit] <= rank:
            raise BadInput(wrong)
        rank, at = _RANKS[unit], part.end()
        total += read_digits(count) * _PROMETHEUS[unit]
    if total > _LONGEST_NS:
        raise BadInput("duration out of range")
    return total


def print_duration(nanoseconds: int) -> str:
    """As Go prints a `time.Duration`: `1h30m0s`, `1.5s`, `250ms`."""
    if nanoseconds == 0:
        return "0s"
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < 10**9:
        unit = "ns" if rest < 10**3 else "µs" if rest < 10**6 else "ms"
        return f"{sign}{print_float(Decimal(rest) / _GO_UNITS[unit])}{unit}"
    minutes, rest = divmod(rest, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    text = f"{print_float(Decimal(rest) / 10**9)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def print_prometheus_duration(nanoseconds: int) -> str:
    """As Prometheus prints a duration: `1h30m`, `2d`; exact to the millisecond."""
    milliseconds = nanoseconds // 10**6
    if milliseconds == 0:
        return "0s"
    parts = []
    for unit, size in _PROMETHEUS.items():
        size_ms = size // 10**6
        if milliseconds < size_ms or (unit in {"y", "w"} and milliseconds % size_ms):
            continue
        parts.append(f"{milliseconds // size_ms}{unit}")
        milliseconds %= size_ms
    return "".join(parts)


def print_size(size: int) -> str:
    """As humanize prints it without its blank (`20kB`) when that is exact, else bytes (`1234B`).

    # Differs from Loki: it rounds.
    """
    power = 0
    while power + 1 < len(_PREFIXES) and size >= 1000 ** (power + 1):
        power += 1
    scaled = round(size / 1000**power * 10) / 10
    shown = f"{scaled:.0f}" if scaled >= 10 or power == 0 else f"{scaled:.1f}"
    text = f"{shown}{_PREFIXES[power]}"
    # Loki's lexer does not know EB.
    return text if power < len(_PREFIXES) - 1 and parse_bytes(text) == size else f"{size}B"


def print_float(value: float | Decimal) -> str:
    """The shortest digits that read as the same number, never with an exponent (`%f`, -1).

    # Differs from Loki: there is no minus before zero, which its lexer takes for a duration.
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    digits = f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def print_general(value: float) -> str:
    """As Go's `%v`: with an exponent only where it is below -4 or at least 21."""
    if not math.isfinite(value) or value == 0:
        return print_float(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    shown = "".join(map(str, digits))
    power = len(shown) + int(exponent) - 1
    if _LEAST_EXPONENT <= power < _MOST_EXPONENT:
        return print_float(value)
    point = "." if len(shown) > 1 else ""
    return f"{'-' if sign else ''}{shown[0]}{point}{shown[1:]}e{power:+03d}"
