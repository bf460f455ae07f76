"""A scan: pieces in the order of the protocol, worked on in threads.

Invariants:
- Results come in the order of the pieces, whichever thread is done first.
- The first piece is worked on by the caller, then one group is at work ahead of it, then two, up
  to `Shelf.ahead`: who closes the iterator early has caused little more reading than needed.
- When the iterator ends, by whatever way, nothing of it is at work any more.
"""

from __future__ import annotations

import heapq
from collections import deque
from concurrent.futures import wait
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from appliance.model.log import LogChunk, PlainLines
from appliance.store.codec import Damaged
from appliance.store.logs.reading.lines import CutLines
from appliance.store.logs.reading.piece import ChunkPiece, Gone
from appliance.store.logs.reading.repeats import find_repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.store.label_index import LabelIndex
    from appliance.store.logs.reading.lines import SharedGuard
    from appliance.store.logs.reading.piece import Piece, Shelf

T = TypeVar("T")
R = TypeVar("R")

#: Small pieces go to a thread in groups of so much text, or so many, at most.
_GROUP_BYTES = 256 << 10
_GROUP_PIECES = 64


@dataclass(slots=True, kw_only=True)
class Scan(Generic[T]):
    """One run over pieces.

    Attributes:
        start_ns, last_ns: The range, both included.
        tokens: What every line of interest has.
        work: What is done with each chunk.
    """

    shelf: Shelf
    index: LabelIndex
    start_ns: int
    last_ns: int
    guard: SharedGuard
    backward: bool
    tokens: NDArray[np.uint64]
    work: Callable[[LogChunk], T]
    _stopped: bool = field(default=False, init=False)

    def run(self, pieces: list[Piece]) -> Iterator[T]:
        """What `work` makes of the pieces.

        Raises:
            TimedOut, LimitExceeded: As the guard says.
        """
        ordered = self._ordered(pieces)
        for piece in islice(ordered, 1):
            yield from self._work_on([piece])
        running: deque[Future[list[T]]] = deque()
        window = 1
        try:
            while True:
                while len(running) < window and (group := self._group(ordered, window)):
                    running.append(self.shelf.pool.submit(self._work_on, group))
                if not running:
                    return
                yield from running.popleft().result()
                window = min(2 * window, self.shelf.ahead)
        finally:
            self._stopped = True
            wait([future for future in running if not future.cancel()])

    def _group(self, ordered: Iterator[Piece], window: int) -> list[Piece]:
        """The next pieces, as many as are worth a thread's while; none at the end."""
        group: list[Piece] = []
        room = _GROUP_BYTES * window // self.shelf.ahead
        for piece in islice(ordered, _GROUP_PIECES):
            group.append(piece)
            room -= piece.size_bytes
            if room <= 0:
                break
        return group

    def _ordered(self, pieces: list[Piece]) -> Iterator[Piece]:
        """Pieces in order.

        A piece that reaches over the range's edge is known only by a bound; when its turn comes
        its times are read and it is put back by its true place.
        """
        sign = -1 if self.backward else 1
        queue = [
            (self._bound(one), sign * place, self._is_inside(one))
            for place, one in enumerate(pieces)
        ]
        heapq.heapify(queue)
        while queue:
            self.guard.check()
            _, place, is_placed = heapq.heappop(queue)
            piece = pieces[sign * place]
            if is_placed:
                yield piece
            elif (key := self._reading(piece, self._place)) is not None:
                heapq.heappush(queue, (key, place, True))

    def _is_inside(self, piece: Piece) -> bool:
        """Whether the piece's bound is its place."""
        if piece.earlier:
            return False
        if self.backward:
            return piece.max_ns <= self.last_ns
        return piece.min_ns >= self.start_ns

    def _bound(self, piece: Piece) -> int:
        """The earliest place in the order that the piece can have."""
        if self.backward:
            return -min(piece.max_ns, self.last_ns)
        return max(piece.min_ns, self.start_ns)

    def _place(self, piece: Piece) -> int | None:
        """The place in the order that the piece has; None when it need not be read."""
        if len(self.tokens) and piece.is_ruled_out(self.tokens):
            return None
        times = piece.times()
        low, high = self._rows(times)
        times = times[low:high]
        if (kept := self._distinct(piece, low, high)) is not None:
            times = times[kept]
        if not len(times):
            return None
        return -int(times[-1]) if self.backward else int(times[0])

    def _distinct(self, piece: Piece, low: int, high: int) -> NDArray[np.int64] | None:
        """Of rows low to high - 1 those no earlier piece has, counted from low; None: all."""
        if not piece.earlier or low == high:
            return None
        times = piece.times()[low:high]
        lines = CutLines(piece, low, high, self.guard)
        repeats = find_repeated(times, lambda: lines.plain, piece.earlier)
        return None if repeats is None else np.delete(np.arange(high - low), repeats)

    def _rows(self, times: NDArray[np.int64]) -> tuple[int, int]:
        """First row in the range and the first one after it."""
        low = np.searchsorted(times, self.start_ns, side="left")
        high = np.searchsorted(times, self.last_ns, side="right")
        return int(low), int(high)

    # -- in any thread

    def _work_on(self, group: list[Piece]) -> list[T]:
        results: list[T] = []
        for piece in group:
            if self._stopped:
                break
            self.guard.check()
            self._reading(piece, lambda one: self._work(one, results))
        return results

    def _work(self, piece: Piece, results: list[T]) -> None:
        if len(self.tokens) and piece.is_ruled_out(self.tokens):
            return
        labels = labels_of(self.index, piece.stream)
        if labels is None:
            return
        times = piece.times()
        low, high = self._rows(times)
        if low == high:
            return
        distinct, ids = piece.metadata()
        chunk = LogChunk(
            labels,
            times[low:high],
            CutLines(piece, low, high, self.guard),
            distinct,
            np.zeros(high - low, dtype=np.int32) if ids is None else ids[low:high],
        )
        if (kept := self._distinct(piece, low, high)) is not None:
            chunk = _taken(chunk, kept)
        if len(chunk):
            results.append(self.work(chunk))

    def _reading(self, piece: Piece, step: Callable[[Piece], R]) -> R | None:
        """What a step makes of a piece; None when the piece cannot be read."""
        try:
            return step(piece)
        except Gone:
            place = self.shelf.successors.get(getattr(piece, "number", 0))
            return None if place is None else self._reading(ChunkPiece(self.shelf, place), step)
        except Damaged as error:
            if isinstance(piece, ChunkPiece):
                self.shelf.damage("chunk", piece.number, error)
            return None


def _taken(chunk: LogChunk, rows: NDArray[np.int64]) -> LogChunk:
    """Some entries of a chunk."""
    lines = PlainLines(chunk.text, chunk.offsets).take(rows)
    times, ids = chunk.timestamps_ns[rows], chunk.metadata_ids[rows]
    return LogChunk(chunk.labels, times, lines, chunk.metadata, ids)


def labels_of(index: LabelIndex, number: int) -> Labels | None:
    """A stream's labels; None when retention has just forgotten it."""
    try:
        return index.labels(number)
    except KeyError:
        return None
