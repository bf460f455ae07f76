"""The compactor: columns and loose samples of the head become blocks.

Blocks are encoded in the caller's thread; one swap then inserts them, deletes the inbox rows they
replace, and drops the sealed part of the head. Passes are serialised by a lock.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import filled_absent, is_absent
from appliance.store.metrics.blocks.table import NewBlock, insert_blocks, insert_sets, make_block
from appliance.store.metrics.head.head import drop_repeated
from appliance.store.metrics.head.loose import Samples, by_timestamps, sort_samples
from appliance.store.metrics.upkeep.compaction import Compactor
from appliance.store.metrics.upkeep.layout import Arranger
from appliance.store.metrics.writing import inbox

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.model.histogram import Histogram
    from appliance.store.metrics.head.group import GroupHead
    from appliance.store.metrics.head.loose import LooseLog
    from appliance.store.metrics.parts import Parts
    from appliance.store.metrics.upkeep.layout import Layout

#: A group without columns is forgotten when nothing came for so long.
_IDLE_MS = 3600 * 1000


class Sealer:
    """See the module's docstring.

    Args:
        sealed: Counts blocks.
    """

    def __init__(self, parts: Parts, *, sealed: Counter) -> None:
        self._database = parts.database
        self._head = parts.head
        self._sets = parts.sets
        self._registry = parts.registry
        self._options = parts.options
        self._clock = parts.clock
        self._sealed = sealed
        self._compactor = Compactor(parts)
        #: Held by whatever adds or removes blocks.
        self.lock = threading.Lock()

    def seal(self, *, force: bool) -> int:
        """One pass; returns the blocks written."""
        with self.lock:
            groups = {group.number for group in self._due_groups(force=force)}
            logs = self._due_logs(force=force)
            blocks: list[NewBlock] = []
            for group in list(self._head.groups.values()):
                if group.number in groups:
                    blocks += self._seal_group(group, force=force)
                elif self._is_idle(group):
                    self._forget(group)
            for log in logs:
                blocks += self._seal_loose(log)
            self._compactor.compact(blocks)
            return len(blocks)

    def seal_tenant(self, tenant: int) -> None:
        """Seal all a tenant has in the head; call with the lock held."""
        for group in [g for g in self._due_groups(force=True) if g.tenant == tenant]:
            self._seal_group(group, force=True)
        for log in [log for log in self._due_logs(force=True) if log.tenant == tenant]:
            self._seal_loose(log)

    def is_due(self) -> bool:
        """Whether a pass would write blocks."""
        return bool(self._due_groups(force=False) or self._due_logs(force=False))

    # -- what is due

    def _due_groups(self, *, force: bool) -> list[GroupHead]:
        filled = [group for group in list(self._head.groups.values()) if len(group.view.times)]
        due = [group for group in filled if force or self._is_due(group)]
        excess = self._head.size_bytes - self._options.head_bytes
        if excess > 0:
            rest = [group for group in filled if group not in due]
            for group in sorted(rest, key=lambda item: -item.size_bytes):
                if excess + self._options.head_bytes // 2 <= 0:
                    break
                excess -= group.size_bytes
                due.append(group)
        return due

    def _is_due(self, group: GroupHead) -> bool:
        times, span_ms = group.view.times, self._options.span_ms
        return (
            len(times) >= self._options.block_columns
            or int(times[-1]) - int(times[0]) >= span_ms
            or self._clock.now_ms() - group.since_ms >= span_ms
        )

    def _due_logs(self, *, force: bool) -> list[LooseLog]:
        logs = [log for log in list(self._head.loose.values()) if len(log.view.ids)]
        now, options = self._clock.now_ms(), self._options
        total = sum(len(log.view.ids) for log in logs)
        return [
            log
            for log in logs
            if force or total >= options.loose_samples or now - log.since_ms >= options.span_ms
        ]

    def _is_idle(self, group: GroupHead) -> bool:
        idle_ms = self._clock.now_ms() - group.touched_ms
        return not len(group.view.times) and group.is_durable and idle_ms >= _IDLE_MS

    # -- sealing

    def _seal_group(self, group: GroupHead, *, force: bool) -> list[NewBlock]:
        view, size = group.view, self._options.block_columns
        columns = len(view.times)
        if columns >= size and not force:
            columns -= columns % size
        values, times = view.values[:, :columns], view.times[:columns]
        present = ~is_absent(values)
        samples = int(present.sum())
        rows = np.flatnonzero(present.any(axis=1))
        layouts = self._arranger(group.tenant).arrange(view.ids[rows])
        blocks = [
            block
            for layout in layouts
            for block in self._encode(layout, times, values, rows[layout.rows], view.histograms)
        ]
        last_seq = int(view.seqs[columns - 1])

        def work(connection: sqlite3.Connection) -> None:
            self._insert(connection, layouts, blocks)
            _delete_columns(connection, group, columns, last_seq)

        def then(_: None) -> None:
            self._note(layouts, blocks)
            self._head.drop_columns(group, columns, samples)
            group.since_ms = self._clock.now_ms()

        self._database.swap(work, then).result()
        return blocks

    def _seal_loose(self, log: LooseLog) -> list[NewBlock]:
        view = log.view
        samples = self._without_repeated(
            log.tenant, sort_samples(view.ids, view.times, view.values)
        )
        arranger = self._arranger(log.tenant)
        layouts: list[Layout] = []
        blocks: list[NewBlock] = []
        for ids, times, values in by_timestamps(samples):
            for layout in arranger.arrange(ids):
                layouts.append(layout)
                blocks += self._encode(layout, times, values, layout.rows, view.histograms)

        def work(connection: sqlite3.Connection) -> None:
            self._insert(connection, layouts, blocks)
            inbox.delete_until(connection, log.number, view.last_seq)

        def then(_: None) -> None:
            self._note(layouts, blocks)
            self._head.drop_loose(log, len(view.ids))
            log.since_ms = self._clock.now_ms()

        self._database.swap(work, then).result()
        return blocks

    def _without_repeated(self, tenant: int, samples: Samples) -> Samples:
        """Loose samples less those a group of the head has: the group's came first."""
        ids = np.unique(samples.keys)
        parts = self._head.snapshot(tenant, ids).parts()
        keep = drop_repeated(parts, np.searchsorted(ids, samples.keys), samples.times)
        return Samples(samples.keys[keep], samples.times[keep], samples.values[keep])

    def _arranger(self, tenant: int) -> Arranger:
        index = self._registry.index(tenant)
        return Arranger(self._sets, index, tenant, self._options.block_series)

    def _encode(
        self,
        layout: Layout,
        times: NDArray[np.int64],
        values: NDArray[np.float64],
        rows: NDArray[np.int64],
        histograms: Sequence[Histogram],
    ) -> list[NewBlock]:
        """Blocks of one set: `rows` of the matrix are its series `layout.places`."""
        blocks = []
        for start in range(0, len(times), self._options.block_columns):
            end = min(start + self._options.block_columns, len(times))
            part = values[rows, start:end]
            if is_absent(part).all():
                continue
            matrix = filled_absent((len(layout.item.refs), end - start))
            matrix[layout.places] = part
            number, cut = self._sets.take_block(), times[start:end]
            made = make_block(number, layout.item, cut, values=matrix, histograms=histograms)
            blocks += [made] if made is not None else []
        return blocks

    # -- in the writer thread

    def _insert(
        self, connection: sqlite3.Connection, layouts: list[Layout], blocks: list[NewBlock]
    ) -> None:
        insert_sets(connection, (e.item for e in layouts if e.is_new))
        insert_blocks(connection, blocks)

    def _note(self, layouts: list[Layout], blocks: list[NewBlock]) -> None:
        self._sets.add(layout.item for layout in layouts if layout.is_new)
        for layout in layouts:
            self._sets.settle(layout.item)
        for block in blocks:
            self._sets.note_block(block.item, block.min_ms, block.max_ms)
        self._sealed.inc(len(blocks))

    def _forget(self, group: GroupHead) -> None:
        """Remove a group without columns from the file and the head."""

        def work(connection: sqlite3.Connection) -> bool:
            if len(group.view.times):
                return False
            inbox.delete_until(connection, group.number, inbox.LAST_SEQ)
            connection.execute("DELETE FROM scrape_group WHERE id=?", (group.number,))
            return True

        def then(is_gone: bool) -> None:  # noqa: FBT001 - the work's result
            if is_gone:
                group.is_durable, group.ids_row = False, None
                self._head.forget_group(group)

        self._database.swap(work, then).result()


def _delete_columns(
    connection: sqlite3.Connection, group: GroupHead, columns: int, last_seq: int
) -> None:
    """Delete a group's inbox rows; ids that later rows refer to are kept."""
    needed = set(group.view.ids_seqs[columns:].tolist())
    if group.ids_row is not None:
        needed.add(group.ids_row.seq)
    kept = []
    for seq in sorted(seq for seq in needed if seq <= last_seq):
        ids = inbox.read_ids(connection, group.number, seq)
        if ids is not None:
            kept.append((seq, inbox.encode_ids(ids)))
    inbox.delete_until(connection, group.number, last_seq)
    for seq, data in kept:
        inbox.insert(connection, group.number, seq, data)
