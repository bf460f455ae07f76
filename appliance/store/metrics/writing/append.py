"""The way of samples into the file and the head; replay of the inbox at start.

Order: the inbox row is written in the writer thread, then the commit, then the head shows it.
Whether a column continues its group or is late, and whether its row can refer to an earlier row's
ids, is decided in the writer thread, where the order of commits is known.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_absent
from appliance.store.codec import Damaged
from appliance.store.metrics.head.group import Column, GroupHead, IdsRow
from appliance.store.metrics.head.loose import LooseBatch, LooseLog
from appliance.store.metrics.writing import inbox

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future

    from numpy.typing import NDArray
    from prometheus_client import Counter

    from appliance.base.clock import Clock
    from appliance.store.database import Database
    from appliance.store.metrics.head.head import Head
    from appliance.store.metrics.records.tables import Records
    from appliance.store.metrics.writing.incoming import Incoming
    from appliance.store.metrics.writing.usage import SeriesUsage

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a column's row went."""

    seq: int
    ids_seq: int
    late: bool = False


class SampleWriter:
    """Writes requests of any thread; a `Prelude` too; see the module's docstring.

    Args:
        received: Counts samples after their commit.
        damaged: Counts inbox rows that could not be replayed.
    """

    def __init__(
        self,
        database: Database,
        head: Head,
        usage: SeriesUsage,
        clock: Clock,
        *,
        records: Records,
        received: Counter,
        damaged: Counter,
    ) -> None:
        self._database = database
        self._head = head
        self._clock = clock
        self._received = received
        self._damaged = damaged
        self._next_seq = 1
        self._next_group = 1
        self._lock = threading.Lock()
        self._logs: dict[int, LooseLog] = {}
        #: Groups that got columns in the transaction at hand, with their `worked_ms` before.
        self._worked: dict[GroupHead, int | None] = {}
        self._usage = usage
        self._records = records
        self.received_total = 0
        self.last_received_ms: int | None = None

    def append_column(
        self, tenant: int, name: str, timestamp_ms: int, samples: Incoming
    ) -> Future[None]:
        """Queue one scrape."""
        group, log = self._group(tenant, name), self._loose(tenant)
        ids, values, histograms = samples.ids, samples.values, samples.histograms
        placed = _Placed(0, 0)

        def work(connection: sqlite3.Connection) -> None:
            nonlocal placed
            self._check(samples)
            seq = self._take_seq()
            self._write_records(connection, tenant, samples)
            if group.worked_ms is not None and timestamp_ms <= group.worked_ms:
                _make_durable(connection, log)
                data = inbox.encode_loose(ids, samples.times, samples.packed)
                inbox.insert(connection, log.number, seq, data)
                placed = _Placed(seq, 0, late=True)
                return
            self._worked.setdefault(group, group.worked_ms)
            group.worked_ms = timestamp_ms
            known = group.ids_row
            if known is not None and np.array_equal(known.ids, ids):
                ids_seq, own_ids = known.seq, None
            else:
                ids_seq, own_ids = seq, ids
            data = inbox.encode_column(
                timestamp_ms, samples.packed, own_ids, count=len(ids), ids_seq=ids_seq
            )
            _make_durable(connection, group)
            inbox.insert(connection, group.number, seq, data)
            placed = _Placed(seq, ids_seq)

        def then(_: None) -> None:
            if placed.late:
                self._show_loose(log, placed.seq, _present(samples.loose()))
            else:
                seq, ids_seq = placed.seq, placed.ids_seq
                column = Column(timestamp_ms, ids, values, seq, ids_seq, histograms)
                self._show_column(group, column)
            self._count(len(ids))

        return self._database.write(work, then=then, size_bytes=samples.size_bytes)

    def append(self, tenant: int, samples: Incoming) -> Future[None]:
        """Queue samples with times of their own."""
        log = self._loose(tenant)
        data = inbox.encode_loose(samples.ids, samples.times, samples.packed)
        seq = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal seq
            self._check(samples)
            seq = self._take_seq()
            self._write_records(connection, tenant, samples)
            if len(samples.ids):
                _make_durable(connection, log)
                inbox.insert(connection, log.number, seq, data)

        def then(_: None) -> None:
            if len(samples.ids):
                self._show_loose(log, seq, samples.loose())
                self._count(len(samples.ids))

        return self._database.write(work, then=then, size_bytes=samples.size_bytes)

    def _check(self, samples: Incoming) -> None:
        """Refuse series that are not in use any more.

        Raises:
            Conflict: One of them is not.
        """
        self._usage.check(samples.ids)
        if samples.exemplars:
            self._usage.check(np.array([number for number, _ in samples.exemplars]))

    def _write_records(
        self, connection: sqlite3.Connection, tenant: int, samples: Incoming
    ) -> None:
        if samples.starts_ms is not None or self._records.starts.is_used:
            self._records.note_starts(connection, tenant, samples.present_starts())
        if samples.exemplars:
            self._records.write_exemplars(connection, tenant, samples.exemplars)

    # -- as a prelude of every transaction

    def begin(self, _: sqlite3.Connection) -> None:
        """Nothing to write."""

    def committed(self) -> None:
        """What was decided holds."""
        self._worked.clear()

    def rolled_back(self) -> None:
        """The columns did not come; the same ones may be tried again at once."""
        for group, worked_ms in self._worked.items():
            group.worked_ms = worked_ms
        self._worked.clear()

    # -- replay

    def replay(self, connection: sqlite3.Connection) -> None:
        """Fill the head from the inbox; at start, before anything else is written."""
        for number, tenant, name in connection.execute("SELECT id, tenant, name FROM scrape_group"):
            self._restore(number, tenant, name)
        logs = {log.number: log for log in self._logs.values()}
        ids_of: dict[tuple[int, int], NDArray[np.int64]] = {}
        for number, seq, data in inbox.read_all(connection):
            self._next_seq = seq + 1
            try:
                row = inbox.decode(data)
                if isinstance(row, inbox.LooseRow):
                    batch = LooseBatch(row.ids, row.times, row.values, row.histograms)
                    self._show_loose(logs[number], seq, _present(batch))
                else:
                    self._replay_column(self._head.groups[number], seq, row, ids_of)
            except (Damaged, KeyError) as error:
                _log.error("metrics: inbox row %d/%d is lost: %s", number, seq, error)
                self._damaged.inc()

    def _restore(self, number: int, tenant: int, name: str | None) -> None:
        self._next_group = max(self._next_group, number + 1)
        if name is None:
            log = self._logs[tenant] = LooseLog(number, tenant)
            log.is_durable = True
        else:
            group = GroupHead(number, tenant, name)
            group.is_durable = True
            group.touched_ms = self._clock.now_ms()
            self._head.add_group(group)

    def _replay_column(
        self,
        group: GroupHead,
        seq: int,
        row: inbox.ColumnRow,
        ids_of: dict[tuple[int, int], NDArray[np.int64]],
    ) -> None:
        if row.ids is not None:
            ids_of[group.number, seq] = row.ids
            group.ids_row = IdsRow(seq, row.ids)
        if row.timestamp_ms is not None:
            ids = ids_of[group.number, row.ids_seq]
            column = Column(row.timestamp_ms, ids, row.values, seq, row.ids_seq, row.histograms)
            self._show_column(group, column)
            group.worked_ms = row.timestamp_ms

    # -- in the writer thread

    def _take_seq(self) -> int:
        seq = self._next_seq
        self._next_seq += 1
        return seq

    def _show_column(self, group: GroupHead, column: Column) -> None:
        now = self._clock.now_ms()
        if not len(group.view.times):
            group.since_ms = now
        group.touched_ms = now
        group.is_durable = True
        if column.ids_seq == column.seq:
            group.ids_row = IdsRow(column.seq, column.ids)
        self._head.append_column(group, column)

    def _show_loose(self, log: LooseLog, seq: int, batch: LooseBatch) -> None:
        if not len(log.view.ids):
            log.since_ms = self._clock.now_ms()
        log.is_durable = True
        self._head.append_loose(log, seq, batch)

    def _count(self, samples: int) -> None:
        self.received_total += samples
        self.last_received_ms = self._clock.now_ms()
        self._received.inc(samples)

    # -- groups and logs, from any thread

    def _group(self, tenant: int, name: str) -> GroupHead:
        found = self._head.find_group(tenant, name)
        if found is None:
            with self._lock:
                found = self._head.find_group(tenant, name)
                if found is None:
                    found = GroupHead(self._take_number(), tenant, name)
                    self._head.add_group(found)
        return found

    def _loose(self, tenant: int) -> LooseLog:
        found = self._logs.get(tenant)
        if found is None:
            with self._lock:
                found = self._logs.get(tenant)
                if found is None:
                    found = self._logs[tenant] = LooseLog(self._take_number(), tenant)
        return found

    def _take_number(self) -> int:
        number = self._next_group
        self._next_group += 1
        return number


def _present(batch: LooseBatch) -> LooseBatch:
    """A batch less its absent cells."""
    absent = is_absent(batch.values)
    if not absent.any():
        return batch
    keep = ~absent
    return LooseBatch(batch.ids[keep], batch.times[keep], batch.values[keep], batch.histograms)


def _make_durable(connection: sqlite3.Connection, owner: GroupHead | LooseLog) -> None:
    """Write the row that says what a group number stands for; loose logs have no name."""
    if not owner.is_durable:
        name = owner.name if isinstance(owner, GroupHead) else None
        connection.execute(
            "INSERT OR IGNORE INTO scrape_group(id, tenant, name) VALUES (?, ?, ?)",
            (owner.number, owner.tenant, name),
        )
