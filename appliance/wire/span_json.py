"""Stored spans as OTLP groups them, and messages in protobuf's JSON mapping."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.model.trace import StoredSpan

_WIDE = frozenset(
    [FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64]
)  # 64-bit integers are strings in JSON


def group_spans(spans: Iterable[StoredSpan]) -> list[Any]:
    """ResourceSpans messages, in the order in which resources and scopes first occur."""
    groups: dict[bytes, dict[bytes, list[bytes]]] = {}
    for stored in spans:
        scopes = groups.setdefault(stored.resource, {})
        scopes.setdefault(stored.scope, []).append(stored.span)
    return [_resource_spans(resource, scopes) for resource, scopes in groups.items()]


def _resource_spans(resource: bytes, scopes: dict[bytes, list[bytes]]) -> Any:
    found = ResourceSpans()
    found.resource.MergeFromString(resource)
    for scope, spans in scopes.items():
        scope_spans = ScopeSpans(spans=map(Span.FromString, spans))
        scope_spans.scope.MergeFromString(scope)
        found.scope_spans.append(scope_spans)
    return found


def to_dict(message: Any) -> dict[str, Any]:
    """A message in protobuf's JSON mapping: set fields only, camelCase, base64, enum names."""
    return {field.json_name: _field(field, value) for field, value in message.ListFields()}


def _field(field: Any, value: Any) -> Any:
    if isinstance(value, Message):
        return to_dict(value)
    if isinstance(value, str | bytes | int | float):
        return _scalar(field, value)
    return [_field(field, item) for item in value]


def _scalar(field: Any, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if field.cpp_type in _WIDE:
        return str(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
