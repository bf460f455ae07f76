"""`detected_level`: structured metadata of every log entry, whatever brought it (Loki 3).

No Python code runs per line: the lines of all streams of a request are looked at together, and sets
of metadata are combined with levels, each combination once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column
from appliance.lines.level import detect_levels
from appliance.lines.level_line import FIELDS
from appliance.model.labels import Labels
from appliance.model.log import MetadataColumn, PlainLines, StreamBatch
from appliance.wire.loki_streams import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import Metadata

LEVEL = "detected_level"
_FIELDS = frozenset(FIELDS)


def with_levels(streams: Sequence[StreamBatch]) -> list[StreamBatch]:
    """Streams whose entries all say their level."""
    open_streams = [stream for stream in streams if not _has_level(stream.labels)]
    if len(open_streams) == len(streams) and all(stream.metadata is None for stream in streams):
        return _with_levels_alone(streams)
    together = _levels_of(open_streams) if open_streams else iter(())
    return [
        _with(stream, _level_of(stream) if _has_level(stream.labels) else next(together))
        for stream in streams
    ]


def _with_levels_alone(streams: Sequence[StreamBatch]) -> list[StreamBatch]:
    """Streams whose labels tell no level and whose entries have no metadata: all at once."""
    if not streams:
        return []
    lines = joined([PlainLines.of(stream.lines) for stream in streams])
    found = detect_levels(lines.text, lines.offsets, Labels(), None)
    sets: list[Metadata] = [((LEVEL, level),) for level in found.values]
    lengths, count = [len(stream.lines) for stream in streams], len(sets)
    numbers = np.repeat(np.arange(len(streams)) * count, lengths) + found.codes
    used, ids = _distinct(numbers, len(streams) * count)
    # Each stream has its own levels, counted from 1.
    first = np.searchsorted(used, np.arange(len(streams) + 1) * count)
    ids -= np.repeat(first[:-1], lengths).astype(np.int32)
    chosen, bounds = (used % count).tolist(), first.tolist()
    named, start = [], 0
    for place, (stream, length) in enumerate(zip(streams, lengths, strict=True)):
        own = chosen[bounds[place] : bounds[place + 1]]
        column = MetadataColumn(
            ((), *(sets[code] for code in own)), ids[start : start + length].copy()
        )
        named.append(StreamBatch(stream.labels, stream.timestamps_ns, stream.lines, column))
        start += length
    return named


def _has_level(labels: Labels) -> bool:
    """Whether a stream's labels tell the level of all its entries."""
    return any(name in _FIELDS for name, _ in labels)


def _level_of(stream: StreamBatch) -> Column:
    lines = PlainLines.of(stream.lines)
    return detect_levels(lines.text, lines.offsets, stream.labels, _metadata_of(stream))


def _metadata_of(stream: StreamBatch) -> MetadataColumn | None:
    return None if stream.metadata is None else MetadataColumn.of(stream.metadata)


def _levels_of(streams: Sequence[StreamBatch]) -> Iterator[Column]:
    """Levels of streams whose labels do not tell them."""
    lines = joined([PlainLines.of(stream.lines) for stream in streams])
    found = detect_levels(lines.text, lines.offsets, Labels(), _joined_metadata(streams))
    start = 0
    for stream in streams:
        end = start + len(stream.lines)
        yield Column(found.codes[start:end], found.values)
        start = end


def _joined_metadata(streams: Sequence[StreamBatch]) -> MetadataColumn | None:
    """Metadata of all entries of all streams; sets may come more than once."""
    if all(stream.metadata is None for stream in streams):
        return None
    distinct: list[Metadata] = [()]
    ids = []
    for stream in streams:
        column = _metadata_of(stream)
        if column is None:
            ids.append(np.zeros(len(stream.lines), dtype=np.int32))
        else:
            ids.append(column.ids + np.int32(len(distinct)))
            distinct.extend(column.distinct)
    return MetadataColumn(distinct, np.concatenate(ids))


def _with(stream: StreamBatch, levels: Column) -> StreamBatch:
    """A stream with the level of each entry; `levels` has one for each."""
    metadata, count = _metadata_of(stream), len(levels.values)
    if metadata is None:
        used, ids = _distinct(levels.codes, count)
        sets: list[Metadata] = [((LEVEL, levels.values[code]),) for code in used.tolist()]
    else:
        pairs = metadata.ids.astype(np.int64) * count + levels.codes
        used, ids = _distinct(pairs, len(metadata.distinct) * count)
        sets = [
            _with_level(metadata.distinct[pair // count], levels.values[pair % count])
            for pair in used.tolist()
        ]
    column = MetadataColumn(((), *sets), ids)
    return StreamBatch(stream.labels, stream.timestamps_ns, stream.lines, column)


def _distinct(
    numbers: NDArray[np.int64] | NDArray[np.int32], bound: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The numbers in use, below `bound`, and which of them each one is, counted from 1."""
    if len(numbers) == 1:  # a common case, in which most of the time is spent on arrays
        return numbers.astype(np.int64), np.ones(1, dtype=np.int32)
    place = np.zeros(bound, dtype=np.int32)
    place[numbers] = 1
    used = np.flatnonzero(place)
    place[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    return used, place[numbers]


def _with_level(pairs: Metadata, level: str) -> Metadata:
    return tuple(sorted([*(pair for pair in pairs if pair[0] != LEVEL), (LEVEL, level)]))
