"""Numbers, durations and times for people (Prometheus' common library, helpers/templates)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.base.go_float import print_general
from appliance.gotemplate.printf import format_float
from appliance.gotemplate.times import Duration, Time
from appliance.gotemplate.values import ANY, Function, type_name
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGE, _SMALL = "kMGTPEZY", "munpfazy"
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_MAX_INT64 = 2.0**63
_QUANTITY = re.compile(r"([0-9]*)([^0-9]*)")
_UNITS = frozenset({"y", "w", "d", "h", "m", "s", "ms"})


def to_float(value: Any) -> float:
    """The number that a value stands for.

    Raises:
        BadInput: It stands for none.
    """
    if isinstance(value, Duration):
        return value / 1e9
    if isinstance(value, str):
        from appliance.wire.numbers import parse_float  # noqa: PLC0415 - numpy, for texts only

        try:
            return parse_float(value.encode())
        except BadInput:
            message = f"strconv.ParseFloat: parsing {quote(value)}: invalid syntax"
            raise BadInput(message) from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise BadInput(f"can't convert {type_name(value)} to float")


def _four(value: float) -> str:
    """`%.4g`."""
    return format_float(value, "g", 4)


def humanize(given: Any) -> str:
    """A number with a metric prefix: 1500 → 1.5k."""
    value = to_float(given)
    if value == 0 or not math.isfinite(value):
        return _four(value)
    prefix = ""
    if abs(value) >= 1:
        for sign in _LARGE:
            if abs(value) < 1000:
                break
            prefix, value = sign, value / 1000
        return _four(value) + prefix
    return _small(value)


def _small(value: float) -> str:
    prefix = ""
    for sign in _SMALL:
        if abs(value) >= 1:
            break
        prefix, value = sign, value * 1000
    return _four(value) + prefix


def humanize1024(given: Any) -> str:
    """A number with a binary prefix: 2048 → 2ki."""
    value = to_float(given)
    if abs(value) <= 1 or not math.isfinite(value):
        return _four(value)
    prefix = ""
    for sign in _BINARY:
        if abs(value) < 1024:
            break
        prefix, value = sign, value / 1024
    return _four(value) + prefix


def humanize_duration(given: Any) -> str:
    """Seconds as days, hours, minutes and seconds: 3725 → 1h 2m 5s."""
    value = to_float(given)
    if not math.isfinite(value):
        return _four(value)
    if value == 0:
        return _four(value) + "s"
    if abs(value) < 1:
        return _small(value) + "s"
    sign, value = ("-", -value) if value < 0 else ("", value)
    seconds = int(value)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [f"{days}d", f"{hours}h", f"{minutes}m", f"{seconds % 60}s"]
    first = next((at for at, number in enumerate((days, hours, minutes)) if number), None)
    return sign + (_four(value) + "s" if first is None else " ".join(parts[first:]))


def humanize_percentage(given: Any) -> str:
    """A ratio in percent: 0.5 → 50%."""
    return _four(to_float(given) * 100) + "%"


def _nanoseconds(value: float) -> int:
    """Unix time of a number of seconds, as Prometheus cuts it to milliseconds."""
    ns = value * 1e9
    if ns > _MAX_INT64 or ns < -_MAX_INT64:
        shown = print_general(value)
        message = "cannot be represented as a nanoseconds timestamp since it overflows int64"
        raise BadInput(f"{shown} {message}")
    return abs(int(ns)) // 10**6 * 10**6 * (1 if ns >= 0 else -1)


def humanize_timestamp(given: Any) -> str:
    """Unix seconds as date and time."""
    value = to_float(given)
    return _four(value) if not math.isfinite(value) else Time(_nanoseconds(value)).go_string()


def to_time(given: Any) -> Time:
    """Unix seconds as a time."""
    value = to_float(given)
    if not math.isfinite(value):
        raise BadInput("value is NaN or Inf")
    return Time(_nanoseconds(value), "*time.Time")


def to_duration(given: Any) -> Duration:
    """Seconds as a duration."""
    value = to_float(given)
    if not math.isfinite(value):
        raise BadInput("value is NaN or Inf")
    return Duration(int(value * 1e9))


def parse_duration_seconds(text: str) -> float:
    """Seconds of a Prometheus duration, which may be negative.

    Raises:
        BadInput: Not a duration.
    """
    plain = text.removeprefix("-")
    if not plain:
        raise BadInput("empty duration string")
    try:
        return parse_duration(plain) / 1000 * (-1 if plain != text else 1)
    except BadInput:
        for digits, unit in _QUANTITY.findall(plain):
            if digits and unit and unit not in _UNITS:
                message = f"unknown unit {quote(unit)} in duration {quote(plain)}"
                raise BadInput(message) from None
            if not digits or not unit:
                break
        raise BadInput(f"not a valid duration string: {quote(plain)}") from None


HUMANIZE_FUNCTIONS: Mapping[str, Function] = {
    "humanize": Function((ANY,), humanize),
    "humanize1024": Function((ANY,), humanize1024),
    "humanizeDuration": Function((ANY,), humanize_duration),
    "humanizePercentage": Function((ANY,), humanize_percentage),
    "humanizeTimestamp": Function((ANY,), humanize_timestamp),
    "parseDuration": Function(("string",), parse_duration_seconds),
    "toDuration": Function((ANY,), to_duration),
    "toTime": Function((ANY,), to_time),
}
