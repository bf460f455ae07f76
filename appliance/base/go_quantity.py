"""Durations and sizes in bytes as Go programs read them from text.

`time.ParseDuration` of Go and `humanize.ParseBytes` of dustin/go-humanize, with their words for
what is wrong. LogQL's filters, `unwrap` and templates all use these.
"""

from __future__ import annotations

import re

from appliance.base.digits import cut_fraction, read_digits
from appliance.base.errors import BadInput

_NS = {
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9,
    "h": 3600 * 10**9,
}  # fmt: skip
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_MAX_NS = (1 << 63) - 1
_SIZE = re.compile(r"([0-9.,]*)\s*(.*?)\s*", re.DOTALL)
_PREFIXES = "kmgtpe"
_FLOAT = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_MAX_BYTES = 1 << 64
_SECOND = 10**9


def _sizes() -> dict[str, int]:
    found = {"": 1, "b": 1}
    for power, prefix in enumerate(_PREFIXES, 1):
        found[prefix] = found[f"{prefix}b"] = 1000**power
        found[f"{prefix}i"] = found[f"{prefix}ib"] = 1024**power
    return found


_BYTES = _sizes()


def _shown(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def parse_go_duration(text: str) -> int:
    """Nanoseconds of a duration such as `1h15m30.918s`, `-1.5ms` or `0`.

    Raises:
        BadInput: In Go's words, `time: missing unit in duration "12"`.
    """
    invalid = BadInput(f"time: invalid duration {_shown(text)}")
    body = text[1:] if text[:1] in {"-", "+"} and text else text
    if body == "0":
        return 0
    if not body:
        raise invalid
    total, at = 0, 0
    while at < len(body):
        match = _PART.match(body, at)
        if match is None or not (match[1] or match[2]):
            raise invalid
        total += _part_ns(match, text)
        at = match.end()
    if total > _MAX_NS + text.startswith("-"):
        raise invalid
    return -total if text.startswith("-") else total


def _part_ns(match: re.Match[str], text: str) -> int:
    whole, fraction, unit = match[1], match[2] or "", match[3]
    if not unit:
        raise BadInput(f"time: missing unit in duration {_shown(text)}")
    scale = _NS.get(unit)
    if scale is None:
        raise BadInput(f"time: unknown unit {_shown(unit)} in duration {_shown(text)}")
    found = read_digits(whole or "0") * scale
    if fraction := cut_fraction(fraction):
        found += int(float(int(fraction)) * (float(scale) / 10.0 ** len(fraction)))
    return found


def print_go_duration(ns: int) -> str:
    """Nanoseconds as Go prints a `time.Duration`: `1h2m0.5s`, `1.5ms`, `0s`."""
    size, sign = abs(ns), "-" if ns < 0 else ""
    if size < _SECOND:
        for unit in ("ms", "µs"):
            if size >= _NS[unit]:
                return f"{sign}{_decimal(size, _NS[unit])}{unit}"
        return f"{sign}{size}ns" if size else "0s"
    hours, rest = divmod(size, _NS["h"])
    minutes, seconds = divmod(rest, _NS["m"])
    text = f"{_decimal(seconds, _SECOND)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return sign + (f"{hours}h" if hours else "") + text


def _decimal(value: int, scale: int) -> str:
    whole, rest = divmod(value, scale)
    return f"{whole}.{rest:0{len(str(scale)) - 1}d}".rstrip("0").rstrip(".")


def parse_bytes(text: str) -> int:
    """Bytes of a size such as `42 MB`, `1.5KiB`, `7b` or `12`; k is 1,000 and Ki 1,024.

    Raises:
        BadInput: In the words of Go's library, `unhandled size name: xb`.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise BadInput(f"unhandled size name: {text}")
    digits, unit = match[1].replace(",", ""), match[2].lower()
    if _FLOAT.fullmatch(digits) is None:
        raise BadInput(f"strconv.ParseFloat: parsing {_shown(digits)}: invalid syntax")
    scale = _BYTES.get(unit)
    if scale is None:
        raise BadInput(f"unhandled size name: {unit}")
    found = float(digits) * float(scale)
    if found >= _MAX_BYTES:
        raise BadInput(f"too large: {text}")
    return int(found)
