"""Which parts of a stream's head are read together.

Merging is what reading the head costs, so a part is merged with newer ones only once they are half
as large as it is, and a large part never, unless their times overlap. A head that grows between
queries is then merged anew at its end alone. The plan does not change by itself: runs of one part
stay as they are until more entries arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.store.logs.entries import Entries

#: Parts of so much text are merged with newer ones only when these overlap them in time.
_LARGE_BYTES = 128 << 10
#: It does not pay to keep less than this by itself.
_SMALL_BYTES = 4 << 10


def runs_of(parts: Sequence[Entries]) -> list[tuple[Entries, ...]]:
    """Parts in the order of arrival, in runs that are to be merged.

    A run may begin at the very time at which the one before it ends; otherwise it lies behind all
    runs before it.
    """
    runs: list[list[Entries]] = []
    size = 0
    for part in reversed(parts):
        own = len(part.text)
        if runs and (own < _SMALL_BYTES or (own < _LARGE_BYTES and own <= 2 * size)):
            runs[-1].append(part)
        else:
            runs.append([part])
            size = 0
        size += own
    found: list[tuple[Entries, ...]] = []
    newest: list[int] = []
    for run in (tuple(reversed(one)) for one in reversed(runs)):
        first, last = min(one.min_ns for one in run), max(one.max_ns for one in run)
        whole = run
        while newest and first < newest[-1]:
            whole, last = (*found.pop(), *whole), max(last, newest.pop())
        found.append(whole)
        newest.append(last)
    return found
