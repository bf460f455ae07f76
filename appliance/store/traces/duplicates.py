"""Exact duplicates of spans: a request that was sent again because its answer was lost.

Differs from Tempo: it takes spans of a trace for equal when their ids and kinds are (pkg/model/
trace, combine). Here all of their bytes must be, so that spans which clumsy senders give the same
id are all shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.store.traces.table import trace_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from appliance.store.traces.table import Columns

#: Odd numbers without pattern, so that keys of unlike spans are hardly ever equal.
_MIX_1, _MIX_2, _MIX_3 = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)


def span_keys(
    trace_ids: NDArray[np.uint8], span_ids: NDArray[np.uint64], starts: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """A number per span, equal for equal spans and hardly ever else: uint64[span]."""
    halves = trace_halves(trace_ids)
    keys: NDArray[np.uint64] = halves[:, 1] ^ (halves[:, 0] * _MIX_1)
    keys ^= span_ids * _MIX_2
    keys ^= starts.astype(np.uint64) * _MIX_3
    return keys


def repeated_rows(
    keys: NDArray[np.uint64], identify: Callable[[NDArray[np.int64]], Sequence[Hashable]]
) -> NDArray[np.int64]:
    """Rows that an earlier row already shows, ascending: int64[row].

    Args:
        keys: See `span_keys`.
        identify: What all of a span is, for rows whose keys are not unique.
    """
    ordered = np.sort(keys)
    doubles = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(doubles):
        return np.empty(0, np.int64)
    suspects = np.flatnonzero(np.isin(keys, doubles))
    seen: set[Hashable] = set()
    repeated = []
    for row, identity in zip(suspects.tolist(), identify(suspects), strict=True):
        if identity in seen:
            repeated.append(row)
        seen.add(identity)
    return np.array(repeated, np.int64)


def sorted_rows(columns: Columns, span_of: Callable[[int], bytes]) -> NDArray[np.int64]:
    """Rows by trace, then start, exact duplicates left out: int64[kept].

    Args:
        span_of: The bytes of a row's span.
    """
    order = columns.sorted_order()
    keys = span_keys(columns.trace_ids, columns.numbers["span_id"], columns.numbers["start_ns"])

    def identify(rows: NDArray[np.int64]) -> list[Hashable]:
        resources, scopes = columns.coded["resource"].ids, columns.coded["scope"].ids
        shared = zip(resources[rows].tolist(), scopes[rows].tolist(), strict=True)
        return [(*one, span_of(row)) for one, row in zip(shared, rows.tolist(), strict=True)]

    repeated = repeated_rows(keys, identify)
    if not len(repeated):
        return order
    keep = np.ones(len(columns), np.bool_)
    keep[repeated] = False
    return order[keep[order]]
