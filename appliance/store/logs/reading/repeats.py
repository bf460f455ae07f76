"""Entries of a piece that pieces which came before it have already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.log import PlainLines, offsets_of
from appliance.store.codec import Damaged
from appliance.store.logs.chunks.duplicates import find_common, find_repeats
from appliance.store.logs.reading.piece import Gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from appliance.store.logs.reading.piece import Piece


def find_repeated(
    times_ns: NDArray[np.int64], lines: Callable[[], PlainLines], earlier: Iterable[Piece]
) -> NDArray[np.int64] | None:
    """Entries that earlier pieces of the stream have: int64[row], ascending; None: there are none.

    Lines are read only where times are equal. Earlier pieces that cannot be read have nothing.

    Args:
        times_ns: int64[entry], ascending.
        lines: Gives [entry].
    """
    found = []
    for other in earlier:
        try:
            mine, theirs = find_common(times_ns, other.times())
            if not len(mine):
                continue
            their_times, their_lines = other.times()[theirs], other.lines().take(theirs)
        except (Gone, Damaged):
            continue
        repeats = _repeats_among(their_times, their_lines, times_ns[mine], lines().take(mine))
        found.append(mine[repeats])
    rows = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return rows if len(rows) else None


def _repeats_among(
    first_ns: NDArray[np.int64],
    first: PlainLines,
    second_ns: NDArray[np.int64],
    second: PlainLines,
) -> NDArray[np.int64]:
    """Those of the second entries that one of the first equals."""
    times = np.concatenate((first_ns, second_ns))
    order = np.argsort(times, kind="stable")
    lengths = np.concatenate((np.diff(first.offsets), np.diff(second.offsets)))
    joined = PlainLines(first.text + second.text, offsets_of(lengths)).take(order)
    repeats = find_repeats(times[order], joined)
    if repeats is None:
        return np.empty(0, np.int64)
    rows = order[repeats] - len(first)
    return np.sort(rows[rows >= 0])
