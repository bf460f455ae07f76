"""Entries of one stream as columns: what a batch becomes, the head holds and a chunk decodes to.

Invariant: immutable and shared freely between threads.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.metadata import MetadataSets
from appliance.model.log import LogChunk, Metadata, MetadataColumn, PlainLines, offsets_of
from appliance.store.logs.chunks.duplicates import find_repeats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import StreamBatch

__all__ = ["NO_METADATA", "Entries", "from_batch", "line_lengths", "merge", "offsets_of"]

#: What a distinct set of structured metadata costs in memory, roughly.
_METADATA_BYTES = 400
#: What entries without any have.
NO_METADATA = MetadataSets([()])


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries ascending by time; equal times keep the order of arrival, without duplicates.

    Attributes:
        times_ns: int64[entry], ascending.
        text: All lines, each followed by a newline.
        offsets: int64[entry + 1]; line i is `text[offsets[i] : offsets[i + 1] - 1]`.
        metadata: Distinct structured metadata; the first one is empty.
        metadata_ids: int32[entry], which of `metadata`; None when no entry has any.
    """

    times_ns: NDArray[np.int64]
    text: bytes
    offsets: NDArray[np.int64]
    metadata: MetadataSets = NO_METADATA
    metadata_ids: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.times_ns)

    @property
    def min_ns(self) -> int:
        """Time of the oldest entry."""
        return int(self.times_ns[0])

    @property
    def max_ns(self) -> int:
        """Time of the newest entry."""
        return int(self.times_ns[-1])

    @property
    def lines(self) -> PlainLines:
        """Text and offsets."""
        return PlainLines(self.text, self.offsets)

    @property
    def size_bytes(self) -> int:
        """Memory it takes, roughly."""
        size = len(self.text) + 16 * len(self.times_ns)
        if self.metadata_ids is not None:
            size += self.metadata_ids.nbytes + _METADATA_BYTES * len(self.metadata)
        return size

    def bounds(self, start_ns: int, last_ns: int) -> tuple[int, int]:
        """First entry in [start_ns, last_ns] and the first one after it."""
        low = np.searchsorted(self.times_ns, start_ns, side="left")
        high = np.searchsorted(self.times_ns, last_ns, side="right")
        return int(low), int(high)

    def cut(self, low: int, high: int) -> Entries:
        """Entries low to high - 1."""
        if low == 0 and high == len(self):
            return self
        first, end = int(self.offsets[low]), int(self.offsets[high])
        return Entries(
            self.times_ns[low:high],
            self.text[first:end],
            self.offsets[low : high + 1] - first,
            self.metadata,
            None if self.metadata_ids is None else self.metadata_ids[low:high],
        )

    def take(self, rows: NDArray[np.int64]) -> Entries:
        """Some entries, in the order of `rows`: int64[row]."""
        lines, ids = self.lines.take(rows), self.metadata_ids
        return Entries(
            self.times_ns[rows],
            lines.text,
            lines.offsets,
            self.metadata,
            None if ids is None else ids[rows],
        )

    def without(self, rows: NDArray[np.int64]) -> Entries:
        """All entries but some: int64[row]."""
        return self.take(np.delete(np.arange(len(self)), rows))

    def chunk(self, labels: Labels) -> LogChunk:
        """The same as readers get it."""
        ids = self.metadata_ids
        if ids is None:
            ids = np.zeros(len(self), dtype=np.int32)
        return LogChunk(labels, self.times_ns, self.lines, self.metadata, ids)


def from_batch(batch: StreamBatch) -> Entries:
    """A batch as columns; no Python code runs per line."""
    lines = PlainLines.of(batch.lines)
    metadata, ids = _coded(batch.metadata) if batch.metadata else (NO_METADATA, None)
    # Copied, because the caller's array may be a window on a whole request's.
    times = np.array(batch.timestamps_ns, dtype=np.int64)
    return _arranged(Entries(times, lines.text, lines.offsets, metadata, ids))


def merge(parts: Sequence[Entries]) -> Entries:
    """Parts in the order of arrival, at least one, as a whole."""
    if len(parts) == 1:
        return parts[0]
    metadata, ids = _merge_metadata(parts)
    joined = Entries(
        np.concatenate([part.times_ns for part in parts]),
        b"".join([part.text for part in parts]),
        offsets_of(line_lengths(parts)),
        metadata,
        ids,
    )
    return _arranged(joined)


def line_lengths(parts: Sequence[Entries]) -> NDArray[np.int64]:
    """Lengths of the lines of all parts, newlines included: int64[entry]."""
    starts = np.concatenate([part.offsets[:-1] for part in parts])
    lengths: NDArray[np.int64] = np.concatenate([part.offsets[1:] for part in parts]) - starts
    return lengths


def _coded(items: Sequence[Metadata]) -> tuple[MetadataSets, NDArray[np.int32] | None]:
    """Distinct metadata, the empty one first, and each entry's number."""
    coded = MetadataColumn.of(items)
    if len(coded.distinct) == 1:
        return NO_METADATA, None
    return MetadataSets(coded.distinct), coded.ids


def _merge_metadata(
    parts: Sequence[Entries],
) -> tuple[MetadataSets, NDArray[np.int32] | None]:
    if all(part.metadata_ids is None for part in parts):
        return NO_METADATA, None
    sets = itertools.chain.from_iterable(part.metadata for part in parts)
    distinct = MetadataSets(dict.fromkeys(sets))
    number = dict(zip(distinct, range(len(distinct)), strict=True))
    ids = []
    for part in parts:
        if part.metadata_ids is None:
            ids.append(np.zeros(len(part), dtype=np.int32))
        else:
            known = map(number.__getitem__, part.metadata)
            ids.append(np.fromiter(known, np.int32, len(part.metadata))[part.metadata_ids])
    return distinct, np.concatenate(ids)


def _arranged(entries: Entries) -> Entries:
    """The same entries by time, stable, without duplicates; itself when it is so already."""
    times = entries.times_ns
    if len(times) == 1 or (times[1:] > times[:-1]).all():
        return entries
    if not (times[1:] >= times[:-1]).all():
        entries = entries.take(np.argsort(times, kind="stable"))
    repeats = find_repeats(entries.times_ns, entries.lines)
    return entries if repeats is None else entries.without(repeats)
