"""Trace ids that begin like a given one, for somebody who has only a part of an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from appliance.model.sources import Guard, SpanSource
    from appliance.traces.window import Window


def ids_with_prefix(
    source: SpanSource, prefix: str, window: Window, guard: Guard, *, most: int
) -> list[bytes]:
    """Ids of stored traces whose hexadecimal form begins with some digits, newest blocks first.

    Ids of 64 bits have zeros in front; they are found without these too.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found: dict[bytes, None] = {}
    starts = (prefix, "0" * 16 + prefix) if len(prefix) <= 16 else (prefix,)
    for columns in source.scan(window.start_ns, window.end_ns, guard):
        guard.check()
        ids = np.ascontiguousarray(columns.traces().ids).view(">u8").reshape(-1, 2)
        upper, lower = ids[:, 0], ids[:, 1]
        for text in starts:
            mask = _begins(upper, text[:16])
            if len(text) > 16:
                mask &= _begins(lower, text[16:])
            for row in np.flatnonzero(mask)[: most - len(found)].tolist():
                found.setdefault(ids[row].tobytes())
        if len(found) >= most:
            break
    return list(found)


def _begins(
    numbers: np.ndarray[tuple[int], np.dtype[np.uint64]], digits: str
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which numbers have some leading hexadecimal digits."""
    low, high = int(digits.ljust(16, "0"), 16), int(digits.ljust(16, "f"), 16)
    return (numbers >= np.uint64(low)) & (numbers <= np.uint64(high))
