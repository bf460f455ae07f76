"""Evaluation of log queries: a pipeline over a source of chunks becomes streams.

Chunks come ordered by their newest (or oldest) entry, so that reading stops as soon as none that
follows can hold anything better than what was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.line_filter import needles, passing
from appliance.model.value import QueryResult, Stream, Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.logql.ast import Pipeline
    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, Metadata
    from appliance.model.sources import Guard, LogSource


@dataclass(frozen=True, slots=True)
class _Hits:
    """Entries of a chunk that pass, in the order asked for.

    Attributes:
        rows: int64[hit].
        keys: int64[hit], ascending: times, negated when the newest come first.
    """

    chunk: LogChunk
    rows: NDArray[np.int64]
    keys: NDArray[np.int64]


def evaluate(
    query: Pipeline,
    source: LogSource,
    *,
    start_ns: int,
    end_ns: int,
    limit: int,
    backward: bool,
    guard: Guard,
) -> QueryResult:
    """The entries that a log query selects.

    Args:
        start_ns, end_ns: The end is not included.
        limit: How many entries; of equal times any may be left out.
        backward: The newest entries, newest first; else the oldest, oldest first.

    Returns:
        Streams sorted by labels.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found: list[_Hits] = []
    best = np.empty(0, dtype=np.int64)
    wanted = needles(query.stages)
    chunks = source.select(
        query.matchers, start_ns, end_ns, guard, needles=wanted, backward=backward
    )
    for chunk in chunks:
        guard.check()
        if not len(chunk):
            continue
        if len(best) == limit and best[-1] <= _first_key(chunk, backward=backward):
            break
        hits = _hits(chunk, query, limit, backward=backward)
        if len(hits.rows):
            found.append(hits)
            best = np.sort(np.concatenate([best, hits.keys]))[:limit]
    return QueryResult(Streams(_streams(found, limit)))


def _first_key(chunk: LogChunk, *, backward: bool) -> int:
    return -int(chunk.timestamps_ns[-1]) if backward else int(chunk.timestamps_ns[0])


def _hits(chunk: LogChunk, query: Pipeline, limit: int, *, backward: bool) -> _Hits:
    rows = passing(chunk, query.stages)
    if backward:
        rows = rows[::-1][:limit]
        return _Hits(chunk, rows, -chunk.timestamps_ns[rows])
    rows = rows[:limit]
    return _Hits(chunk, rows, chunk.timestamps_ns[rows])


def _streams(found: list[_Hits], limit: int) -> list[Stream]:
    """The best entries, by stream."""
    if not found:
        return []
    keys = np.concatenate([hits.keys for hits in found])
    numbers = np.repeat(np.arange(len(found)), [len(hits.rows) for hits in found])
    rows = np.concatenate([hits.rows for hits in found])
    order = np.argsort(keys, kind="stable")[:limit]
    streams: dict[Labels, list[tuple[int, str, Metadata]]] = {}
    for number, row in zip(numbers[order].tolist(), rows[order].tolist(), strict=True):
        chunk = found[number].chunk
        entry = (
            int(chunk.timestamps_ns[row]),
            chunk.line(row).decode("utf-8", "replace"),
            chunk.metadata[int(chunk.metadata_ids[row])],
        )
        streams.setdefault(chunk.labels, []).append(entry)
    return [Stream(labels, entries) for labels, entries in sorted(streams.items())]
