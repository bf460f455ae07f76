"""What looking at a chunk cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.metadata import MetadataSets, MetadataTable
from appliance.logql.request import Statistics

if TYPE_CHECKING:
    from appliance.model.log import LogChunk

#: So many distinct metadata are measured; with more of them their mean is taken.
_MEASURED = 64


def statistics_of(chunk: LogChunk, passed: int, *, reads_text: bool) -> Statistics:
    """The figures of one chunk of which `passed` entries passed all stages.

    Structured metadata of many distinct kinds is estimated.
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
        table = sets if isinstance(sets, MetadataTable) else MetadataSets(sets)
        return round(table.mean_bytes * np.count_nonzero(chunk.metadata_ids))
    counts = np.bincount(chunk.metadata_ids, minlength=len(sets))
    sizes = [sum(len(name) + len(text) for name, text in pairs) for pairs in sets]
    return int(counts @ np.array(sizes))
