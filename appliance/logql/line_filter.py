"""Line filters over whole chunks: which lines contain a string, without a call per line.

A chunk's text is split at the string; the lengths of the pieces give all places where it occurs,
and one binary search maps the places to lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.ast import FilterOp, LineFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.log import LogChunk


def needles(filters: Sequence[LineFilter]) -> tuple[bytes, ...]:
    """Strings that every line of interest contains."""
    return tuple(
        item.text.encode() for item in filters if item.op is FilterOp.CONTAINS and item.text
    )


def passing(chunk: LogChunk, filters: Sequence[LineFilter]) -> NDArray[np.int64]:
    """The entries whose lines pass all filters: int64[hit], ascending."""
    mask = np.ones(len(chunk), dtype=bool)
    for item in filters:
        found = _containing(chunk, item.text.encode())
        mask &= found if item.op is FilterOp.CONTAINS else ~found
        if not mask.any():
            break
    return np.flatnonzero(mask)


def _containing(chunk: LogChunk, needle: bytes) -> NDArray[np.bool_]:
    """Which lines contain a string: bool[entry]."""
    if not needle:
        return np.ones(len(chunk), dtype=bool)
    mask = np.zeros(len(chunk), dtype=bool)
    if b"\n" in needle:  # could reach over the end of a line: look at each by itself
        lines = (chunk.line(row) for row in range(len(chunk)))
        return np.fromiter((needle in line for line in lines), dtype=bool, count=len(chunk))
    pieces = chunk.text.split(needle)
    if len(pieces) > 1:
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        places = np.cumsum(lengths[:-1] + len(needle)) - len(needle)
        mask[chunk.lines_at(places)] = True
    return mask
