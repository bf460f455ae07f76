"""Python values as AnyValue messages (opentelemetry/proto/common/v1)."""

from __future__ import annotations

from typing import Any

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

_INT64 = range(-(2**63), 2**63)
#: Values nested deeper become text, as protobuf reads no deeper than a hundred.
_MAX_DEPTH = 16


def encode_value(value: object) -> bytes:
    """An AnyValue; integers beyond 64 bits become text, None an empty value."""
    message = AnyValue()
    _set(message, value, 0)
    encoded: bytes = message.SerializeToString()
    return encoded


def _set(target: Any, value: object, depth: int) -> None:
    if isinstance(value, list | dict) and depth >= _MAX_DEPTH:
        value = orjson.dumps(value).decode()
    match value:
        case None:
            pass
        case bool():
            target.bool_value = value
        case int() if value in _INT64:
            target.int_value = value
        case float():
            target.double_value = value
        case bytes():
            target.bytes_value = value
        case list() | dict():
            _set_many(target, value, depth)
        case _:
            target.string_value = str(value)


def _set_many(target: Any, value: list[Any] | dict[Any, Any], depth: int) -> None:
    """Set an AnyValue to a list or a map."""
    if isinstance(value, list):
        target.array_value.SetInParent()
        for item in value:
            _set(target.array_value.values.add(), item, depth + 1)
        return
    target.kvlist_value.SetInParent()
    for key, item in value.items():
        added = target.kvlist_value.values.add()
        added.key = str(key)
        _set(added.value, item, depth + 1)
