"""What looking at a chunk cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.request import Statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.log import LogChunk, Metadata

#: So many distinct metadata are measured; with more of them, a sample is.
_MEASURED = 64


def statistics_of(chunk: LogChunk, passed: int, *, reads_text: bool) -> Statistics:
    """The figures of one chunk of which `passed` entries passed all stages.

    Structured metadata of many distinct kinds is estimated from some of them.
    """
    metadata = _metadata_bytes(chunk)
    return Statistics(
        chunks=1,
        lines=len(chunk),
        bytes=metadata + (int(chunk.offsets[-1]) - len(chunk) if reads_text else 0),
        post_filter_lines=passed,
        structured_metadata_bytes=metadata,
    )


def _metadata_bytes(chunk: LogChunk) -> int:
    sets = chunk.metadata
    if len(sets) <= 1:
        return 0
    if len(sets) > _MEASURED:
        places = np.linspace(1, len(sets) - 1, _MEASURED).astype(np.int64)
        sizes = [_size(sets[place]) for place in places.tolist()]
        entries = int(np.count_nonzero(chunk.metadata_ids))
        return round(entries * sum(sizes) / len(sizes))
    counts = np.bincount(chunk.metadata_ids, minlength=len(sets))
    return int(counts @ np.array(_sizes(sets)))


def _sizes(sets: Sequence[Metadata]) -> list[int]:
    return [_size(pairs) for pairs in sets]


def _size(pairs: Metadata) -> int:
    return sum(len(name) + len(text) for name, text in pairs)
