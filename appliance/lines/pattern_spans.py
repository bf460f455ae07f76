"""Where the holes of a pattern lie in many lines at once; see `lines.pattern`.

All places of a text of the pattern are found first; for each line the first one behind what has
been read so far is looked up. It is the same as line by line, which a property test says too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import ABSENT, Column
from appliance.lines.label_name import decoded
from appliance.lines.pattern import Hole
from appliance.lines.spans import code_spans, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from appliance.lines.pattern import LinePattern

    Places = NDArray[np.int64]

#: Where a hole begins and ends in each line: int64[line], -1 where it has no value.
HoleSpans = tuple["Places", "Places"]


def hole_spans(
    pattern: LinePattern, text: bytes, starts: Places, ends: Places, chosen: Collection[str]
) -> list[HoleSpans]:
    """Places of the chosen holes, in their order.

    Args:
        starts, ends: Where lines begin and end in the text: int64[line].
    """
    data = np.frombuffer(text, np.uint8)
    head = pattern.parts[0] if isinstance(pattern.parts[0], bytes) else b""
    fits = (ends > starts) & _begins(data, starts, ends, head)
    at = starts + len(head)
    found: list[HoleSpans] = []
    for number, part in enumerate(pattern.parts):
        if not isinstance(part, Hole):
            continue
        follower = pattern.parts[number + 1] if number + 1 < len(pattern.parts) else b""
        behind = follower if isinstance(follower, bytes) else b""
        stops = _next(places_of(data, behind), at, ends - len(behind)) if behind else at * 0 - 1
        is_last = stops < 0
        if part.name in chosen:
            stop = np.where(is_last, ends, stops)
            found.append((np.where(fits, at, -1), np.where(fits, stop, -1)))
        fits &= ~is_last
        at = np.where(is_last, ends, stops + len(behind))
    return found


def span_column(text: bytes, starts: Places, ends: Places) -> Column:
    """Pieces of a text without NULs as a column: int64[row], absent where they begin at -1."""
    codes = np.full(len(starts), ABSENT, dtype=np.int32)
    rows = np.flatnonzero(starts >= 0)
    if not len(rows):
        return Column(codes, ())
    some_starts, some_ends = starts[rows], ends[rows]
    numbers, first = code_spans(text, words_of(text), some_starts, some_ends)
    spans = zip(some_starts[first].tolist(), some_ends[first].tolist(), strict=True)
    codes[rows] = numbers
    return distinct_column(codes, [decoded(text[start:end]) for start, end in spans])


def distinct_column(codes: NDArray[np.int32], texts: Sequence[str]) -> Column:
    """A column of codes whose texts may be equal, as those of broken characters are."""
    if len(set(texts)) == len(texts):
        return Column(codes, texts)
    number: dict[str, int] = {}
    moved = [number.setdefault(text, len(number)) for text in texts]
    return Column(np.array([*moved, ABSENT], dtype=np.int32)[codes], list(number))


def places_of(data: NDArray[np.uint8], wanted: bytes) -> Places:
    """Where a string begins, overlapping itself or not: int64[place], ascending.

    wanted: Not empty.
    """
    size = max(0, len(data) - len(wanted) + 1)
    mask = data[:size] == wanted[0]
    if len(wanted) > 1:
        mask &= data[1 : size + 1] == wanted[1]
    places = np.flatnonzero(mask)
    for offset in range(2, len(wanted)):
        places = places[data[places + offset] == wanted[offset]]
    return places


def _begins(
    data: NDArray[np.uint8], starts: Places, ends: Places, head: bytes
) -> NDArray[np.bool_]:
    """Which lines begin with a string: bool[line]."""
    fits: NDArray[np.bool_] = ends - starts >= len(head)
    for offset, byte in enumerate(head):
        fits[fits] = data[starts[fits] + offset] == byte
    return fits


def _next(places: Places, at: Places, last: Places) -> Places:
    """The first of some places that is not before `at` nor after `last`: int64[line], else -1."""
    if not len(places):
        return np.full(len(at), -1)
    found = places[np.minimum(np.searchsorted(places, at), len(places) - 1)]
    return np.where((found >= at) & (found <= last), found, -1)
