"""Which series stand in which rows of which blocks: the catalogue of series sets.

A set is a list of series ids in the row order of blocks. Sets are shared by all blocks with the
same rows, and sealing keeps to the sets it used before, so a series mostly has one set.

Invariants:
- Sets change only in the writer thread, under the database's swap lock; a `SetIndex` never changes.
- A set's number is not used again while the file lives in this process.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SetPart:
    """Rows of a set that belong to some selected series.

    Attributes:
        number: The set.
        positions: int64[found], ascending, indices into the selected ids.
        rows: int64[found].
    """

    number: int
    positions: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(slots=True, eq=False)
class SeriesSet:
    """A set and what its blocks cover; `refs` is int64[row]."""

    number: int
    tenant: int
    refs: NDArray[np.int64]
    min_ms: int = 1 << 62
    max_ms: int = -(1 << 62)
    blocks: int = 0


class SetIndex:
    """The sets of a tenant at one instant, searchable by series.

    Args:
        sets: By number.
    """

    def __init__(self, sets: dict[int, SeriesSet]) -> None:
        self.sets = sets
        self._lock = threading.Lock()
        self._entries: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None

    def parts(self, ids: NDArray[np.int64], start_ms: int, end_ms: int) -> list[SetPart]:
        """Where series stand in sets that have blocks between start and end, both included.

        Args:
            ids: int64[series], ascending.
        """
        refs, numbers, rows = self._built()
        first = np.searchsorted(refs, ids, side="left")
        counts = np.searchsorted(refs, ids, side="right") - first
        positions = np.repeat(np.arange(len(ids)), counts)
        within = np.arange(len(positions)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = np.repeat(first, counts) + within
        order = np.argsort(numbers[entries], kind="stable")
        entries, positions = entries[order], positions[order]
        found = numbers[entries]
        cuts = np.flatnonzero(np.diff(found)) + 1
        bounds = [0, *cuts.tolist(), len(found)] if len(found) else []
        parts = []
        for begin, end in itertools.pairwise(bounds):
            item = self.sets[int(found[begin])]
            if item.blocks and item.min_ms <= end_ms and item.max_ms >= start_ms:
                picked = rows[entries[begin:end]]
                parts.append(SetPart(item.number, positions[begin:end], picked))
        return parts

    def covered(self, start_ms: int, end_ms: int) -> list[NDArray[np.int64]]:
        """Series of the sets that have blocks between start and end, both included."""
        return [
            item.refs
            for item in self.sets.values()
            if item.blocks and item.min_ms <= end_ms and item.max_ms >= start_ms
        ]

    def _built(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(refs ascending, set, row) of every row of every set."""
        with self._lock:
            if self._entries is None:
                sets = list(self.sets.values())
                none = np.empty(0, dtype=np.int64)
                refs = np.concatenate([none, *(item.refs for item in sets)])
                sizes = np.array([len(item.refs) for item in sets], dtype=np.int64)
                numbers = np.repeat(np.array([i.number for i in sets], dtype=np.int64), sizes)
                rows = np.arange(len(refs)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
                order = np.argsort(refs, kind="stable")
                self._entries = refs[order], numbers[order], rows[order]
            return self._entries


class SeriesSets:
    """See the module's docstring.

    Args:
        connection: A reader of the file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._indexes: dict[int, SetIndex] = {}
        self._by_refs: dict[tuple[int, int], int] = {}
        #: Per series id: the newest set it is in, 0 for none.
        self._home = np.zeros(1024, dtype=np.int64)
        self._next_set = 1
        self._next_block = 1
        self.blocks = 0
        sql = "SELECT id, tenant, refs FROM series_set ORDER BY id"
        loaded = [
            SeriesSet(number, tenant, np.frombuffer(refs, dtype=np.int64))
            for number, tenant, refs in connection.execute(sql)
        ]
        self.add(loaded)
        by_number = {item.number: item for item in loaded}
        sql = "SELECT series_set, min(min_ms), max(max_ms), count(*) FROM block GROUP BY series_set"
        for number, min_ms, max_ms, count in connection.execute(sql):
            item = by_number.get(number)
            if item is not None:
                item.min_ms, item.max_ms, item.blocks = min_ms, max_ms, count
            self.blocks += count
        newest = connection.execute("SELECT max(id) FROM block").fetchone()[0]
        self._next_block = (newest or 0) + 1

    def index(self, tenant: int) -> SetIndex:
        """The tenant's sets as they are now."""
        return self._indexes.get(tenant) or SetIndex({})

    def home(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The newest set of each series, 0 for none: int64[ids]."""
        homes = np.zeros(len(ids), dtype=np.int64)
        known = ids < len(self._home)
        homes[known] = self._home[ids[known]]
        return homes

    def find(self, tenant: int, refs: NDArray[np.int64]) -> SeriesSet | None:
        """The set with exactly these rows."""
        sets = self.index(tenant).sets
        found = sets.get(self._by_refs.get((tenant, hash(refs.tobytes())), 0))
        return found if found is not None and np.array_equal(found.refs, refs) else None

    def take_set(self, tenant: int, refs: NDArray[np.int64]) -> SeriesSet:
        """A new set, not yet in the catalogue."""
        number = self._next_set
        self._next_set += 1
        return SeriesSet(number, tenant, refs)

    def take_block(self) -> int:
        """A new block's number; higher than all before."""
        number = self._next_block
        self._next_block += 1
        return number

    def add(self, sets: Iterable[SeriesSet], *, settle: bool = True) -> None:
        """Put sets into the catalogue.

        Args:
            settle: Whether they become the home of their series.
        """
        added: dict[int, dict[int, SeriesSet]] = {}
        for item in sets:
            added.setdefault(item.tenant, {})[item.number] = item
            self._by_refs[item.tenant, hash(item.refs.tobytes())] = item.number
            self._next_set = max(self._next_set, item.number + 1)
            if settle:
                self.settle(item)
        for tenant, new in added.items():
            self._indexes[tenant] = SetIndex(self.index(tenant).sets | new)

    def settle(self, item: SeriesSet) -> None:
        """Make a set the home of its series."""
        need = int(item.refs.max(initial=0)) + 1
        if need > len(self._home):
            size = max(need, 2 * len(self._home))
            self._home = np.pad(self._home, (0, size - len(self._home)))
        self._home[item.refs] = item.number

    def note_block(self, item: SeriesSet, min_ms: int, max_ms: int) -> None:
        """Count a block of a set."""
        item.min_ms, item.max_ms = min(item.min_ms, min_ms), max(item.max_ms, max_ms)
        item.blocks += 1
        self.blocks += 1

    def refresh(self, ranges: dict[int, tuple[int | None, int, int]]) -> None:
        """Take over what is left of sets after deletes; those without blocks go.

        Args:
            ranges: Least and greatest time and number of blocks, by set.
        """
        for tenant, index in list(self._indexes.items()):
            touched = ranges.keys() & index.sets.keys()
            for number in touched:
                item, (min_ms, max_ms, count) = index.sets[number], ranges[number]
                self.blocks += count - item.blocks
                item.blocks = count
                if min_ms is not None:
                    item.min_ms, item.max_ms = min_ms, max_ms
            self._remove(tenant, {number for number in touched if not ranges[number][2]})

    def _remove(self, tenant: int, numbers: set[int]) -> None:
        if not numbers:
            return
        sets = self._indexes[tenant].sets
        for number in numbers:
            refs = sets[number].refs
            self._by_refs.pop((tenant, hash(refs.tobytes())), None)
            self._home[refs[self._home[refs] == number]] = 0
        kept = {number: item for number, item in sets.items() if number not in numbers}
        self._indexes[tenant] = SetIndex(kept)
