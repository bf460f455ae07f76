"""Log entries as columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from appliance.lines.column import Fields
    from appliance.model.labels import Labels

#: Structured metadata of one entry: name/value pairs in the order of the names.
Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """Entries of one stream on their way into the store.

    Attributes:
        labels: The stream's labels.
        timestamps_ns: int64[entry], in any order.
        lines: [entry], UTF-8; `PlainLines` where there are many, for they need not be joined.
        metadata: [entry], structured metadata, or None when no entry has any; `MetadataColumn`
            where there are many.
    """

    labels: Labels
    timestamps_ns: NDArray[np.int64]
    lines: Sequence[bytes]
    metadata: Sequence[Metadata] | None = None


class Lines(Protocol):
    """Lines of a chunk, which may be read from the disk only when they are looked at."""

    @property
    def text(self) -> bytes:
        """All lines, each followed by a newline."""
        ...

    @property
    def offsets(self) -> NDArray[np.int64]:
        """int64[entry + 1]; line i is `text[offsets[i] : offsets[i + 1] - 1]`."""
        ...

    def fields(self, parser: str, names: Collection[str]) -> Fields | None:
        """Stored columns of what a parser finds; None when the lines have to be parsed.

        Args:
            parser: "json" or "logfmt", without options.
            names: The label names of interest.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PlainLines(Sequence[bytes]):
    """Lines in memory; see `Lines`. As a sequence it has the lines without their newlines."""

    text: bytes
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> PlainLines:
        """Lines put together; no Python code runs per line."""
        if isinstance(lines, cls):
            return lines
        lengths = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
        return cls(b"\n".join([*lines, b""]), offsets_of(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        row = range(len(self))[index]
        return self.text[self.offsets[row] : self.offsets[row + 1] - 1]

    def take(self, rows: NDArray[np.int64]) -> PlainLines:
        """Some lines, in the order of `rows`: int64[row].

        Whole runs of lines are copied: lines that are taken mostly follow one another.
        """
        breaks = np.flatnonzero(np.diff(rows) != 1)
        first = rows[np.concatenate(([0], breaks + 1))] if len(rows) else rows
        last = rows[np.concatenate((breaks, [len(rows) - 1]))] if len(rows) else rows
        starts, ends = self.offsets[first].tolist(), self.offsets[last + 1].tolist()
        text = self.text
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        return PlainLines(b"".join(pieces), offsets_of(np.diff(self.offsets)[rows]))

    def fields(self, parser: str, names: Collection[str]) -> Fields | None:
        """None: nothing is stored beside the lines."""
        del parser, names
        return None


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where items that lie one after another begin: int64[item + 1], the end included."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    lengths.cumsum(out=offsets[1:])
    return offsets


@dataclass(frozen=True, slots=True, eq=False)
class MetadataColumn(Sequence[Metadata]):
    """Structured metadata by entry, each distinct set once.

    Attributes:
        distinct: The first one is empty.
        ids: int32[entry], which of `distinct` an entry has.
    """

    distinct: Sequence[Metadata]
    ids: NDArray[np.int32]

    @classmethod
    def of(cls, items: Sequence[Metadata]) -> MetadataColumn:
        """Metadata of each entry, coded."""
        if isinstance(items, cls):
            return items
        distinct = tuple(dict.fromkeys(itertools.chain([()], items)))
        number = dict(zip(distinct, range(len(distinct)), strict=True))
        return cls(distinct, np.fromiter(map(number.__getitem__, items), np.int32, len(items)))

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Metadata: ...

    @overload
    def __getitem__(self, index: slice) -> list[Metadata]: ...

    def __getitem__(self, index: int | slice) -> Metadata | list[Metadata]:
        if isinstance(index, slice):
            return [self.distinct[number] for number in self.ids[index].tolist()]
        return self.distinct[int(self.ids[index])]


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Entries of one stream as read from the store; filters run over `text` as a whole.

    Attributes:
        labels: The stream's labels.
        timestamps_ns: int64[entry], ascending; equal times keep the order of arrival.
        lines: The lines; reading `text` may read the disk.
        metadata: Distinct structured metadata of the chunk; the first one is empty. Where it may
            be had by name too it is a `lines.metadata.MetadataTable`.
        metadata_ids: int32[entry], which of `metadata` an entry has.
    """

    labels: Labels
    timestamps_ns: NDArray[np.int64]
    lines: Lines
    metadata: Sequence[Metadata]
    metadata_ids: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.timestamps_ns)

    @property
    def text(self) -> bytes:
        """All lines, each followed by a newline."""
        return self.lines.text

    @property
    def offsets(self) -> NDArray[np.int64]:
        """int64[entry + 1]; line i is `text[offsets[i] : offsets[i + 1] - 1]`.

        A line may itself contain newlines, so offsets, not newlines, say where lines end.
        """
        return self.lines.offsets

    def line(self, index: int) -> bytes:
        """One line's bytes."""
        return self.text[self.offsets[index] : self.offsets[index + 1] - 1]

    def lines_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The entries in which byte positions of `text` lie: int64, same shape."""
        found: NDArray[np.int64] = np.searchsorted(self.offsets, positions, side="right") - 1
        return found


@dataclass(frozen=True, slots=True)
class StreamVolume:
    """How much of a stream lies in a time range.

    Attributes:
        chunks: Sealed chunks and parts of the head.
        entries, text_bytes: Lines and their bytes, newlines included; of chunks that reach over
            the range's edge the share that lies within it.
    """

    labels: Labels
    chunks: int
    entries: int
    text_bytes: int
