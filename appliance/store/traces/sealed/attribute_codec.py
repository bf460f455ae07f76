"""One attribute column of a sealed block: which rows have it, their value numbers, the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from appliance.model.trace import NumberValues
from appliance.store.codec import (
    Damaged,
    decode_array,
    decode_bytes,
    decode_list,
    encode_array,
    encode_bytes,
    encode_list,
)
from appliance.store.traces.attributes import AttributeColumn
from appliance.store.traces.key_values import decode_value
from appliance.store.traces.sealed.layout import encode_numbers, join, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue

#: How rows are told: all have it, a bit for each, or a list.
_ALL, _BITS, _LIST = b"abl"
#: Kinds of values: all text, all integers, all floats, or anything (as AnyValue messages).
_TEXT, _INTEGERS, _FLOATS, _MIXED = b"tifm"
#: AnyValue's fields for plain values.
_FIELDS: dict[type, str] = {
    str: "string_value",
    bool: "bool_value",
    int: "int_value",
    float: "double_value",
    bytes: "bytes_value",
}
#: Of fewer than one row in so many, the rows are listed.
_SPARSE = 32


def encode_column(column: AttributeColumn, count: int) -> bytes:
    """A column of a block of `count` rows."""
    form, rows = _encode_rows(column.rows, count)
    kind, values = _encode_values(column.values)
    return bytes([form, kind]) + join([rows, encode_numbers(column.ids), values])


def decode_column(blob: bytes, count: int) -> AttributeColumn:
    """See `encode_column`.

    Raises:
        Damaged: Not such a column.
    """
    if len(blob) < 2:
        raise Damaged("attribute column is too short")
    rows, ids, values = split(blob[2:], 3)
    numbers = decode_array(ids).astype(np.int32)
    return AttributeColumn(
        _decode_rows(blob[0], rows, count), numbers, _decode_values(blob[1], values)
    )


def values_bytes(values: Sequence[AttributeValue]) -> int:
    """About what distinct values take."""
    if isinstance(values, NumberValues):
        return values.array.nbytes
    if set(map(type, values)) <= {str, bytes}:
        return 8 * len(values) + sum(map(len, cast("Sequence[str]", values)))
    return sum(len(value) + 8 if isinstance(value, str | bytes) else 16 for value in values)


def _encode_rows(rows: NDArray[np.int32], count: int) -> tuple[int, bytes]:
    if len(rows) == count:
        return _ALL, b""
    if len(rows) * _SPARSE < count:
        return _LIST, encode_array(rows)
    present = np.zeros(count, np.bool_)
    present[rows] = True
    return _BITS, encode_bytes(np.packbits(present).tobytes())


def _decode_rows(form: int, blob: bytes, count: int) -> NDArray[np.int32]:
    if form == _ALL:
        return np.arange(count, dtype=np.int32)
    if form == _LIST:
        return decode_array(blob)
    bits = np.unpackbits(np.frombuffer(decode_bytes(blob), np.uint8), count=count)
    return np.flatnonzero(bits).astype(np.int32)


def _encode_values(values: Sequence[AttributeValue]) -> tuple[int, bytes]:
    if isinstance(values, NumberValues):
        kind = _INTEGERS if values.array.dtype == np.int64 else _FLOATS
        return kind, encode_array(values.array)
    if set(map(type, values)) == {str}:
        return _TEXT, encode_list(list(map(str.encode, cast("Sequence[str]", values))))
    return _MIXED, encode_list([_any_value(value).SerializeToString() for value in values])


def _decode_values(kind: int, blob: bytes) -> Sequence[AttributeValue]:
    if kind in {_INTEGERS, _FLOATS}:
        return NumberValues(decode_array(blob))
    if kind == _TEXT:
        return [item.decode() for item in decode_list(blob)]
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue  # noqa: PLC0415 - lazy

    return [decode_value(AnyValue.FromString(item)) for item in decode_list(blob)]


def _any_value(value: object) -> Any:
    """A plain value as a protobuf AnyValue; see `key_values.decode_value`."""
    from opentelemetry.proto.common.v1 import common_pb2 as pb  # noqa: PLC0415 - lazy

    if isinstance(value, list):
        return pb.AnyValue(array_value=pb.ArrayValue(values=map(_any_value, value)))
    if isinstance(value, dict):
        pairs = [pb.KeyValue(key=key, value=_any_value(one)) for key, one in value.items()]
        return pb.AnyValue(kvlist_value=pb.KeyValueList(values=pairs))
    field = _FIELDS.get(type(value))
    made = pb.AnyValue()
    if field is not None:
        setattr(made, field, value)
    return made
