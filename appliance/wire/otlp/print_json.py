"""Messages as OTLP/JSON (OTLP specification, "JSON Protobuf Encoding"), the other way of `json.py`.

As the collector prints it: ids in hexadecimal, enums as numbers, 64-bit integers as strings, other
bytes in base64; fields that are not set are left out.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

_IDS = frozenset(["trace_id", "span_id", "parent_span_id"])
_WIDE = frozenset([FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64])


def print_traces(groups: Iterable[Any]) -> dict[str, object]:
    """ResourceSpans messages as a TracesData object."""
    return {"resourceSpans": [to_object(group) for group in groups]}


def to_object(message: Any) -> dict[str, object]:
    """A message as a JSON object."""
    return {field.json_name: _field(field, value) for field, value in message.ListFields()}


def _field(field: Any, value: Any) -> object:
    if isinstance(value, Message):
        return to_object(value)
    if isinstance(value, bytes):
        return value.hex() if field.name in _IDS else base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str | int | float):
        return str(value) if field.cpp_type in _WIDE else value
    return [_field(field, item) for item in value]
