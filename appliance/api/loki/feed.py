"""What one tail shows: entries from the store's writer thread, filtered in a worker thread.

Invariant: `notice` never waits and never raises; what a feed cannot hold is counted as dropped.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from appliance.logql.engine import Request, evaluate
from appliance.model.value import Stream, Streams
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from appliance.base.clock import Clock
    from appliance.logql.ast import Pipeline
    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, Metadata, StreamVolume
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard, LogSource

T = TypeVar("T")
#: What may wait to be filtered.
_MOST_ENTRIES = 100_000
_MOST_BYTES = 64 << 20
#: Of dropped entries so many are named.
MOST_DROPPED = 1000


@dataclass(frozen=True, slots=True)
class TailQuery:
    """What a tail is asked.

    Attributes:
        limit: Entries of the past that come first.
        delay_ns: How long an entry is held back, so that late ones can be put in order.
    """

    query: Pipeline
    start_ns: int
    limit: int
    delay_ns: int


class Row(NamedTuple):
    """An entry that passed."""

    time_ns: int
    labels: Labels
    line: str
    metadata: Metadata
    parsed: Metadata


class Feed:
    """Entries of one tail.

    Args:
        wake: Called in any thread when something waits; must not block.
    """

    def __init__(
        self, asked: TailQuery, limits: QueryLimits, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._asked = asked
        self._limits = limits
        self._clock = clock
        self._wake = wake
        self._lock = threading.Lock()
        self._chunks: list[LogChunk] = []
        self._entries = self._bytes = 0
        self._dropped: list[tuple[int, Labels]] = []

    def notice(self, chunk: LogChunk) -> None:
        """Take entries; called by the store's writer thread."""
        size = int(chunk.offsets[-1] - chunk.offsets[0])
        with self._lock:
            if self._entries + len(chunk) > _MOST_ENTRIES or self._bytes + size > _MOST_BYTES:
                room = MOST_DROPPED - len(self._dropped)
                times = chunk.timestamps_ns[: max(room, 0)].tolist()
                self._dropped += [(time_ns, chunk.labels) for time_ns in times]
                return
            is_first = not self._chunks
            self._chunks.append(chunk)
            self._entries += len(chunk)
            self._bytes += size
        if is_first:
            self._wake()

    @property
    def waiting(self) -> int:
        """Entries to be looked at."""
        return self._entries

    def history(self, source: LogSource, guard: QueryGuard) -> list[Row]:
        """The newest entries stored so far, ascending by time; call in a worker thread."""
        wanted = Request(
            start_ns=self._asked.start_ns,
            end_ns=self._clock.now_ns(),
            limit=min(self._asked.limit, self._limits.max_log_entries),
            backward=True,
        )
        return _rows(self._asked.query, source, wanted, guard)

    def take(self) -> tuple[list[Row], list[tuple[int, Labels]]]:
        """What came since the last call and passed, ascending by time, and what was dropped.

        Raises:
            LimitExceeded, TimedOut: As for a query.
        """
        with self._lock:
            chunks, self._chunks = self._chunks, []
            dropped, self._dropped = self._dropped, []
            count, self._entries, self._bytes = self._entries, 0, 0
        if not chunks:
            return [], dropped
        wanted = Request(
            start_ns=min(int(chunk.timestamps_ns[0]) for chunk in chunks),
            end_ns=max(int(chunk.timestamps_ns[-1]) for chunk in chunks) + 1,
            limit=count,
            backward=False,
        )
        guard = QueryGuard(self._limits, self._clock)
        return _rows(self._asked.query, _Chunks(chunks), wanted, guard), dropped


def _rows(query: Pipeline, source: LogSource, wanted: Request, guard: Guard) -> list[Row]:
    value = evaluate(query, source, wanted, guard).value
    if not isinstance(value, Streams):
        raise TypeError(f"a log query gave a {type(value).__name__}")
    rows = [
        Row(time_ns, stream.labels, line, metadata, parsed)
        for stream in value.streams
        for time_ns, line, metadata, parsed in stream.entries
    ]
    rows.sort(key=lambda row: row.time_ns)
    return rows


def streams_of(rows: Iterable[Row]) -> list[Stream]:
    """Entries by their streams."""
    found: dict[Labels, list[tuple[int, str, Metadata, Metadata]]] = {}
    for time_ns, labels, line, metadata, parsed in rows:
        found.setdefault(labels, []).append((time_ns, line, metadata, parsed))
    return [Stream(labels, entries) for labels, entries in found.items()]


class _Chunks:
    """Some chunks as a source, already selected by their streams."""

    def __init__(self, chunks: Sequence[LogChunk]) -> None:
        self._found = sorted(chunks, key=lambda chunk: int(chunk.timestamps_ns[0]))

    def scan(
        self,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        guard: Guard,
        *,
        work: Callable[[LogChunk], T],
        needles: Sequence[bytes] = (),
        backward: bool = False,
    ) -> Iterator[T]:
        """All of them: range and selector fit already."""
        del matchers, start_ns, end_ns, needles, backward
        for chunk in self._found:
            guard.check()
            yield work(chunk)

    def volumes(
        self, matchers: tuple[Matcher, ...], start_ns: int, end_ns: int, guard: Guard
    ) -> list[StreamVolume]:
        """None."""
        del matchers, start_ns, end_ns, guard
        return []

    def volume_steps(
        self, matchers: tuple[Matcher, ...], steps: Sequence[tuple[int, int]], guard: Guard
    ) -> Iterator[list[StreamVolume]]:
        """None."""
        del matchers, guard
        yield from ([] for _ in steps)

    def label_names(self, matchers: object, start: int, end: int) -> list[str]:
        """None."""
        del matchers, start, end
        return []

    def label_values(self, name: str, matchers: object, start: int, end: int) -> list[str]:
        """None."""
        del name, matchers, start, end
        return []

    def series(self, matchers: object, start: int, end: int) -> list[Labels]:
        """None."""
        del matchers, start, end
        return []
