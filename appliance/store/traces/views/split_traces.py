"""Which traces lie in several blocks, and the block that shows them whole.

Traces are known here by a number made of their id. Two ids with the same number are taken for one
trace that is split: then both are shown by the block made here, which is right, too.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from appliance.store.traces.duplicates import repeated_rows, span_keys
from appliance.store.traces.table import trace_halves
from appliance.store.traces.views.gather import Gather
from appliance.store.traces.views.memory_size import memory_size
from appliance.store.traces.views.stitched import StitchedColumns, gathered_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.model.trace import SpanColumns
    from appliance.store.cache import ByteCache
    from appliance.store.traces.sealed.block_columns import BlockColumns
    from appliance.store.traces.views.head_columns import HeadColumns

T = TypeVar("T")
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Stands for a block's number where something belongs to several.
_SETS = -1


@dataclass(frozen=True, slots=True)
class TraceKeys:
    """The traces of a piece by number.

    Attributes:
        keys: uint64[trace], ascending.
        traces: int64[trace], which trace of the piece each is.
    """

    keys: NDArray[np.uint64]
    traces: NDArray[np.int64]

    def marked(self, wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which traces have one of some ascending keys: bool[trace]."""
        found = np.zeros(len(self.keys), np.bool_)
        starts = np.searchsorted(self.keys, wanted, side="left")
        ends = np.searchsorted(self.keys, wanted, side="right")
        hits = ends > starts
        for start, end in zip(starts[hits].tolist(), ends[hits].tolist(), strict=True):
            found[self.traces[start:end]] = True
        return found


@dataclass(frozen=True, slots=True)
class Sealed:
    """The traces of some blocks.

    Attributes:
        keys: uint64[trace], ascending, distinct.
        several: Those that are in more than one: uint64[trace], ascending.
    """

    keys: NDArray[np.uint64]
    several: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What of which piece goes into the block of split traces.

    Attributes:
        number: Distinguishes plans in the cache; negative, as blocks have the others.
        hidden: By number of piece: bool[trace].
    """

    number: int
    hidden: dict[int, NDArray[np.bool_]]
    gather: Gather


class SplitTraces:
    """Finds the split traces of the blocks of a scan; remembers them per set of blocks."""

    def __init__(self, cache: ByteCache[tuple[int, str], Any]) -> None:
        self._cache = cache
        self._numbers = itertools.count(2)
        self._of_heads: weakref.WeakKeyDictionary[HeadColumns, tuple[str, Plan | None]] = (
            weakref.WeakKeyDictionary()
        )
        self._lock = threading.Lock()

    def whole(
        self, head: HeadColumns | None, blocks: Sequence[BlockColumns], guard: Guard
    ) -> list[SpanColumns]:
        """The same views, split traces hidden there, and one more block that has them.

        Args:
            blocks: Newest first.
        """
        pieces: list[HeadColumns | BlockColumns] = [*reversed(blocks)]
        pieces += [] if head is None else [head]
        plan = self._plan(head, blocks, pieces)
        if plan is None:
            return [*reversed(pieces)]
        shown: list[SpanColumns] = list(pieces)
        for number, traces in plan.hidden.items():
            shown[number] = pieces[number].hiding(traces)
        used = [pieces[number] for number in plan.hidden]
        stitched = StitchedColumns(-plan.number, used, plan.gather, cache=self._cache, guard=guard)
        return [stitched, *reversed(shown)]

    def _plan(
        self,
        head: HeadColumns | None,
        blocks: Sequence[BlockColumns],
        pieces: Sequence[HeadColumns | BlockColumns],
    ) -> Plan | None:
        numbers = np.array([block.number for block in blocks], np.int64)
        name = hashlib.blake2b(numbers.tobytes(), digest_size=16).hexdigest()
        sealed = self._sealed(name, blocks)

        def make() -> tuple[Plan | None]:
            return (self._make(sealed.several, pieces),)

        if head is None:
            return self._kept(f"plan {name}", make)[0]
        with self._lock:
            known = self._of_heads.get(head)
        if known is None or known[0] != name:
            own = trace_keys(head).keys
            both = own[_occurs(own, sealed.keys)]
            if not len(both):  # then what was put together before is still right
                return self._kept(f"plan {name}", make)[0]
            known = name, self._make(np.union1d(sealed.several, both), pieces)
            with self._lock:
                self._of_heads[head] = known
        return known[1]

    def _sealed(self, name: str, blocks: Sequence[BlockColumns]) -> Sealed:
        def make() -> Sealed:
            parts = [np.unique(trace_keys(block).keys) for block in blocks]
            keys = np.sort(np.concatenate([np.empty(0, np.uint64), *parts]))
            is_new = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
            return Sealed(keys[is_new], np.unique(keys[~is_new]))

        return self._kept(f"sealed {name}", make)

    def _make(
        self, several: NDArray[np.uint64], pieces: Sequence[HeadColumns | BlockColumns]
    ) -> Plan | None:
        if not len(several):
            return None
        hidden: dict[int, NDArray[np.bool_]] = {}
        taken: list[NDArray[np.int64]] = []
        for number, piece in enumerate(pieces):
            marks = trace_keys(piece).marked(several)
            if marks.any():
                hidden[number] = marks
                taken.append(np.flatnonzero(piece.traces().spread(marks)))
        rows = _sorted_rows([pieces[number] for number in hidden], taken)
        return Plan(next(self._numbers), hidden, rows)

    def _kept(self, name: str, make: Callable[[], T]) -> T:
        key = (_SETS, name)
        found: T | None = self._cache.get(key)
        if found is None:
            found = make()
            self._cache.put(key, found, memory_size(found))
        return found


def trace_keys(piece: SpanColumns) -> TraceKeys:
    """The traces of a piece by number."""

    def make() -> TraceKeys:
        halves = trace_halves(piece.traces().ids)
        keys = halves[:, 1] ^ (halves[:, 0] * _MIX)
        order = np.argsort(keys, kind="stable")
        return TraceKeys(keys[order], order)

    return piece.derived("trace keys", make)


def _occurs(values: NDArray[np.uint64], ascending: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are among the others: bool[value]."""
    if not len(ascending):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[places] == values
    return found


def _sorted_rows(pieces: Sequence[SpanColumns], taken: Sequence[NDArray[np.int64]]) -> Gather:
    """Rows by trace, then start, exact duplicates left out."""
    gather = Gather(taken, np.arange(sum(map(len, taken))))
    trace_ids = gather.array([piece.trace_ids() for piece in pieces])
    span_ids = gather.array([piece.numbers("span_id") for piece in pieces])
    starts = gather.array([piece.numbers("start_ns") for piece in pieces])

    def identify(rows: NDArray[np.int64]) -> list[Hashable]:
        return [span or object() for span in gathered_spans(pieces, gather, rows)]

    halves = trace_halves(trace_ids)
    order = np.lexsort((starts, halves[:, 1], halves[:, 0]))
    repeated = repeated_rows(span_keys(trace_ids, span_ids, starts), identify)
    keep = np.ones(len(gather), np.bool_)
    keep[repeated] = False
    return Gather(taken, order[keep[order]])
