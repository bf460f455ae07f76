"""Occurrences of repeated fields in many serialized messages, each left as bytes.

Reading a field through protobuf costs about a microsecond, so that messages are parsed with a
descriptor that knows only the wanted fields, and many at once: joined with an empty occurrence of
each field as the separator they are one valid message, whose occurrences come out in order.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

#: Messages parsed at once.
_AT_ONCE = 4096

#: Occurrences of a field in some messages, and how many each message has: int32[message].
Pieces = tuple[list[bytes], "NDArray[np.int32]"]


class Interned(dict[bytes, int]):
    """Numbers of distinct byte strings, in the order in which they came."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number

    def numbers(self, items: Sequence[bytes]) -> NDArray[np.int32]:
        """int32[item]."""
        return np.fromiter(map(self.__getitem__, items), np.int32, len(items))


def parse_pieces(messages: Sequence[bytes], fields: tuple[int, ...]) -> Iterator[list[Pieces]]:
    """The occurrences of some fields, of a few thousand messages at a time.

    A message that does not parse has none.

    Args:
        fields: Numbers of length-delimited fields.

    Returns:
        For each stretch of messages one entry per field.
    """
    for start in range(0, len(messages), _AT_ONCE):
        yield _parse(messages[start : start + _AT_ONCE], fields)


@functools.lru_cache(maxsize=8)
def _parser(fields: tuple[int, ...]) -> Any:
    """Parses a message into an object with the attributes f1, f2, … for the field numbers."""
    from google.protobuf import (  # noqa: PLC0415 - lazy
        descriptor_pb2,
        descriptor_pool,
        message_factory,
    )

    file = descriptor_pb2.FileDescriptorProto(name="pieces.proto", syntax="proto3")
    message = file.message_type.add(name="Pieces")
    kind = descriptor_pb2.FieldDescriptorProto
    for number in fields:
        message.field.add(
            name=f"f{number}", number=number, label=kind.LABEL_REPEATED, type=kind.TYPE_BYTES
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Pieces")).FromString


def _parse(messages: Sequence[bytes], fields: tuple[int, ...]) -> list[Pieces]:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    parse = _parser(fields)
    separator = b"".join(bytes([number << 3 | 2, 0]) for number in fields)
    try:
        joined = parse(separator.join(messages))
    except DecodeError:
        return _parse_singly(messages, fields)
    found: list[Pieces] = []
    for number in fields:
        pieces = list(getattr(joined, f"f{number}"))
        split = _split(pieces, len(messages))
        if split is None:
            return _parse_singly(messages, fields)
        found.append(split)
    return found


def _split(pieces: list[bytes], count: int) -> Pieces | None:
    """Take out the separators; None when some of the empty ones are none."""
    if len(pieces) == count - 1 and not any(pieces):
        return [], np.zeros(count, np.int32)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    breaks = np.flatnonzero(lengths == 0)
    if len(breaks) != count - 1:
        return None
    bounds = np.concatenate([[-1], breaks, [len(pieces)]])
    return list(filter(None, pieces)), (np.diff(bounds) - 1).astype(np.int32)


def _parse_singly(messages: Sequence[bytes], fields: tuple[int, ...]) -> list[Pieces]:
    """The slow way, for messages with empty occurrences or broken ones."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    parse = _parser(fields)
    pieces: list[list[bytes]] = [[] for _ in fields]
    counts = np.zeros((len(fields), len(messages)), np.int32)
    for row, message in enumerate(messages):
        try:
            parsed = parse(message)
        except DecodeError:
            continue
        for at, number in enumerate(fields):
            found = getattr(parsed, f"f{number}")
            pieces[at].extend(found)
            counts[at, row] = len(found)
    return list(zip(pieces, counts, strict=True))
