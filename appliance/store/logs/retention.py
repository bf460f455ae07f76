"""Retention: old chunks go, by rules and by the file's size; then streams without any left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.store.retention import Deleter, Pruned, Retention

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.store.logs.reading.piece import Shelf

#: Chunks deleted in one transaction; freeing 1 MiB takes some milliseconds.
_BATCH = 16


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
        self._deleter = Deleter(self._delete, step=_BATCH)
        self._pruned = telemetry.counter(
            "appliance_store_pruned_blocks_total", "Blocks deleted by retention.", ("signal",)
        ).labels("logs")

    def run(self, retention: Retention) -> Pruned:
        """One pass; returns what it removed.

        Raises:
            Unavailable: The database cannot write.
        """
        gone = Pruned()
        for chunks in self._expired(retention):
            gone += self._deleter.run(chunks)
        if retention.max_bytes is not None:
            while chunks := self._over(retention.max_bytes):
                gone += self._deleter.run(chunks)
        if gone.blocks:
            self._shelf.database.shrink()
        with self._sealing:
            self._forget_streams(self._empty_streams())
        return gone

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
            found = [chunk for chunk, stream in rows if stream in wanted]
        return self._deleter.possible(found)

    def _over(self, max_bytes: int) -> list[int]:
        """The oldest of the chunks that have to go so that live pages fit; empty when they do.

        Looks at an index alone: the rows are as far apart as their blobs are long.
        """
        with self._shelf.database.reader() as connection:
            pages, free, size = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
            excess = (pages - free) * size - max_bytes
            if excess <= 0:
                return []
            sql = "SELECT id FROM chunk INDEXED BY chunk_time ORDER BY max_ns"
            chunks = self._deleter.possible(row[0] for row in connection.execute(sql))
        each = (pages - free) * size // max(1, len(chunks))
        return chunks[: min(_BATCH, 1 + excess // max(1, each))]

    def _delete(self, chunks: Sequence[int]) -> Pruned:
        sql = "DELETE FROM chunk WHERE id=? RETURNING entries, stored_bytes"

        def work(connection: sqlite3.Connection) -> Pruned:
            found = [connection.execute(sql, (chunk,)).fetchall() for chunk in chunks]
            rows = [row for one in found for row in one]
            return Pruned(len(rows), sum(row[0] for row in rows), sum(row[1] for row in rows))

        def then(pruned: Pruned) -> None:
            self._removed(pruned.blocks)
            self._shelf.forget(chunks)

        pruned = self._shelf.database.write(work, then=then).result()
        self._pruned.inc(pruned.blocks)
        return pruned

    def _empty_streams(self) -> list[tuple[int, int]]:
        """(tenant, stream) without a chunk and without a row in the inbox that may be theirs."""
        with self._shelf.database.reader() as connection:
            return connection.execute(
                "SELECT tenant, id FROM stream"
                " WHERE NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.stream = stream.id)"
                " AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id <= stream.sealed_row)"
            ).fetchall()
