"""`detected_level`: structured metadata of every log entry, whatever brought it (Loki 3).

No Python code runs per line: sets of metadata are combined with levels, each combination once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.log import MetadataColumn, PlainLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.lines.column import Column
    from appliance.model.log import Metadata, StreamBatch

LEVEL = "detected_level"


def with_levels(stream: StreamBatch) -> StreamBatch:
    """A stream whose entries all say their level."""
    try:
        from appliance.lines.level import detect_levels  # noqa: PLC0415
    except ImportError:
        return stream
    lines = PlainLines.of(stream.lines)
    metadata = None if stream.metadata is None else MetadataColumn.of(stream.metadata)
    levels = detect_levels(lines.text, lines.offsets, stream.labels, metadata)
    return replace(stream, lines=lines, metadata=_combined(metadata, levels))


def _combined(metadata: MetadataColumn | None, levels: Column) -> MetadataColumn:
    """Metadata with the level of each entry; `levels` has one for each."""
    if metadata is None:
        sets: Sequence[Metadata] = [((LEVEL, level),) for level in levels.values]
        return MetadataColumn(((), *sets), levels.codes + np.int32(1))
    count = len(levels.values)
    pairs = metadata.ids.astype(np.int64) * count + levels.codes
    used, ids = _distinct(pairs, len(metadata.distinct) * count)
    sets = [
        _with_level(metadata.distinct[pair // count], levels.values[pair % count])
        for pair in used.tolist()
    ]
    return MetadataColumn(((), *sets), ids)


def _distinct(
    numbers: NDArray[np.int64], bound: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The numbers in use, below `bound`, and which of them each one is, counted from 1."""
    place = np.zeros(bound, dtype=np.int32)
    place[numbers] = 1
    used = np.flatnonzero(place)
    place[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    return used, place[numbers]


def _with_level(pairs: Metadata, level: str) -> Metadata:
    return tuple(sorted([*(pair for pair in pairs if pair[0] != LEVEL), (LEVEL, level)]))
