"""Thrift as senders write it: values with their types, in either protocol."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

#: Types by their numbers in the compact and in the binary protocol.
_KINDS = {
    "bool": (1, 2),
    "byte": (3, 3),
    "i16": (4, 6),
    "i32": (5, 8),
    "i64": (6, 10),
    "double": (7, 4),
    "binary": (8, 11),
    "list": (9, 15),
    "map": (11, 13),
    "struct": (12, 12),
}
_SIZES = {"byte": 1, "i16": 2, "i32": 4, "i64": 8}


@dataclass(frozen=True)
class Typed:
    """A value: of a list the elements (Typed), of a struct Typed by field number."""

    kind: str
    value: Any
    element: str = "struct"


def i16(value: int) -> Typed:
    return Typed("i16", value)


def i32(value: int) -> Typed:
    return Typed("i32", value)


def i64(value: int) -> Typed:
    return Typed("i64", value)


def text(value: str | bytes) -> Typed:
    return Typed("binary", value.encode() if isinstance(value, str) else value)


def fields(values: dict[int, Typed]) -> Typed:
    return Typed("struct", values)


def listed(*values: Typed, element: str = "struct") -> Typed:
    return Typed("list", list(values), element)


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def zigzag(number: int) -> bytes:
    return varint(((number << 1) ^ (number >> 63)) & (2**64 - 1))


def compact(item: Typed) -> bytes:
    """A value in the compact protocol."""
    value = item.value
    if item.kind in {"i16", "i32", "i64"}:
        return zigzag(value)
    if item.kind == "binary":
        return varint(len(value)) + bytes(value)
    if item.kind == "struct":
        return _compact_fields(value)
    if item.kind == "list":
        kind, size = _KINDS[item.element][0], len(value)
        head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + varint(size)
        return head + b"".join(map(compact, value))
    if item.kind == "double":
        return struct.pack("<d", value)
    return struct.pack("b", value)


def _compact_fields(values: dict[int, Typed]) -> bytes:
    found, last = b"", 0
    for number, item in sorted(values.items()):
        kind = _KINDS[item.kind][0]
        if item.kind == "bool":
            kind = 1 if item.value else 2
        delta = number - last
        is_near = delta < 16
        found += bytes([delta << 4 | kind]) if is_near else bytes([kind]) + zigzag(number)
        found += b"" if item.kind == "bool" else compact(item)
        last = number
    return found + b"\0"


def binary(item: Typed) -> bytes:
    """A value in the binary protocol."""
    value = item.value
    if item.kind in _SIZES:
        return int(value).to_bytes(_SIZES[item.kind], "big", signed=True)
    if item.kind == "binary":
        return len(value).to_bytes(4, "big") + bytes(value)
    if item.kind == "struct":
        parts = [
            bytes([_KINDS[each.kind][1]]) + number.to_bytes(2, "big") + binary(each)
            for number, each in value.items()
        ]
        return b"".join(parts) + b"\0"
    if item.kind == "list":
        head = bytes([_KINDS[item.element][1]]) + len(value).to_bytes(4, "big")
        return head + b"".join(map(binary, value))
    return struct.pack(">d", value) if item.kind == "double" else bytes([bool(value)])


def compact_call(name: str, arguments: Typed, *, kind: int = 4) -> bytes:
    """A message in the compact protocol; 4 is a call without answer."""
    head = bytes([0x82, kind << 5 | 1]) + varint(1)
    return head + varint(len(name)) + name.encode() + compact(arguments)


def binary_call(name: str, arguments: Typed, *, strict: bool = True, kind: int = 4) -> bytes:
    """The same in the binary protocol."""
    size, number = len(name).to_bytes(4, "big"), (1).to_bytes(4, "big")
    if strict:
        version = (0x80010000 | kind).to_bytes(4, "big")
        return version + size + name.encode() + number + binary(arguments)
    return size + name.encode() + bytes([kind]) + number + binary(arguments)


# -- jaeger.thrift


def tag(key: str, value: Any) -> Typed:
    """A Tag with the type its value has."""
    kinds: dict[type, tuple[int, int, str]] = {
        str: (0, 3, "binary"),
        float: (1, 4, "double"),
        bool: (2, 5, "bool"),
        int: (3, 6, "i64"),
        bytes: (4, 7, "binary"),
    }
    kind, number, form = kinds[type(value)]
    held = text(value) if form == "binary" else Typed(form, value)
    return fields({1: text(key), 2: i32(kind), number: held})


def tags(**values: Any) -> Typed:
    return listed(*(tag(key.replace("__", "."), value) for key, value in values.items()))


def span(**changes: Typed) -> Typed:
    """A Span of jaeger.thrift; changes by field, as `f6=…`."""
    found = {
        1: i64(2),
        2: i64(1),
        3: i64(3),
        4: i64(0),
        5: text("GET /"),
        7: i32(1),
        8: i64(1_700_000_000_000_000),
        9: i64(1500),
    }
    found.update({int(name[1:]): value for name, value in changes.items()})
    return fields(found)


def batch(*spans: Typed, service: str = "shop", **process_tags: Any) -> Typed:
    """A Batch of jaeger.thrift."""
    process = fields({1: text(service), 2: tags(**process_tags)})
    return fields({1: process, 2: listed(*spans)})


def emitted(*spans: Typed, **process: Any) -> Typed:
    """The arguments of emitBatch."""
    return fields({1: batch(*spans, **process)})
