"""Prometheus durations: "1h30m" ↔ milliseconds (Prometheus, configuration, <duration>)."""

from __future__ import annotations

import re

from appliance.base.errors import BadInput

_UNITS_MS = (
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
)
_PATTERN = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit, _ in _UNITS_MS))

#: What Go can express.
_LONGEST_MS = ((1 << 63) - 1) // 10**6


def parse_duration(text: str) -> int:
    """Milliseconds in a duration such as `15s`, `1h30m` or `0`.

    Raises:
        BadInput: Not a duration; units must go from large to small, each at most once.
    """
    if text == "0":
        return 0
    match = _PATTERN.fullmatch(text)
    if not text or match is None:
        raise BadInput(f"not a valid duration string: {text!r}; write for example 15s, 5m or 1h30m")
    counts = (int(count) if count else 0 for count in match.groups())
    found = sum(count * ms for count, (_, ms) in zip(counts, _UNITS_MS, strict=True))
    if found > _LONGEST_MS:
        raise BadInput(f"duration out of range: {text!r}; the longest is 292 years")
    return found


def print_duration(ms: int) -> str:
    """The text Prometheus prints for `ms`; years and weeks only when nothing is left over."""
    if ms == 0:
        return "0s"
    parts: list[str] = []
    for unit, size in _UNITS_MS:
        exact_only = unit in {"y", "w"}
        if ms < size or (exact_only and ms % size):
            continue
        parts.append(f"{ms // size}{unit}")
        ms %= size
    return "".join(parts)
