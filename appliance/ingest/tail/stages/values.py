"""Extracted values as text and numbers (promtail, stages/util.go).

JSON's numbers are floats to promtail; whole ones that a float holds exactly are kept as int here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration
from appliance.wire.numbers import parse_float, print_float

if TYPE_CHECKING:
    from appliance.ingest.tail.entry import Entry

_EXACT = 1 << 53


def text_of(value: Any) -> str | None:
    """A value as text; None for what has none."""
    if type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value) if -_EXACT <= value <= _EXACT else print_float(float(value))
    return print_float(value) if isinstance(value, float) else None


def number_of(value: Any) -> float | None:
    """A value as a number: also texts such as `0.5` and durations in seconds."""
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        return parse_float(value.encode())
    except BadInput:
        pass
    try:
        return parse_go_duration(value) / 1e9
    except BadInput:
        return None


def input_of(entry: Entry, source: str | None) -> str | None:
    """What a stage works on: the line, or an extracted value that has a text."""
    return entry.line if source is None else text_of(entry.extracted.get(source))
