"""How much streams have in a range, told without reading lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.log import StreamVolume
from appliance.store.codec import Damaged
from appliance.store.logs.reading.piece import ChunkPiece, Gone
from appliance.store.logs.reading.scan import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.model.sources import Guard
    from appliance.store.label_index import LabelIndex
    from appliance.store.logs.reading.piece import Piece


def measure(
    pieces: Sequence[Piece],
    index: LabelIndex,
    spans: Sequence[tuple[int, int]],
    guard: Guard,
) -> Iterator[list[StreamVolume]]:
    """Volumes of the streams of some pieces, sorted by labels, in each of some [first, last].

    Entries that are in two pieces are counted twice.

    Args:
        spans: Ascending; none overlaps another.
    """
    coming = sorted(pieces, key=lambda piece: -piece.min_ns)
    within: list[Piece] = []
    for first, last in spans:
        while coming and coming[-1].min_ns <= last:
            within.append(coming.pop())
        within = [piece for piece in within if piece.max_ns >= first]
        yield _volumes(within, index, (first, last), guard)


def _volumes(
    pieces: Sequence[Piece], index: LabelIndex, span: tuple[int, int], guard: Guard
) -> list[StreamVolume]:
    sums: dict[int, list[int]] = {}
    for piece in pieces:
        guard.check()
        try:
            entries, text_bytes = _share(piece, span)
        except (Gone, Damaged):
            continue
        if entries:
            sums.setdefault(piece.stream, []).extend((entries, text_bytes))
    found = []
    for stream, counts in sums.items():
        labels = labels_of(index, stream)
        if labels is not None:
            chunks, entries, text_bytes = len(counts) // 2, sum(counts[::2]), sum(counts[1::2])
            found.append(StreamVolume(labels, chunks, entries, text_bytes))
    return sorted(found, key=lambda one: one.labels)


def _share(piece: Piece, span: tuple[int, int]) -> tuple[int, int]:
    """Entries and bytes of text within [first, last]."""
    first, last = span
    if isinstance(piece, ChunkPiece) and piece.min_ns >= first and piece.max_ns <= last:
        return piece.count, piece.size_bytes
    times = piece.times()
    low = int(np.searchsorted(times, first, side="left"))
    high = int(np.searchsorted(times, last, side="right"))
    offsets = piece.line_offsets()
    if offsets is None:
        return high - low, piece.size_bytes * (high - low) // len(times)
    return high - low, int(offsets[high] - offsets[low])
