"""The streams of one push request, put together as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.log import MetadataColumn, PlainLines, StreamBatch, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata


@dataclass(slots=True)
class _Parts:
    """Entries of one set of labels, from one or more streams of the request."""

    times: list[NDArray[np.int64]] = field(default_factory=list)
    lines: list[PlainLines] = field(default_factory=list)
    metadata: list[Sequence[Metadata] | None] = field(default_factory=list)


class PushedStreams:
    """Streams of one request, those with the same labels merged.

    A stream without entries is a batch without entries: a request may consist of such streams, and
    still is not one without streams.
    """

    def __init__(self) -> None:
        self._found: dict[Labels, _Parts] = {}

    def add(
        self,
        labels: Labels,
        times: NDArray[np.int64],
        lines: PlainLines,
        metadata: Sequence[Metadata] | None = None,
    ) -> None:
        """Take in entries.

        Args:
            labels: The stream they are of.
            times: int64[entry], nanoseconds.
            lines: [entry].
            metadata: [entry], or None when no entry has any.
        """
        parts = self._found.setdefault(labels, _Parts())
        if len(lines):
            parts.times.append(times)
            parts.lines.append(lines)
            parts.metadata.append(metadata)

    def batches(self) -> list[StreamBatch]:
        """One per set of labels."""
        return [
            StreamBatch(labels, _times(parts), joined(parts.lines), _metadata(parts))
            for labels, parts in self._found.items()
        ]


def merged(batches: Sequence[StreamBatch]) -> list[StreamBatch]:
    """The same entries with one batch per set of labels; the order of arrival stays."""
    streams = PushedStreams()
    for batch in batches:
        lines = PlainLines.of(batch.lines)
        streams.add(batch.labels, batch.timestamps_ns, lines, batch.metadata)
    return streams.batches()


def lines_of_text(text: bytes, count: int) -> PlainLines | None:
    """Lines that lie in a text, each followed by a newline; None when some hold newlines."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    if len(ends) != count:
        return None
    offsets = np.zeros(count + 1, dtype=np.int64)
    offsets[1:] = ends + 1
    return PlainLines(text, offsets)


def joined(parts: Sequence[PlainLines]) -> PlainLines:
    """Lines of all parts, one after another."""
    if len(parts) == 1:
        return parts[0]
    lengths = [np.diff(part.offsets) for part in parts]
    empty = np.empty(0, dtype=np.int64)
    return PlainLines(
        b"".join([part.text for part in parts]), offsets_of(np.concatenate([empty, *lengths]))
    )


def _times(parts: _Parts) -> NDArray[np.int64]:
    if len(parts.times) == 1:
        return parts.times[0]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts.times])


def _metadata(parts: _Parts) -> Sequence[Metadata] | None:
    if all(metadata is None for metadata in parts.metadata):
        return None
    if len(parts.metadata) == 1:
        return parts.metadata[0]
    items: list[Metadata] = []
    for lines, metadata in zip(parts.lines, parts.metadata, strict=True):
        items.extend([()] * len(lines) if metadata is None else metadata)
    return MetadataColumn.of(items)
