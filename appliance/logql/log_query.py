"""Evaluation of log queries: a pipeline over chunks becomes streams.

Chunks come ordered by their newest (or oldest) entry, so that reading stops as soon as none that
follows can hold anything better than what was found. Of a chunk only what may be among the best is
run through the stages, from the better end on.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.rows import LabelSet, Rows, rows_of
from appliance.logql.scanned import statistics_of
from appliance.logql.stages import compile_pipeline
from appliance.logql.thinning import Thinner
from appliance.model.value import Stream, Streams

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.logql.ast import Pipeline
    from appliance.logql.request import Request, Statistics
    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, Metadata
    from appliance.model.sources import Guard, LogSource

    #: Key, line, labels.
    Entry = tuple[int, str, LabelSet]

#: So many rows are run through parsers at first, and so many times more each time after.
_FIRST_ROWS, _GROWTH = 64, 4
#: So many hits of a chunk are made entries at once.
_FEW_HITS = 256
_NO_KEYS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Hits:
    """Entries of a chunk that pass, best first.

    Attributes:
        bound: The best key that the chunk has.
        keys: int64[hit], ascending: times, negated when the newest come first.
        parts: The rows they are, from the better end on; their lines have been read.
    """

    bound: int
    keys: NDArray[np.int64]
    parts: Sequence[Rows]
    statistics: Statistics
    backward: bool

    def entries(self, count: int) -> list[Entry]:
        """The best of them, made when they are asked for: most hits are beaten by others."""
        lines: list[str] = []
        labels: list[LabelSet] = []
        for whole in self.parts:
            wanted = count - len(lines)
            part = _tail(whole, wanted) if self.backward else _head(whole, wanted)
            texts = [line.decode("utf-8", "replace") for line in part.line_list()]
            sets = part.label_sets(range(len(part)))
            lines += texts[::-1] if self.backward else texts
            labels += sets[::-1] if self.backward else sets
        return list(zip(self.keys[:count].tolist(), lines, labels, strict=True))


@dataclass(frozen=True, slots=True)
class FewHits:
    """The same with the entries made: a few must not keep the text of a whole chunk."""

    bound: int
    keys: NDArray[np.int64]
    made: Sequence[Entry]
    statistics: Statistics

    def entries(self, count: int) -> list[Entry]:
        """See `Hits.entries`."""
        return list(self.made[:count])


AnyHits = Hits | FewHits


def streams_of(query: Pipeline, source: LogSource, request: Request, guard: Guard) -> Streams:
    """The entries that a log query selects; of equal times any may be left out.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    reader = _ChunkReader(query, request)
    scan = source.scan(
        query.matchers,
        request.start_ns,
        request.end_ns,
        guard,
        work=reader,
        needles=reader.needles,
        backward=request.backward,
    )
    with closing(_as_generator(scan)) as hits:
        chosen = (
            _thinned(hits, request, guard)
            if request.interval_ns
            else _best(hits, reader, request, guard)
        )
    request.statistics.entries += len(chosen)
    return Streams(_streams(chosen, backward=request.backward))


def _as_generator(scan: Iterator[AnyHits]) -> Generator[AnyHits]:
    """So that it can be closed, which stops the reading."""
    yield from scan


def _best(
    scan: Iterator[AnyHits], reader: _ChunkReader, request: Request, guard: Guard
) -> list[Entry]:
    """The first `limit` entries."""
    found: list[AnyHits] = []
    best = np.empty(0, dtype=np.int64)
    for hits in scan:
        guard.check()
        request.statistics.add(hits.statistics)
        if reader.cutoff is not None and reader.cutoff <= hits.bound:
            break
        if len(hits.keys):
            found.append(hits)
            best = np.sort(np.concatenate([best, hits.keys]), kind="stable")[: request.limit]
            if len(best) == request.limit:
                reader.cutoff = cutoff = int(best[-1])
                found = [one for one in found if one.keys[0] <= cutoff]
    return _chosen(found, request.limit)


def _chosen(found: Sequence[AnyHits], limit: int) -> list[Entry]:
    """The best entries of all; of each chunk they are the first ones."""
    if not found:
        return []
    order = np.argsort(np.concatenate([hits.keys for hits in found]), kind="stable")[:limit]
    owners = np.repeat(np.arange(len(found)), [len(hits.keys) for hits in found])[order]
    counts = np.bincount(owners, minlength=len(found)).tolist()
    entries = [
        iter(hits.entries(count) if count else ())
        for hits, count in zip(found, counts, strict=True)
    ]
    return [next(entries[owner]) for owner in owners.tolist()]


def _thinned(scan: Iterator[AnyHits], request: Request, guard: Guard) -> list[Entry]:
    """The first `limit` entries that lie at least `interval_ns` after the one before them."""
    thinner: Thinner[Entry] = Thinner(request.interval_ns, request.limit)
    for hits in scan:
        guard.check()
        request.statistics.add(hits.statistics)
        guard.add_samples(len(hits.keys))
        if thinner.settle(hits.bound):
            break
        thinner.add(hits.keys, hits.entries(len(hits.keys)))
    thinner.settle(None)
    return thinner.chosen


def _streams(entries: Sequence[Entry], *, backward: bool) -> list[Stream]:
    """Entries by stream, in their order."""
    sign = -1 if backward else 1
    streams: dict[Labels, list[tuple[int, str, Metadata, Metadata]]] = {}
    for key, line, (labels, metadata, parsed) in entries:
        streams.setdefault(labels, []).append((sign * key, line, metadata, parsed))
    return [Stream(labels, rows) for labels, rows in sorted(streams.items())]


class _ChunkReader:
    """Finds the best entries of a chunk; shared by threads.

    Attributes:
        cutoff: Only entries with smaller keys are of interest. Set by the thread that gathers;
            others see it sooner or later, which is good enough.
    """

    def __init__(self, query: Pipeline, request: Request) -> None:
        pipeline = compile_pipeline(query.stages)
        self.needles = pipeline.needles
        self.cutoff: int | None = None
        self._filters, self._rest = pipeline.parts()
        self._request = request

    def __call__(self, chunk: LogChunk) -> AnyHits:
        """The chunk's best entries, at most as many as are wanted unless they are thinned out."""
        backward = self._request.backward
        times = chunk.timestamps_ns
        bound = -int(times[-1]) if backward else int(times[0])
        rows = self._interesting(rows_of(chunk))
        read = len(rows)
        parts = self._passing(rows)
        limit = read if self._request.interval_ns else self._request.limit
        best: list[Rows] = []
        found = 0
        for whole in parts:
            part = _tail(whole, limit - found) if backward else _head(whole, limit - found)
            found += len(part)
            best.append(part)
        keys = [-part.times_ns[::-1] if backward else part.times_ns for part in best]
        statistics = statistics_of(chunk, found, reads_text=True)
        statistics.lines = read
        hits = Hits(bound, np.concatenate([_NO_KEYS, *keys]), best, statistics, backward)
        if found <= _FEW_HITS:
            return FewHits(bound, hits.keys, hits.entries(found), statistics)
        if any(part.lines is None for part in best):
            _ = chunk.text  # lines are read here or never
        return hits

    def _interesting(self, rows: Rows) -> Rows:
        """The rows that may be among the best."""
        cutoff = self.cutoff
        if cutoff is None or not len(rows):
            return rows
        times = rows.times_ns
        if self._request.backward:
            return _tail(rows, len(times) - int(np.searchsorted(times, -cutoff, side="right")))
        return _head(rows, int(np.searchsorted(times, cutoff, side="left")))

    def _passing(self, rows: Rows) -> list[Rows]:
        """Rows that pass, in parts from the better end on, enough of them or all.

        What parses sees a few rows at first, and more as long as not enough of them pass.
        """
        request = self._request
        if len(rows):
            rows = self._filters.run(rows)
        if not self._rest.steps:
            return [rows]
        if request.interval_ns:
            return [self._rest.run(rows)]
        parts: list[Rows] = []
        size, found = max(_FIRST_ROWS, 2 * request.limit), 0
        while len(rows) and found < request.limit:
            left = max(0, len(rows) - size)
            part = _tail(rows, size) if request.backward else _head(rows, size)
            rows = _head(rows, left) if request.backward else _tail(rows, left)
            parts.append(self._rest.run(part))
            found += len(parts[-1])
            size *= _GROWTH
        return parts


def _head(rows: Rows, count: int) -> Rows:
    """The first rows."""
    return rows if count >= len(rows) else rows.take(np.arange(count))


def _tail(rows: Rows, count: int) -> Rows:
    """The last rows."""
    return rows if count >= len(rows) else rows.take(np.arange(len(rows) - count, len(rows)))
