"""Native histograms of unit tests: `schema:1 count:3 sum:5 z_bucket:1 buckets:[1 2] offset:-1`."""

from __future__ import annotations

import re

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.histogram import Buckets, Histogram, ResetHint
from appliance.syntax.quoting import quote

_FIELD = re.compile(r"\s*(\w+):(\[[^\]]*\]|[^\s\[\]]+)")
_HINTS = {
    "unknown": ResetHint.UNKNOWN,
    "reset": ResetHint.RESET,
    "not_reset": ResetHint.NOT_RESET,
    "gauge": ResetHint.GAUGE,
}
_NUMBERS = ("schema", "count", "sum", "z_bucket", "z_bucket_w", "offset", "n_offset")
_LISTS = ("buckets", "n_buckets", "custom_values")


def parse_histogram(text: str) -> Histogram:
    """The histogram that stands between `{{` and `}}`.

    Raises:
        BadInput: A field is unknown, is there twice, or has no such value.
    """
    numbers: dict[str, float] = {}
    lists: dict[str, list[float]] = {}
    hint = ResetHint.UNKNOWN
    for name, value in _fields(text):
        if name == "counter_reset_hint":
            if value not in _HINTS:
                raise BadInput(f"bad counter_reset_hint {quote(value)}; one of {', '.join(_HINTS)}")
            hint = _HINTS[value]
        elif name in _LISTS and value.startswith("["):
            lists[name] = [_number(name, part) for part in value[1:-1].split()]
        elif name in _NUMBERS:
            numbers[name] = _number(name, value)
        else:
            raise BadInput(f"bad histogram descriptor found: {quote(name)}")
    return Histogram(
        int(numbers.get("schema", 0)),
        numbers.get("count", 0.0),
        numbers.get("sum", 0.0),
        numbers.get("z_bucket_w", 0.0),
        numbers.get("z_bucket", 0.0),
        _side(lists.get("buckets", []), int(numbers.get("offset", 0))),
        _side(lists.get("n_buckets", []), int(numbers.get("n_offset", 0))),
        np.array(lists.get("custom_values", []), dtype=np.float64),
        hint,
    )


def _fields(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _FIELD.match(text, at)
        if match is None:
            raise BadInput(f"unexpected {quote(text[at:].strip())} in histogram description")
        if any(name == match[1] for name, _ in found):
            raise BadInput(f"duplicate key {quote(match[1])} in histogram description")
        found.append((match[1], match[2]))
        at = match.end()
    return found


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"error parsing {name} number: {quote(text)}") from None


def _side(counts: list[float], offset: int) -> Buckets:
    indexes = np.arange(offset, offset + len(counts), dtype=np.int64)
    return Buckets(indexes, np.array(counts, dtype=np.float64))
