"""Numbers, durations and sizes as Loki prints them.

Go: `strconv.FormatFloat`, `time.Duration.String`; the package humanize: `Bytes`.
"""

from __future__ import annotations

import math
from decimal import Decimal

from appliance.base.go_quantity import parse_bytes
from appliance.syntax.go_literals import PROMETHEUS_UNITS

_GO_UNITS = {"ns": 1, "µs": 10**3, "ms": 10**6}
_PREFIXES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
#: Exponents from which on `%v` of a number is not written out.
_LEAST_EXPONENT, _MOST_EXPONENT = -4, 21


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
    for unit, size in PROMETHEUS_UNITS.items():
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
