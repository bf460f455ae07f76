"""Deleting blocks by age and by bytes, and series that have no data left.

A block goes when the longest-kept of its series has expired. Deletes are short transactions with
steps of the incremental vacuum between them, so that appends never wait long.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.metrics.blocks import table as block_table
from appliance.store.retention import Deleter, Pruned

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.store.metrics.blocks.series_sets import SeriesSet
    from appliance.store.metrics.blocks.table import Ranges
    from appliance.store.metrics.parts import Parts
    from appliance.store.retention import Retention

#: Blocks deleted in one transaction.
_STEP = 64
#: Series forgotten in one transaction.
_FORGOTTEN = 2000
_FOREVER = np.iinfo(np.int64).max
#: Pages that may always stay free for the next writes.
_SPARE_PAGES = 256

#: id, series_set, sample_count, bytes of a block.
_Victim = tuple[int, int, int, int]
_COLUMNS = "SELECT id, series_set, sample_count, length(data) FROM block"


class Pruner:
    """Call with the sealer's lock held."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._head = parts.head
        self._sets = parts.sets
        self._registry = parts.registry
        self._usage = parts.usage
        self._reader = parts.blocks
        self._records = parts.records
        self._clock = parts.clock
        self._forget_after_ms = parts.options.forget_after_ms
        self._deleter = Deleter(self._delete, step=_STEP)

    def prune(self, retention: Retention, tenants: dict[int, str]) -> Pruned:
        """One pass; `tenants` are names by number."""
        pruned = Pruned()
        for number, name in tenants.items():
            pruned += self._deleter.run(self._expired(retention, number, name))
            self._expire_exemplars(retention, number, name)
        if retention.max_bytes is not None:
            pruned += self._shrink(retention.max_bytes)
        for number in tenants:
            self._forget_series(number)
        self._prune_starts()
        self._vacuum(retention.max_bytes)
        return pruned

    # -- by age

    def _expired(self, retention: Retention, tenant: int, name: str) -> list[_Victim]:
        """Blocks of a tenant that are older than its rules allow."""
        rules = [rule for rule in retention.rules if rule.tenant in {None, name}]
        index = self._registry.index(tenant)
        everything = index.select(())
        if not rules or not len(everything):
            return []
        ages = np.full(int(everything[-1]) + 1, _FOREVER, dtype=np.int64)
        is_open = np.ones(len(ages), dtype=np.bool_)
        for rule in rules:
            ids = index.select(rule.matchers)
            ids = ids[is_open[ids]]
            ages[ids], is_open[ids] = rule.max_age_ms, False
        now_ms = self._clock.now_ms()
        victims: list[_Victim] = []
        sql = f"{_COLUMNS} WHERE series_set=? AND max_ms<?"
        with self._database.reader() as connection:
            for item in self._sets.index(tenant).sets.values():
                refs = item.refs[item.refs < len(ages)]
                age = int(ages[refs].max(initial=0))
                if item.blocks and age != _FOREVER and item.min_ms < now_ms - age:
                    victims += connection.execute(sql, (item.number, now_ms - age))
        return self._deleter.possible(victims)

    # -- by bytes

    def _shrink(self, max_bytes: int) -> Pruned:
        """Delete the oldest blocks until the live bytes are within the bound."""
        pruned = Pruned()
        while (excess := self._live_bytes() - max_bytes) > 0:
            with self._database.reader() as connection:
                oldest = connection.execute(
                    f"{_COLUMNS} ORDER BY max_ms, series_set, id LIMIT {_STEP}"
                ).fetchall()
            possible = self._deleter.possible(oldest)
            if not possible:
                break
            sizes = np.cumsum([victim[3] for victim in possible])
            pruned += self._deleter.run(possible[: int(np.searchsorted(sizes, excess)) + 1])
        return pruned

    def _live_bytes(self) -> int:
        pages, free, size = self._pages()
        return (pages - free) * size

    def _pages(self) -> tuple[int, int, int]:
        """Pages of the file, free ones among them, and bytes of a page."""
        with self._database.reader() as connection:
            pages, free, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int(pages), int(free), int(size)

    # -- deleting

    def _delete(self, victims: Sequence[_Victim]) -> Pruned:
        numbers = {victim[1] for victim in victims}

        def work(connection: sqlite3.Connection) -> Ranges:
            block_table.delete_blocks(connection, (victim[0] for victim in victims))
            return block_table.settle_sets(connection, numbers)

        def then(left: Ranges) -> None:
            self._sets.refresh(left)
            self._reader.cache.rewritten(victim[0] for victim in victims)

        self._database.swap(work, then).result()
        items, size = (sum(victim[at] for victim in victims) for at in (2, 3))
        return Pruned(len(victims), items, size)

    def _vacuum(self, max_bytes: int | None) -> None:
        """Give free pages back, but keep some: the inbox frees and takes pages all the time.

        Together with those the file stays within its bound.
        """
        pages, free, size = self._pages()
        live = pages - free
        spare = max(_SPARE_PAGES, live // 4)
        if max_bytes is not None:
            spare = min(spare, max(0, max_bytes // size - live))
        self._database.shrink(spare=spare)

    # -- records

    def _expire_exemplars(self, retention: Retention, tenant: int, name: str) -> None:
        """Delete exemplars that are older than any sample of the tenant may be."""
        ages = [rule.max_age_ms for rule in retention.rules if rule.tenant in {None, name}]
        if not any(not rule.matchers for rule in retention.rules) or not ages:
            return
        before_ms, table = self._clock.now_ms() - max(ages), self._records.exemplars
        with self._database.reader() as connection:
            is_due = table.has_before(connection, tenant, before_ms)
        if is_due:
            self._database.write(lambda c: table.expire(c, tenant, before_ms)).result()

    def _prune_starts(self) -> None:
        """Delete changes of start times that only samples needed which are gone."""
        starts = self._records.starts
        if not starts.is_used:
            return
        with self._database.reader() as connection:
            in_blocks = connection.execute("SELECT min(min_ms) FROM block").fetchone()[0]
        oldest = [least for least, _ in self._head.bounds()]
        oldest += [int(in_blocks)] if in_blocks is not None else []
        oldest_ms = min(oldest, default=_FOREVER)
        while points := starts.outdated(oldest_ms):
            self._database.write(partial(starts.remove, points=points)).result()

    # -- series without data

    def _forget_series(self, tenant: int) -> None:
        """Take series out of the index that have no data and were not named for a while."""

        def find() -> NDArray[np.int64]:
            ids = self._registry.index(tenant).select(())
            quiet_ms = self._clock.now_ms() - self._forget_after_ms
            ids = ids[self._usage.unnamed_since(ids, quiet_ms)]
            if not len(ids):
                return ids
            has_data = np.zeros(int(ids[-1]) + 1, dtype=np.bool_)
            for used in [*self._in_sets(tenant), *self._head.all_ids(tenant)]:
                has_data[used[used < len(has_data)]] = True
            return ids[~has_data[ids]]

        def work(connection: sqlite3.Connection) -> NDArray[np.int64]:
            ids = find()[:_FORGOTTEN]  # again: in the writer thread nothing is appended meanwhile
            self._registry.forget(connection, ids.tolist())
            self._records.forget(connection, tenant, ids)
            return ids

        def then(ids: NDArray[np.int64]) -> None:
            # In this order: who resolves in between gets a new id, or is told to try again.
            self._registry.drop(tenant, ids.tolist())
            self._usage.forget(ids)
            self._records.drop(ids)

        while len(find()):
            self._database.swap(work, then).result()

    def _in_sets(self, tenant: int) -> list[NDArray[np.int64]]:
        sets: dict[int, SeriesSet] = self._sets.index(tenant).sets
        return [item.refs for item in sets.values()]
