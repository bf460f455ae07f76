"""Log entries as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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
        lines: [entry], UTF-8.
        metadata: [entry], structured metadata, or None when no entry has any.
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


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Lines in memory; see `Lines`."""

    text: bytes
    offsets: NDArray[np.int64]

    def fields(self, parser: str, names: Collection[str]) -> Fields | None:
        """None: nothing is stored beside the lines."""
        del parser, names
        return None


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Entries of one stream as read from the store; filters run over `text` as a whole.

    Attributes:
        labels: The stream's labels.
        timestamps_ns: int64[entry], ascending; equal times keep the order of arrival.
        lines: The lines; reading `text` may read the disk.
        metadata: Distinct structured metadata of the chunk; the first one is empty.
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
        entries, text_bytes: Lines and their bytes; of chunks that reach over the range's edge the
            share that lies within it.
    """

    labels: Labels
    chunks: int
    entries: int
    text_bytes: int
