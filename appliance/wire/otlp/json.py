"""OTLP/JSON requests to protobuf requests (OTLP specification, "JSON Protobuf Encoding").

The message descriptors say what each field is. Where OTLP departs from protobuf's own JSON
mapping, so does this: ids are hexadecimal in either case, enums are numbers. 64-bit integers may be
numbers or strings, unknown fields and nulls are ignored. Names of enum values and snake_case keys,
which the collector refuses, are accepted as well.
"""

from __future__ import annotations

import base64
import binascii
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes that an id may have; none at all means absent.
_ID_BYTES = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
#: protobuf itself reads no deeper.
_MAX_DEPTH = 90

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


def traces_from_json(body: bytes) -> bytes:
    """An ExportTraceServiceRequest from OTLP/JSON.

    Raises:
        BadInput: Not JSON, or of the wrong shape; names the place as `resourceSpans[0].…`.
    """
    return _convert(ExportTraceServiceRequest, body)


def metrics_from_json(body: bytes) -> bytes:
    """An ExportMetricsServiceRequest from OTLP/JSON; raises as `traces_from_json`."""
    return _convert(ExportMetricsServiceRequest, body)


def logs_from_json(body: bytes) -> bytes:
    """An ExportLogsServiceRequest from OTLP/JSON; raises as `traces_from_json`."""
    return _convert(ExportLogsServiceRequest, body)


@dataclass(frozen=True, slots=True)
class _Field:
    """How the values of one field are read."""

    name: str
    is_list: bool
    is_message: bool
    read: Callable[[Any], Any]


def _convert(message_type: Any, body: bytes) -> bytes:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body is not JSON: {error}", position=error.pos) from error
    request = message_type()
    _fill(request, document, path="", depth=0)
    encoded: bytes = request.SerializeToString()
    return encoded


def _fill(message: Any, document: Any, *, path: str, depth: int) -> None:
    """Set a message's fields from a JSON object."""
    if not isinstance(document, dict):
        raise BadInput(f"{path or 'the body'}: expected an object, got {_kind(document)}")
    if depth > _MAX_DEPTH:
        raise BadInput(f"{path}: nested too deeply")
    fields = _fields(message.DESCRIPTOR)
    for key, value in document.items():
        field = fields.get(key)
        if field is None or value is None:
            continue
        place = f"{path}.{key}" if path else key
        if field.is_list:
            _extend(getattr(message, field.name), field, value, place=place, depth=depth)
        elif field.is_message:
            child = getattr(message, field.name)
            child.SetInParent()
            _fill(child, value, path=place, depth=depth + 1)
        else:
            setattr(message, field.name, _read(field, value, place))


def _extend(items: Any, field: _Field, values: Any, *, place: str, depth: int) -> None:
    if not isinstance(values, list):
        raise BadInput(f"{place}: expected an array, got {_kind(values)}")
    for index, value in enumerate(values):
        if field.is_message:
            child = {} if value is None else value
            _fill(items.add(), child, path=f"{place}[{index}]", depth=depth + 1)
        else:
            items.append(_read(field, value, f"{place}[{index}]"))


def _read(field: _Field, value: Any, place: str) -> Any:
    try:
        return field.read(value)
    except (ValueError, TypeError) as error:
        raise BadInput(f"{place}: {error}") from error


@functools.cache
def _fields(descriptor: Any) -> dict[str, _Field]:
    """Fields of a message by their JSON and their protobuf names."""
    fields = {}
    for field in descriptor.fields:
        is_message = field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE
        made = _Field(field.name, _is_repeated(field), is_message, _reader(field))
        fields[field.name] = fields[field.json_name] = made
    return fields


def _is_repeated(field: Any) -> bool:
    known = getattr(field, "is_repeated", None)  # older runtimes have only the label
    return bool(field.label == FieldDescriptor.LABEL_REPEATED if known is None else known)


def _reader(field: Any) -> Callable[[Any], Any]:
    if field.type == FieldDescriptor.TYPE_BYTES:
        size = _ID_BYTES.get(field.name)
        return functools.partial(_identifier, size=size) if size else _base64
    if field.cpp_type in _INTEGERS:
        low, high = _INTEGERS[field.cpp_type]
        return functools.partial(_integer, low=low, high=high)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        names = {value.name: value.number for value in field.enum_type.values}
        return functools.partial(_enum, names=names)
    others = {FieldDescriptor.CPPTYPE_BOOL: _boolean, FieldDescriptor.CPPTYPE_DOUBLE: _double}
    return others.get(field.cpp_type, _string)


def _identifier(value: Any, *, size: int) -> bytes:
    text = _string(value)
    try:
        found = bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"expected an id in hexadecimal, got {text!r}") from None
    if len(found) not in {0, size} or len(text) != 2 * len(found):
        raise ValueError(f"expected {2 * size} hexadecimal digits, got {text!r}")
    return found


def _base64(value: Any) -> bytes:
    text = _string(value)
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"expected base64, got {text!r}") from None


def _integer(value: Any, *, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"expected an integer, got {_kind(value)}")
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"expected an integer, got {value!r}")
    if isinstance(value, str) and not value.removeprefix("-").isdecimal():
        raise ValueError(f"expected an integer, got {value!r}")
    if isinstance(value, str) and len(value) > 20:
        raise ValueError(f"{value!r} is out of range")
    number = int(value)
    if not low <= number <= high:
        raise ValueError(f"{value!r} is out of range")
    return number


def _enum(value: Any, *, names: dict[str, int]) -> int:
    if isinstance(value, str) and not value.removeprefix("-").isdecimal():
        if value not in names:
            raise ValueError(f"unknown enum value {value!r}")
        return names[value]
    return _integer(value, low=-(2**31), high=2**31 - 1)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {_kind(value)}")
    return value


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"expected a number, got {_kind(value)}")
    return float(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return kinds.get(type(value), "null" if value is None else "a number")
