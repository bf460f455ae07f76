"""Labels of series: typed values, their order in an answer, and which of two equals comes first."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from appliance.base.go_quantity import print_go_duration
from appliance.traceql.static import Kind, Static, Status, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Names and values in the order of the query; values have types that an answer can express.
Labels = tuple[tuple[str, Static], ...]

#: The label that names a series without any other.
NAME = "__name__"

_NIL_TEXT = Static(Type.STRING, "nil")
_FIELD_OF_TYPE = {
    Type.BOOLEAN: "bool_value",
    Type.INT: "int_value",
    Type.FLOAT: "double_value",
    Type.STRING: "string_value",
}
#: Types in the order in which they decide between equals.
_TYPE_ORDER = (
    Type.NIL,
    Type.INT,
    Type.FLOAT,
    Type.STRING,
    Type.BOOLEAN,
    Type.INT_ARRAY,
    Type.FLOAT_ARRAY,
    Type.STRING_ARRAY,
    Type.BOOLEAN_ARRAY,
)


def expressible(value: Static) -> Static:
    """A value as an answer shows it: nil, statuses, kinds and durations become text."""
    if value.type is Type.NIL:
        return _NIL_TEXT
    if not isinstance(value.value, int):
        return value
    match value.type:
        case Type.STATUS:
            return Static(Type.STRING, Status(value.value).name.lower())
        case Type.KIND:
            return Static(Type.STRING, Kind(value.value).name.lower())
        case Type.DURATION:
            return Static(Type.STRING, print_go_duration(value.value))
        case _:
            return value


def group_labels(names: Iterable[str], values: Iterable[Static]) -> Labels:
    """Labels of a group; a nil has none."""
    pairs = zip(names, values, strict=True)
    return tuple((name, expressible(value)) for name, value in pairs if value.type is not Type.NIL)


def sort_key(labels: Labels) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Where a series stands in an answer: few labels first, then by names and printed values."""
    return len(labels), tuple((name, _printed(value)) for name, value in labels)


def _printed(value: Static) -> str:
    """A value as protobuf's text format has it, as far as its order goes."""
    field = _FIELD_OF_TYPE.get(value.type, "array_value")
    if value.type is not Type.STRING:
        return f"{field}:{str(value.value).lower()}"
    text = "".join(_escaped(byte) for byte in str(value.value).encode("utf-8", "surrogatepass"))
    return f'{field}:"{text}"'


def _escaped(byte: int) -> str:
    """A byte within quotes."""
    character = chr(byte)
    if character in '"\\':
        return "\\" + character
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    return known or (character if 0x20 <= byte < 0x7F else f"\\{byte:03o}")


def tie_key(labels: Labels) -> tuple[tuple[object, ...], ...]:
    """Orders series of equal values; topk prefers the first, bottomk the last."""
    return tuple(_tie_part(name, value) for name, value in labels if name != NAME)


def _tie_part(name: str, value: Static) -> tuple[object, ...]:
    """Texts ascend; of numbers the greater comes first."""
    text = value.value if isinstance(value.value, str) else ""
    type_order = _TYPE_ORDER.index(value.type) if value.type in _TYPE_ORDER else len(_TYPE_ORDER)
    return text, name, -type_order, -_code(value)


def _code(value: Static) -> int:
    """The 64 bits of a number, as Tempo compares them."""
    if isinstance(value.value, float):
        return int.from_bytes(struct.pack(">d", value.value))
    return int(value.value) % (1 << 64) if isinstance(value.value, int) else 0
