"""Retention: old chunks go, by rules and by the file's size; then streams without any left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.store.retention import Pruned, Retention

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.store.logs.piece import Shelf

#: Chunks deleted in one transaction.
_BATCH = 64
#: Oldest chunks looked at in one step of making room.
_OLDEST = 1024


class Pruner:
    """Removes what a retention no longer covers.

    Args:
        forget_streams: Forgets those of the given (tenant, stream) that nothing uses.
        removed: Told how many chunks were deleted, in the writer thread.
        sealing: Held while a stream's entries move from the head into chunks: what is neither in
            a chunk nor, a moment later, in the head might else be on its way.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        clock: Clock,
        telemetry: Telemetry,
        forget_streams: Callable[[list[tuple[int, int]]], None],
        removed: Callable[[int], None],
        sealing: AbstractContextManager[bool],
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._forget_streams = forget_streams
        self._removed = removed
        self._sealing = sealing
        self._pruned = telemetry.counter(
            "appliance_store_pruned_blocks_total", "Blocks deleted by retention.", ("signal",)
        ).labels("logs")

    def run(self, retention: Retention) -> Pruned:
        """One pass; returns what it removed.

        Raises:
            Unavailable: The database cannot write.
        """
        total = Pruned()
        for chunks in self._expired(retention):
            total = _sum(total, self._delete(chunks))
        if retention.max_bytes is not None:
            while chunks := self._over(retention.max_bytes):
                total = _sum(total, self._delete(chunks))
        if total.blocks:
            self._give_back()
        with self._sealing:
            self._forget_streams(self._empty_streams())
        return total

    def _expired(self, retention: Retention) -> Iterator[list[int]]:
        """Chunks older than their rule allows, tenant by tenant and rule by rule."""
        now_ns = self._clock.now_ns()
        for tenant, name in self._shelf.tenants.names().items():
            index = self._shelf.registry.index(tenant)
            left = index.select(())
            for rule in retention.rules:
                if rule.tenant not in {None, name} or not len(left):
                    continue
                covered = np.intersect1d(left, index.select(rule.matchers), assume_unique=True)
                left = np.setdiff1d(left, covered, assume_unique=True)
                yield self._older(tenant, covered, now_ns - rule.max_age_ms * 1_000_000)

    def _older(self, tenant: int, streams: NDArray[np.int64], limit_ns: int) -> list[int]:
        wanted = set(streams.tolist())
        sql = "SELECT id, stream FROM chunk WHERE tenant=? AND max_ns<? ORDER BY max_ns"
        with self._shelf.database.reader() as connection:
            rows = connection.execute(sql, (tenant, max(limit_ns, -(1 << 63))))
            return [chunk for chunk, stream in rows if stream in wanted]

    def _over(self, max_bytes: int) -> list[int]:
        """The oldest chunks that have to go so that live pages fit; empty when they do."""
        with self._shelf.database.reader() as connection:
            pages, free, size = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
            excess = (pages - free) * size - max_bytes
            if excess <= 0:
                return []
            sql = "SELECT id, stored_bytes FROM chunk ORDER BY max_ns LIMIT ?"
            rows = connection.execute(sql, (_OLDEST,)).fetchall()
        before = np.cumsum([0, *(stored for _, stored in rows)])
        return [chunk for (chunk, _), freed in zip(rows, before, strict=False) if freed < excess]

    def _delete(self, chunks: list[int]) -> Pruned:
        total = Pruned()
        for start in range(0, len(chunks), _BATCH):
            total = _sum(total, self._delete_batch(chunks[start : start + _BATCH]))
        return total

    def _delete_batch(self, chunks: list[int]) -> Pruned:
        sql = "DELETE FROM chunk WHERE id=? RETURNING entries, stored_bytes"

        def work(connection: sqlite3.Connection) -> Pruned:
            found = [connection.execute(sql, (chunk,)).fetchall() for chunk in chunks]
            rows = [row for one in found for row in one]
            return Pruned(len(rows), sum(row[0] for row in rows), sum(row[1] for row in rows))

        def then(pruned: Pruned) -> None:
            self._removed(pruned.blocks)
            for chunk in chunks:
                self._shelf.cache.discard(chunk)

        pruned = self._shelf.database.write(work, then=then).result()
        self._pruned.inc(pruned.blocks)
        return pruned

    def _give_back(self) -> None:
        """Shrink the file in short steps; other writes go in between."""
        free = self._shelf.database.vacuum().result()
        while free and (left := self._shelf.database.vacuum().result()) < free:
            free = left

    def _empty_streams(self) -> list[tuple[int, int]]:
        """(tenant, stream) without a chunk and without a row in the inbox that may be theirs."""
        with self._shelf.database.reader() as connection:
            return connection.execute(
                "SELECT tenant, id FROM stream"
                " WHERE NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.stream = stream.id)"
                " AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id <= stream.sealed_row)"
            ).fetchall()


def _sum(one: Pruned, other: Pruned) -> Pruned:
    return Pruned(one.blocks + other.blocks, one.items + other.items, one.bytes + other.bytes)
