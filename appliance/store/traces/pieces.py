"""Occurrences of repeated fields in many serialized messages, each left as bytes.

Reading a field through protobuf costs about a microsecond, so that messages are parsed with a
descriptor that knows only the wanted fields, and many at once: joined with a mark of each field
they are one valid message, whose occurrences come out in order. (An empty occurrence would not do
as the mark: programs in Go write empty ones.)
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

T = TypeVar("T")
#: Messages parsed at once.
_AT_ONCE = 4096
#: Stands between messages: neither a message nor text in UTF-8 is like that.
MARK = b"\xff\xfe\xfd"


class Collector(Protocol[T]):
    """What becomes of the occurrences of one field."""

    def stage(self, joined: Sequence[bytes], count: int) -> T | None:
        """Take the occurrences of some messages apart.

        Args:
            joined: With a mark between two messages.
            count: How many messages; fewer or more marks tell that some are none.

        Returns:
            What `add` takes; None when they cannot be told apart.
        """
        ...

    def add(self, staged: T) -> None:
        """Keep what was staged."""
        ...

    def add_counted(self, pieces: Sequence[bytes], counts: NDArray[np.int32]) -> None:
        """Keep occurrences of some messages: so many of each, int32[message]."""
        ...


def parse_pieces(messages: Sequence[bytes], fields: Mapping[int, Collector[Any]]) -> None:
    """Collect the occurrences of some fields; a message that does not parse has none.

    Args:
        fields: By the number of a length-delimited field.
    """
    for start in range(0, len(messages), _AT_ONCE):
        some = messages[start : start + _AT_ONCE]
        if not _parse_joined(some, fields):
            _parse_singly(some, fields)


def parser(fields: tuple[int, ...]) -> Any:
    """Parses a message into an object with the lists of bytes f1, f2, … for the field numbers."""
    return _parser(fields)


@functools.lru_cache(maxsize=8)
def _parser(fields: tuple[int, ...]) -> Any:
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


def separator(fields: tuple[int, ...]) -> bytes:
    """A mark of each field."""
    return b"".join(bytes([number << 3 | 2, len(MARK)]) + MARK for number in fields)


def _parse_joined(messages: Sequence[bytes], fields: Mapping[int, Collector[Any]]) -> bool:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    numbers = tuple(fields)
    try:
        joined = _parser(numbers)(separator(numbers).join(messages))
    except DecodeError:
        return False
    staged = []
    for number, collector in fields.items():
        found = collector.stage(getattr(joined, f"f{number}"), len(messages))
        if found is None:
            return False
        staged.append(found)
    for collector, found in zip(fields.values(), staged, strict=True):
        collector.add(found)
    return True


def _parse_singly(messages: Sequence[bytes], fields: Mapping[int, Collector[Any]]) -> None:
    """The slow way, for broken messages."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    parse = _parser(tuple(fields))
    pieces: dict[int, list[bytes]] = {number: [] for number in fields}
    counts = {number: np.zeros(len(messages), np.int32) for number in fields}
    for row, message in enumerate(messages):
        try:
            parsed = parse(message)
        except DecodeError:
            continue
        for number in fields:
            found = getattr(parsed, f"f{number}")
            pieces[number].extend(found)
            counts[number][row] = len(found)
    for number, collector in fields.items():
        collector.add_counted(pieces[number], counts[number])


class PieceList:
    """Collects the occurrences of a field that most messages do not have."""

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._rows: list[NDArray[np.int32]] = []
        self._count = 0

    def stage(
        self, joined: Sequence[bytes], count: int
    ) -> tuple[Sequence[bytes], NDArray[np.int32]] | None:
        """See `Collector`."""
        pieces = list(joined)
        marks = pieces.count(MARK)
        if marks != count - 1:
            return None
        if marks == len(pieces):
            return [], np.zeros(count, np.int32)
        breaks = [at for at, piece in enumerate(pieces) if piece == MARK]
        bounds = np.concatenate([[-1], np.array(breaks, np.int64), [len(pieces)]])
        kept = [piece for piece in pieces if piece != MARK]
        return kept, (np.diff(bounds) - 1).astype(np.int32)

    def add(self, staged: tuple[Sequence[bytes], NDArray[np.int32]]) -> None:
        """See `Collector`."""
        self.add_counted(*staged)

    def add_counted(self, pieces: Sequence[bytes], counts: NDArray[np.int32]) -> None:
        """See `Collector`."""
        if pieces:
            numbers = np.arange(self._count, self._count + len(counts), dtype=np.int32)
            self._rows.append(np.repeat(numbers, counts))
            self._messages.extend(pieces)
        self._count += len(counts)

    def found(self) -> tuple[NDArray[np.int32], list[bytes]]:
        """Whose each is: int32[occurrence], ascending; and the occurrences."""
        rows = np.concatenate(self._rows) if self._rows else np.empty(0, np.int32)
        return rows, self._messages
