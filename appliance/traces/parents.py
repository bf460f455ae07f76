"""Which row is each span's parent, by one sort and one search per block.

A server span may share its id with the client span that called it (Zipkin): then the client span
is its parent, and children that name the id are the server's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.trace import SpanColumns

_SERVER, _CLIENT = 2, 3
_MIX = np.uint64(0x9E3779B97F4A7C15)


def parent_rows(columns: SpanColumns) -> NDArray[np.int64]:
    """The row of each span's parent, -1 where there is none or it is not here: int64[span]."""
    return columns.derived("parent rows", lambda: _find(columns))


def _find(columns: SpanColumns) -> NDArray[np.int64]:
    count = columns.count
    if not count:
        return np.empty(0, np.int64)
    kinds = columns.numbers("kind")
    span_ids = columns.numbers("span_id").view(np.uint64)
    parent_ids = columns.numbers("parent_id").view(np.uint64)
    traces = columns.traces()
    trace_of = traces.spread(np.arange(len(traces.ids)))
    salt = _scramble(trace_of)
    # Even keys stand for (trace, span id); the last bit puts the server before its namesake.
    keys = _key(span_ids, salt) | (kinds != _SERVER).astype(np.uint64)
    order = np.argsort(keys)
    ordered = keys[order]
    places = np.minimum(np.searchsorted(ordered, _key(parent_ids, salt)), count - 1)
    rows = order[places]
    here = (span_ids[rows] == parent_ids) & (trace_of[rows] == trace_of) & (parent_ids != 0)
    found = np.where(here & (rows != np.arange(count)), rows, -1)
    return _with_shared_ids(found, order, (span_ids, trace_of, kinds))


def _with_shared_ids(
    found: NDArray[np.int64],
    order: NDArray[np.int64],
    facts: tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Put servers below the clients whose ids they share."""
    span_ids, trace_of, kinds = facts
    first, second = order[:-1], order[1:]
    is_shared = (kinds[first] == _SERVER) & (kinds[second] == _CLIENT)
    is_shared &= (span_ids[first] == span_ids[second]) & (trace_of[first] == trace_of[second])
    servers, clients = first[is_shared], second[is_shared]
    found[servers] = clients
    return found


def _key(ids: NDArray[np.uint64], salt: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Even keys of ids within their traces; different ids have different ones but for accidents."""
    mixed = ids * _MIX
    mixed ^= mixed >> np.uint64(29)
    return (mixed ^ salt) & ~np.uint64(1)


def _scramble(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Trace numbers as bits that look random (the finalizer of splitmix64)."""
    mixed = numbers.astype(np.uint64) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
