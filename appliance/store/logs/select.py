"""LogSource of one tenant: head and chunks, in time order, read as late as possible.

Listing takes a snapshot of head and chunk table; blobs are read one by one afterwards, without a
transaction that would hold back the checkpoint. A chunk that retention has deleted meanwhile is
skipped.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.codec import Damaged
from appliance.store.logs.piece import ChunkPiece, Gone, HeadPiece
from appliance.store.logs.token_filter import needle_hashes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard
    from appliance.store.label_index import LabelIndex
    from appliance.store.logs.piece import Piece, Shelf

_MIN_NS, _MAX_NS = -(1 << 63), (1 << 63) - 1
#: Up to so many streams the chunk table is asked stream by stream, else by time.
_BY_STREAM = 100


class TenantLogs:
    """Implements `model.sources.LogSource`; an unknown tenant has nothing."""

    def __init__(self, tenant: str, shelf: Shelf) -> None:
        self._tenant = tenant
        self._shelf = shelf

    def select(
        self,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        guard: Guard,
        *,
        needles: Sequence[bytes] = (),
        backward: bool = False,
    ) -> Iterator[LogChunk]:
        """See `LogSource.select`; head and chunks are listed by this call, read by the iterator."""
        start, last = _clamp(start_ns), _clamp(end_ns - 1)
        tenant = self._shelf.tenants.find(self._tenant)
        if tenant is None or start > last or end_ns <= _MIN_NS:
            return iter(())
        index = self._shelf.registry.index(tenant)
        streams = index.select(matchers)
        pieces = self._list(tenant, streams, (start, last))
        walk = _Walk(
            shelf=self._shelf,
            start_ns=start,
            last_ns=last,
            guard=guard,
            backward=backward,
            tokens=needle_hashes(tuple(needles)),
        )
        return walk.run(pieces, index)

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_names`."""
        index, streams = self._live(matchers, start, end)
        return [] if index is None else index.names(streams)

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_values`."""
        index, streams = self._live(matchers, start, end)
        return [] if index is None else index.values(name, streams)

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """See `LabelSource.series`."""
        index, streams = self._live(matchers, start, end)
        if index is None:
            return []
        found = (_labels(index, number) for number in streams.tolist())
        return sorted(labels for labels in found if labels is not None)

    def _list(self, tenant: int, streams: NDArray[np.int64], span: tuple[int, int]) -> list[Piece]:
        shelf = self._shelf
        if not len(streams):
            return []
        with shelf.database.snapshot(lambda: shelf.head.snapshot(streams)) as (connection, head):
            rows = _chunk_rows(connection, tenant, streams, span)
        pieces: list[Piece] = [ChunkPiece(shelf, row) for row in sorted(rows)]
        for stream, groups in head:
            pieces += [HeadPiece(shelf.head, stream, parts) for parts in groups]
        return [one for one in pieces if one.max_ns >= span[0] and one.min_ns <= span[1]]

    def _live(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> tuple[LabelIndex | None, NDArray[np.int64]]:
        """The index, and streams that satisfy an alternative and have data in [start, end]."""
        shelf, none = self._shelf, np.empty(0, dtype=np.int64)
        tenant = shelf.tenants.find(self._tenant)
        start, end = _clamp(start), _clamp(end)
        if tenant is None or start > end:
            return None, none
        index = shelf.registry.index(tenant)
        chosen = [index.select(one) for one in matchers] or [index.select(())]
        streams = chosen[0] if len(chosen) == 1 else np.unique(np.concatenate(chosen))
        if not len(streams):
            return index, none
        take = lambda: shelf.head.spans(streams, start, end)  # noqa: E731 - short
        with shelf.database.snapshot(take) as (connection, in_head):
            rows = connection.execute(
                "SELECT DISTINCT stream FROM chunk WHERE tenant=? AND max_ns>=? AND min_ns<=?",
                (tenant, start, end),
            )
            live = np.array([*in_head, *(row[0] for row in rows)], dtype=np.int64)
        return index, np.intersect1d(streams, live)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Pieces in the order of the protocol.

    A piece that reaches over the range's edge is known only by a bound; when its turn comes its
    times are read and it is put back by its true place.
    """

    shelf: Shelf
    start_ns: int
    last_ns: int
    guard: Guard
    backward: bool
    tokens: NDArray[np.uint64]

    def run(self, pieces: list[Piece], index: LabelIndex) -> Iterator[LogChunk]:
        sign = -1 if self.backward else 1
        queue = [(self._bound(one), sign * place, False) for place, one in enumerate(pieces)]
        heapq.heapify(queue)
        while queue:
            self.guard.check()
            _, place, is_placed = heapq.heappop(queue)
            piece = pieces[sign * place]
            try:
                if not is_placed:
                    key = self._place(piece)
                    if key is not None:
                        heapq.heappush(queue, (key, place, True))
                    continue
                chunk = self._read(piece, index)
            except Gone:
                continue
            except Damaged as error:
                if isinstance(piece, ChunkPiece):
                    self.shelf.damage("chunk", piece.number, error)
                continue
            if chunk is not None:
                yield chunk

    def _bound(self, piece: Piece) -> int:
        """The earliest place in the order that the piece can have."""
        if self.backward:
            return -min(piece.max_ns, self.last_ns)
        return max(piece.min_ns, self.start_ns)

    def _place(self, piece: Piece) -> int | None:
        """The place in the order that the piece has; None when it need not be read."""
        if len(self.tokens) and piece.is_ruled_out(self.tokens):
            return None
        inside = piece.max_ns <= self.last_ns if self.backward else piece.min_ns >= self.start_ns
        if inside:
            return self._bound(piece)
        times = piece.times()
        low = int(np.searchsorted(times, self.start_ns, side="left"))
        high = int(np.searchsorted(times, self.last_ns, side="right"))
        if low == high:
            return None
        return -int(times[high - 1]) if self.backward else int(times[low])

    def _read(self, piece: Piece, index: LabelIndex) -> LogChunk | None:
        entries = piece.entries()
        self.guard.add_bytes(len(entries.text))
        low, high = entries.bounds(self.start_ns, self.last_ns)
        labels = _labels(index, piece.stream)
        if low == high or labels is None:
            return None
        return entries.cut(low, high).chunk(labels)


def _chunk_rows(
    connection: sqlite3.Connection,
    tenant: int,
    streams: NDArray[np.int64],
    span: tuple[int, int],
) -> list[tuple[int, int, int, int]]:
    """(id, stream, min, max) of the chunks of some streams that overlap [first, last]."""
    what = "SELECT id, stream, min_ns, max_ns FROM chunk"
    if len(streams) <= _BY_STREAM:
        sql = f"{what} WHERE stream=? AND max_ns>=? AND min_ns<=?"
        asked = (connection.execute(sql, (number, *span)) for number in streams.tolist())
        return [row for rows in asked for row in rows]
    sql = f"{what} WHERE tenant=? AND max_ns>=? AND min_ns<=?"
    wanted = set(streams.tolist())
    return [row for row in connection.execute(sql, (tenant, *span)) if row[1] in wanted]


def _labels(index: LabelIndex, number: int) -> Labels | None:
    """A stream's labels; None when retention has just forgotten it."""
    try:
        return index.labels(number)
    except KeyError:
        return None


def _clamp(time_ns: int) -> int:
    return max(_MIN_NS, min(_MAX_NS, time_ns))
