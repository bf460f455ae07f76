"""Serialized KeyValue messages as keys and plain values (OTLP 1.x, common.proto)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import NumberValues
from appliance.store.traces.pieces import MARK, parser, separator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.trace import AttributeValue

#: Pairs decoded at once.
_AT_ONCE = 4096
#: Fields of a KeyValue.
_FIELDS = (1, 2)
#: First byte of an AnyValue that is text, and how long it is if one byte tells the text's length.
_TEXT, _SHORT = 0x0A, 0x80


def decode_pairs(pairs: Sequence[bytes]) -> tuple[list[str | None], list[AttributeValue]]:
    """Keys and values of serialized KeyValue messages; key None where one does not decode."""
    keys: list[str | None] = []
    values: list[AttributeValue] = []
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        found = _decode_joined(some) or _decode_singly(some)
        keys += found[0]
        values += found[1]
    return keys, values


def _decode_joined(
    pairs: Sequence[bytes],
) -> tuple[list[str | None], list[AttributeValue]] | None:
    """All at once; None unless each pair is one key and one value, and all of them decode."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    try:
        joined = parser(_FIELDS)(separator(_FIELDS).join(pairs))
        keys, values = list(joined.f1), list(joined.f2)
        for items in (keys, values):
            if len(items) != 2 * len(pairs) - 1 or items[1::2].count(MARK) != len(pairs) - 1:
                return None
        texts = {key: key.decode() for key in set(keys[::2])}
        return [texts[key] for key in keys[::2]], list(map(_decode_any, values[::2]))
    except (DecodeError, UnicodeDecodeError):
        return None


def _decode_any(value: bytes) -> AttributeValue:
    """A serialized AnyValue as a plain value."""
    if len(value) > 1 and value[0] == _TEXT and len(value) == value[1] + 2 < _SHORT:
        return value[2:].decode()
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue  # noqa: PLC0415 - lazy

    return decode_value(AnyValue.FromString(value))


def _decode_singly(pairs: Sequence[bytes]) -> tuple[list[str | None], list[AttributeValue]]:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue  # noqa: PLC0415 - lazy

    keys: list[str | None] = []
    values: list[AttributeValue] = []
    for pair in pairs:
        try:
            found = KeyValue.FromString(pair)
        except DecodeError:
            keys.append(None)
            values.append(None)
            continue
        keys.append(found.key)
        values.append(decode_value(found.value))
    return keys, values


def as_values(values: list[AttributeValue]) -> Sequence[AttributeValue]:
    """The same, as an array where all are integers or all are floats."""
    types = set(map(type, values))
    if types in ({int}, {float}):
        return NumberValues(np.array(values))
    return values


def decode_value(value: Any) -> AttributeValue:
    """A protobuf AnyValue as a plain value."""
    which = value.WhichOneof("value")
    if which == "array_value":
        return [decode_value(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return {item.key: decode_value(item.value) for item in value.kvlist_value.values}
    if which in {"string_value", "bool_value", "int_value", "double_value", "bytes_value"}:
        found: AttributeValue = getattr(value, which)
        return found
    return None
