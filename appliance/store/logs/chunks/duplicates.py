"""Exact duplicates: entries of one stream with the same time and the same line.

Entries are ascending by time everywhere here, so only neighbours with equal times need a look; of
their lines a fingerprint is compared first, and the lines themselves only where that is equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.log import PlainLines

#: So many words of eight bytes of a line make its fingerprint.
_WORDS = 8
_WORD_BYTES = 8
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(_WORD_BYTES + 1)], dtype=np.uint64)
_FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)


def find_repeats(times_ns: NDArray[np.int64], lines: PlainLines) -> NDArray[np.int64] | None:
    """Entries that an earlier one equals: int64[row], ascending; None when there are none.

    Args:
        times_ns: int64[entry], ascending.
        lines: [entry].
    """
    tied = times_ns[1:] == times_ns[:-1]
    if not tied.any():
        return None
    rows = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
    prints = _fingerprints(times_ns, lines, rows)
    order = np.argsort(prints, kind="stable")
    equal = prints[order[1:]] == prints[order[:-1]]
    if not equal.any():
        return None
    alike = np.append(equal, False) | np.append(False, equal)
    return _compare(times_ns, lines, np.sort(rows[order[alike]]))


def find_common(
    times_ns: NDArray[np.int64], other_ns: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of each of two ascending arrays whose times are in the other too."""
    if not len(times_ns) or not len(other_ns):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return _rows_in(times_ns, other_ns), _rows_in(other_ns, times_ns)


def _rows_in(mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.int64]:
    low = int(np.searchsorted(mine, theirs[0], side="left"))
    high = int(np.searchsorted(mine, theirs[-1], side="right"))
    within = mine[low:high]
    places = np.searchsorted(theirs, within, side="left")
    return low + np.flatnonzero(theirs[places] == within)


def _fingerprints(
    times_ns: NDArray[np.int64], lines: PlainLines, rows: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Hashes of time, length and some words of each line: uint64[row]."""
    starts = lines.offsets[rows]
    lengths = lines.offsets[rows + 1] - 1 - starts
    # Eight bytes can be read from any place of the padded text.
    padded = np.frombuffer(lines.text + bytes(_WORD_BYTES), np.uint8)
    words = np.ndarray((len(lines.text) + 1,), "<u8", padded.data, strides=(1,))
    masks = _MASKS[np.minimum(lengths, _WORD_BYTES)]
    room = np.maximum(lengths - _WORD_BYTES, 0)
    found = (times_ns[rows].view(np.uint64) * _FACTOR) ^ lengths.astype(np.uint64)
    for number in range(_WORDS):
        places = starts + room * number // (_WORDS - 1)
        found = (found ^ (words[places] & masks)) * _FACTOR
        found ^= found >> np.uint64(29)
    return found


def _compare(
    times_ns: NDArray[np.int64], lines: PlainLines, rows: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Those of some rows that an earlier one of them equals."""
    text = lines.text
    times = times_ns[rows].tolist()
    starts, ends = lines.offsets[rows].tolist(), lines.offsets[rows + 1].tolist()
    keys = [(time, text[a:b]) for time, a, b in zip(times, starts, ends, strict=True)]
    first = dict(zip(reversed(keys), reversed(rows.tolist()), strict=True))
    if len(first) == len(keys):
        return None
    return np.setdiff1d(rows, np.fromiter(first.values(), np.int64, len(first)))
