"""Apache Thrift's compact and binary protocols (thrift-compact-protocol.md, -binary-protocol.md).

Values are read without a schema: a struct is a dict of values by field number, strings are bytes.
Who knows the schema takes what it wants and ignores the rest, as Thrift demands.

Invariant: what a body holds is bounded before memory is taken for it: lengths by the bytes that are
left, values by `_MAX_VALUES`, nesting by `_MAX_DEPTH`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

#: Elements of all lists of a body.
_MAX_VALUES = 2_000_000
_MAX_DEPTH = 24
_STRUCT = 12
_COMPACT_VERSION, _COMPACT_ID = 1, 0x82
_BINARY_VERSION = 0x8001
_CALL, _ONEWAY = 1, 4
_CUT_OFF = "thrift: the body is cut off"


@dataclass(frozen=True, slots=True)
class Message:
    """A call: the name of the method and its arguments by field number."""

    name: str
    arguments: dict[int, Any]


class _Reader:
    """What both protocols share: a position in the data and how much may still be made of it.

    Attributes:
        kinds: How a value of a type is read, given how deep it is nested.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.room = _MAX_VALUES
        self.kinds: dict[int, Callable[[int], Any]] = {}

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise BadInput(_CUT_OFF, position=self.at)
        found = self.data[self.at : end]
        self.at = end
        return found

    def count(self, number: int, depth: int) -> int:
        """A number of elements, each of which has a byte at least."""
        self.room -= number
        if number < 0 or number > len(self.data) - self.at:
            raise BadInput(_CUT_OFF, position=self.at)
        if self.room < 0:
            raise BadInput(f"thrift: more than {_MAX_VALUES} values in one body")
        if depth > _MAX_DEPTH:
            raise self.too_deep()
        return number

    def too_deep(self) -> BadInput:
        """The error for what is nested too deeply."""
        return BadInput(f"thrift: nested deeper than {_MAX_DEPTH}", position=self.at)

    def value(self, kind: int, depth: int) -> Any:
        """A value of a type."""
        read = self.kinds.get(kind)
        if read is None:
            raise BadInput(f"thrift: there is no type {kind}", position=self.at)
        return read(depth)

    def elements(self, kind: int, size: int, depth: int) -> list[Any]:
        """So many values of a type."""
        if kind == _STRUCT:
            return [self.fields(depth + 1) for _ in range(size)]
        return [self.value(kind, depth) for _ in range(size)]

    def pairs(self, kinds: tuple[int, int], size: int, depth: int) -> list[tuple[Any, Any]]:
        """So many keys and values."""
        key, value = kinds
        return [(self.value(key, depth), self.value(value, depth)) for _ in range(size)]

    def integer(self, size: int) -> int:
        """A signed number, its first byte the highest."""
        return int.from_bytes(self.take(size), "big", signed=True)

    def fields(self, depth: int) -> dict[int, Any]:
        """A struct's values by field number."""
        raise NotImplementedError

    def sequence(self, depth: int) -> list[Any]:
        """A list's or a set's elements."""
        raise NotImplementedError

    def message(self) -> Message:
        """A call with its arguments."""
        raise NotImplementedError


class CompactReader(_Reader):
    """Thrift's compact protocol."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        signed = self._signed
        self.kinds = {
            1: lambda _: self.take(1) == b"\1",
            2: lambda _: self.take(1) == b"\1",
            3: lambda _: self.integer(1),
            4: lambda _: signed(),
            5: lambda _: signed(),
            6: lambda _: signed(),
            7: lambda _: struct.unpack("<d", self.take(8))[0],
            8: lambda _: self.take(self._varint()),
            9: lambda depth: self.sequence(depth + 1),
            10: lambda depth: self.sequence(depth + 1),
            11: lambda depth: self._map(depth + 1),
            12: lambda depth: self.fields(depth + 1),
            13: lambda _: self.take(16),
        }

    def _varint(self) -> int:
        """An unsigned number of up to ten bytes."""
        data, at = self.data, self.at
        result = shift = 0
        while shift < 70:
            byte = data[at]
            at += 1
            if byte < 0x80:
                self.at = at
                return result | byte << shift
            result |= (byte & 0x7F) << shift
            shift += 7
        raise BadInput("thrift: a number has more than ten bytes", position=self.at)

    def _signed(self) -> int:
        """A number in zigzag form; it fits an int64."""
        value = self._varint() & 0xFFFFFFFFFFFFFFFF
        return (value >> 1) ^ -(value & 1)

    def fields(self, depth: int) -> dict[int, Any]:
        """See `_Reader`.

        Reads texts and numbers of a few bytes itself, which nearly all fields are. Where those end
        need not be compared with the end of the data: every struct has a byte after them.
        """
        if depth > _MAX_DEPTH:
            raise self.too_deep()
        found: dict[int, Any] = {}
        data, at, field = self.data, self.at, 0
        while head := data[at]:
            size = data[at + 1]
            kind = head & 15
            if head > 15:
                field += head >> 4
                at += 1
            else:
                self.at = at + 1
                field = self._signed()
                at = self.at
                size = data[at]
            if kind == 8 and size < 0x80:
                end = at + 1 + size
                found[field] = data[at + 1 : end]
                at = end
            elif kind < 3:
                found[field] = kind == 1
            elif size < 0x80 and 4 <= kind <= 6:
                found[field] = (size >> 1) ^ -(size & 1)
                at += 1
            else:
                self.at = at
                found[field] = self.value(kind, depth)
                at = self.at
        self.at = at + 1
        return found

    def sequence(self, depth: int) -> list[Any]:
        """See `_Reader`."""
        head = self.take(1)[0]
        size = self.count(self._varint() if head >> 4 == 15 else head >> 4, depth)
        return self.elements(head & 15, size, depth)

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        size = self.count(self._varint(), depth)
        if not size:
            return []
        kinds = self.take(1)[0]
        return self.pairs((kinds >> 4, kinds & 15), size, depth)

    def message(self) -> Message:
        """See `_Reader`."""
        protocol, version = self.take(2)
        if protocol != _COMPACT_ID or version & 31 != _COMPACT_VERSION:
            raise BadInput("thrift: not a message of the compact protocol")
        self._varint()
        name = self.take(self._varint())
        return _call(version >> 5, name, self.fields(0))


class BinaryReader(_Reader):
    """Thrift's binary protocol, with or without the strict message header."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.kinds = {
            2: lambda _: self.take(1) != b"\0",
            3: lambda _: self.integer(1),
            4: lambda _: struct.unpack(">d", self.take(8))[0],
            6: lambda _: self.integer(2),
            8: lambda _: self.integer(4),
            10: lambda _: self.integer(8),
            11: lambda _: self.take(self.integer(4)),
            12: lambda depth: self.fields(depth + 1),
            13: lambda depth: self._map(depth + 1),
            14: lambda depth: self.sequence(depth + 1),
            15: lambda depth: self.sequence(depth + 1),
            16: lambda _: self.take(16),
        }

    def fields(self, depth: int) -> dict[int, Any]:
        """See `_Reader`; reads what nearly all fields are itself, as the compact reader does."""
        if depth > _MAX_DEPTH:
            raise self.too_deep()
        found: dict[int, Any] = {}
        data, at, number = self.data, self.at, int.from_bytes
        while kind := data[at]:
            field = data[at + 1] << 8 | data[at + 2]
            at += 3
            if kind == 11:
                start = at + 4
                at = start + number(data[at:start], "big")
                found[field] = data[start:at]
            elif kind in {8, 10}:
                end = at + (4 if kind == 8 else 8)
                found[field] = number(data[at:end], "big", signed=True)
                at = end
            else:
                self.at = at
                found[field] = self.value(kind, depth)
                at = self.at
        self.at = at + 1
        return found

    def sequence(self, depth: int) -> list[Any]:
        """See `_Reader`."""
        kind = self.take(1)[0]
        return self.elements(kind, self.count(self.integer(4), depth), depth)

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        key, value = self.take(2)
        return self.pairs((key, value), self.count(self.integer(4), depth), depth)

    def message(self) -> Message:
        """See `_Reader`."""
        if self.data[self.at] >= 0x80:
            head = int.from_bytes(self.take(4), "big")
            if head >> 16 != _BINARY_VERSION:
                raise BadInput("thrift: not a message of the binary protocol")
            name, kind = self.take(self.integer(4)), head & 0xFF
        else:
            name = self.take(self.integer(4))
            kind = self.take(1)[0]
        self.take(4)
        return _call(kind, name, self.fields(0))


def read_message(packet: bytes) -> Message:
    """A call in either protocol.

    Raises:
        BadInput: It is none.
    """
    reader: _Reader = (
        CompactReader(packet) if packet[:1] == bytes([_COMPACT_ID]) else BinaryReader(packet)
    )
    try:
        return reader.message()
    except IndexError as error:
        raise BadInput(_CUT_OFF, position=reader.at) from error


def read_struct(body: bytes, *, compact: bool = False) -> dict[int, Any]:
    """A struct that is the whole body.

    Raises:
        BadInput: It is none.
    """
    reader = CompactReader(body) if compact else BinaryReader(body)
    try:
        return reader.fields(0)
    except IndexError as error:
        raise BadInput(_CUT_OFF, position=reader.at) from error


def read_list(body: bytes) -> list[dict[int, Any]]:
    """A list of structs that is the whole body: binary, as senders do, or compact.

    Raises:
        BadInput: It is none.
    """
    is_binary = body[:1] == bytes([_STRUCT])
    reader = BinaryReader(body) if is_binary else CompactReader(body)
    try:
        found = reader.sequence(0)
    except IndexError as error:
        raise BadInput(_CUT_OFF, position=reader.at) from error
    if not all(isinstance(item, dict) for item in found):
        raise BadInput("thrift: expected a list of structs")
    return found


def _call(kind: int, name: bytes, arguments: dict[int, Any]) -> Message:
    if kind not in {_CALL, _ONEWAY}:
        raise BadInput(f"thrift: a message of type {kind} is no call")
    return Message(name.decode(errors="replace"), arguments)
