"""One SQLite file: a writer thread with group commit, a pool of readers.

Invariants:
- One connection does all writes and checkpoints, in one thread: SQLite before 3.51.3 may corrupt
  a WAL file when one connection checkpoints while another commits.
- A write's future ends after the commit that holds it, and after its `then` ran: what was
  acknowledged is durable and visible to the next reader.
- `then` callbacks run in commit order in the writer thread, so heads need no lock among writers.
- A `swap` (inbox rows out, sealed block in) commits and adjusts the head under one lock that
  `snapshot` also takes: a reader sees either the head's copy or the block, never both, never none.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from appliance.base.errors import Unavailable
from appliance.store.disk import DiskRoom
from appliance.store.failure import FileDamaged, explain
from appliance.store.log_file import BUSY_SECONDS, LOG_BYTES, LogFile, size_of
from appliance.store.migrate import migrate
from appliance.store.readers import ReaderPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.base.telemetry import Telemetry

T = TypeVar("T")
S = TypeVar("S")
_log = logging.getLogger(__name__)

#: Pages freed by one step of the incremental vacuum; a step of this size takes some milliseconds.
VACUUM_PAGES = 256


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How a file is used.

    Attributes:
        synchronous: FULL survives a power cut, NORMAL only a crash of the process.
        max_pending_bytes: Bytes that may wait for the writer; beyond it writes are refused.
        max_batch_bytes: Bytes that go into one transaction.
        readers: Most read connections kept open.
    """

    synchronous: str = "FULL"
    max_pending_bytes: int = 128 << 20
    max_batch_bytes: int = 32 << 20
    readers: int = 8


class Prelude(Protocol):
    """Work that goes first in every transaction, such as new series before samples of theirs."""

    def begin(self, connection: sqlite3.Connection) -> None:
        """Write what is pending."""
        ...

    def committed(self) -> None:
        """What `begin` wrote is durable."""
        ...

    def rolled_back(self) -> None:
        """What `begin` wrote is gone; keep it pending."""
        ...


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[sqlite3.Connection], T]
    then: Callable[[T], None] | None
    size_bytes: int
    swap: bool
    future: Future[T]
    result: Any = None
    #: Makes transactions of its own.
    bare: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether no other job may join it."""
        return self.swap or self.bare


class Database:
    """See the module's docstring.

    Args:
        path: The file; made when missing.
        signal: Name for messages and metrics; also names the folder of its migrations.
    """

    def __init__(
        self, path: Path, signal: str, options: DatabaseOptions, telemetry: Telemetry
    ) -> None:
        self.path = path
        self.signal = signal
        self.options = options
        self.preludes: list[Prelude] = []
        self._jobs: deque[_Job[Any]] = deque()
        self._pending_bytes = 0
        self._wake = threading.Condition()
        self._swap_lock = threading.Lock()
        self._closing = False
        self._overwriters = 0
        self._is_overwriting = False
        self._room = DiskRoom(path.parent, signal)
        self._readers = ReaderPool(path, signal, keep=options.readers)
        self._commits = telemetry.histogram(
            "appliance_store_commit_seconds", "Duration of commits.", ("signal",)
        ).labels(signal)
        self._failures = telemetry.counter(
            "appliance_store_commit_failures_total", "Transactions that failed.", ("signal",)
        ).labels(signal)
        telemetry.gauge(
            "appliance_store_queue_bytes", "Bytes waiting for the writer.", ("signal",)
        ).labels(signal).set_function(lambda: self._pending_bytes)
        self._connection = self._connect()
        try:
            migrate(self._connection, signal)
        except BaseException:
            self._connection.close()
            raise
        self._log_file = LogFile(self._connection, path, signal)
        self._thread = threading.Thread(target=self._run, name=f"writer-{signal}", daemon=True)
        self._thread.start()

    # -- writing

    def write(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        then: Callable[[T], None] | None = None,
        size_bytes: int = 0,
    ) -> Future[T]:
        """Queue work for the next transaction.

        Args:
            work: Runs in the writer thread inside a transaction, maybe twice (when another job of
                the same transaction fails), so it must change nothing but the database.
            then: Runs after the commit with the work's result.
            size_bytes: What the job keeps in memory, for the queue's bound.

        Raises:
            Unavailable: The queue is full, or the database is closing.
        """
        return self._enqueue(_Job(work, then, size_bytes, swap=False, future=Future()))

    def swap(self, work: Callable[[sqlite3.Connection], T], then: Callable[[T], None]) -> Future[T]:
        """Like `write`, alone in its transaction; no snapshot falls between commit and `then`."""
        return self._enqueue(_Job(work, then, 0, swap=True, future=Future()))

    def vacuum(self, pages: int = VACUUM_PAGES) -> Future[int]:
        """Give free pages back to the file system, one short step; returns how many are left."""

        def step(connection: sqlite3.Connection) -> int:
            connection.executescript(f"PRAGMA incremental_vacuum({int(pages)})")
            row = connection.execute("PRAGMA freelist_count").fetchone()
            return int(row[0])

        return self._enqueue_bare(step)

    def shrink(self, *, spare: int = 0) -> None:
        """Give all free pages back but some; other writes go in between the steps.

        Ends early when others free pages as fast: they will use them again.
        """
        with self.reader() as connection:
            free = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
        before = free + 1
        try:
            while spare < free < before:
                before, free = free, self.vacuum(min(VACUUM_PAGES, free - spare)).result()
            self.empty_log(100)
        except FileDamaged as error:
            _log.error("%s: free pages stay in the file: %s", self.signal, error)

    @contextlib.contextmanager
    def overwriting(self) -> Iterator[None]:
        """Meanwhile, pages that transactions free are filled with zeros, which costs writes."""
        with self._wake:
            self._overwriters += 1
        try:
            yield
        finally:
            with self._wake:
                self._overwriters -= 1

    def empty_log(self, patience_ms: int) -> bool:
        """Cut the write-ahead log to nothing; whether no reader was in the way.

        Args:
            patience_ms: How long writes wait for readers, at most.
        """
        return self._enqueue_bare(lambda _: self._log_file.empty(patience_ms)).result()

    def _enqueue_bare(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        return self._enqueue(_Job(work, None, 0, swap=False, future=Future(), bare=True))

    def _enqueue(self, job: _Job[T]) -> Future[T]:
        job.future.set_running_or_notify_cancel()  # a caller that goes away cancels nothing
        with self._wake:
            if self._closing:
                raise Unavailable(f"the {self.signal} store is shutting down")
            # Upkeep keeps nothing in memory, and must not be held up by those who write too much.
            if job.size_bytes and self._pending_bytes > self.options.max_pending_bytes:
                raise Unavailable(
                    f"the {self.signal} store has {self._pending_bytes} bytes waiting to be written"
                    f" (limit {self.options.max_pending_bytes}, setting storage.pending_bytes)"
                )
            self._pending_bytes += job.size_bytes
            self._jobs.append(job)
            self._wake.notify()
        return job.future

    def _run(self) -> None:
        while batch := self._next_batch():
            self._follow_overwriters()
            if batch[0].bare:
                self._work_bare(batch[0])
            else:
                self._transact(batch)
            with self._wake:
                self._pending_bytes -= sum(job.size_bytes for job in batch)
            self._log_file.keep_bounded()

    def _follow_overwriters(self) -> None:
        if self._is_overwriting != bool(self._overwriters):
            self._is_overwriting = not self._is_overwriting
            mode = "ON" if self._is_overwriting else "FAST"
            self._connection.execute(f"PRAGMA secure_delete={mode}").fetchall()

    def _next_batch(self) -> list[_Job[Any]]:
        """Jobs of one transaction: all that wait, within bounds; none at the end."""
        with self._wake:
            while not self._jobs:
                if self._closing:
                    return []
                self._wake.wait()
            batch = [self._jobs.popleft()]
            size = batch[0].size_bytes
            while self._jobs and not batch[0].is_alone and not self._jobs[0].is_alone:
                if size > self.options.max_batch_bytes:
                    break
                size += self._jobs[0].size_bytes
                batch.append(self._jobs.popleft())
            return batch

    def _work_bare(self, job: _Job[Any]) -> None:
        try:
            job.future.set_result(job.work(self._connection))
        except Exception as error:  # noqa: BLE001 - goes to the caller's future
            self._failures.inc()
            self._fail([job], error)

    def _affordable(self, batch: list[_Job[Any]]) -> list[_Job[Any]]:
        """A batch less what would take the room that upkeep needs to make some."""
        sized = [job for job in batch if job.size_bytes]
        if not sized or (refusal := self._room.refusal()) is None:
            return batch
        self._failures.inc()
        self._fail(sized, refusal)
        return [job for job in batch if not job.size_bytes]

    def _transact(self, batch: list[_Job[Any]]) -> None:
        jobs = self._affordable(batch)
        while jobs:
            failed: _Job[Any] | None = None
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for prelude in self.preludes:
                    prelude.begin(self._connection)
                for job in jobs:
                    failed = job
                    job.result = job.work(self._connection)
                failed = None
                self._commit(jobs)
            except Exception as error:  # noqa: BLE001 - goes to the callers' futures
                self._roll_back(error)
                if failed is None or isinstance(error, sqlite3.Error):
                    return self._fail(jobs, error)
                self._fail([failed], error)
                jobs = [job for job in jobs if job is not failed]
                continue
            return self._acknowledge(jobs)
        return None

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        lock = self._swap_lock if jobs[0].swap else contextlib.nullcontext()
        with self._commits.time(), lock:
            self._connection.execute("COMMIT")
            for prelude in self.preludes:
                prelude.committed()
            if jobs[0].swap:
                self._then(jobs[0])

    def _acknowledge(self, jobs: list[_Job[Any]]) -> None:
        for job in jobs:
            if not job.swap:
                self._then(job)
            if not job.future.done():
                job.future.set_result(job.result)

    def _then(self, job: _Job[Any]) -> None:
        if job.then is None:
            return
        try:
            job.then(job.result)
        except Exception as error:  # noqa: BLE001 - the writer must go on
            _log.exception("%s: a committed write could not be shown to readers", self.signal)
            job.future.set_exception(error)

    def _roll_back(self, error: Exception) -> None:
        self._failures.inc()
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        for prelude in self.preludes:
            prelude.rolled_back()
        if isinstance(error, sqlite3.Error):
            _log.error("%s: transaction failed: %s", self.signal, error)

    def _fail(self, jobs: list[_Job[Any]], error: Exception) -> None:
        reason = explain(error, self.signal)
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(reason)

    # -- reading

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection inside a read transaction: one consistent view.

        Raises:
            FileDamaged: What is read inside lies on a broken page.
        """
        with self._readers.lend() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextlib.contextmanager
    def snapshot(self, take: Callable[[], S]) -> Iterator[tuple[sqlite3.Connection, S]]:
        """A reader and the head as they were at one instant.

        Args:
            take: Copies (references of) the head's state; runs under the swap lock, so be short.

        Raises:
            FileDamaged: What is read inside lies on a broken page.
        """
        with self._readers.lend() as connection:
            with self._swap_lock:
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
                head = take()
            yield connection, head

    # -- life

    def close(self) -> None:
        """Write what is queued, then close; writes from now on are refused."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self._readers.close()
        self._connection.close()

    def size_bytes(self) -> int:
        """Bytes on disk, write-ahead log included."""
        return size_of(self.path) + self._log_file.size_bytes()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        for pragma in (
            "page_size=8192",
            "auto_vacuum=INCREMENTAL",
            "journal_mode=WAL",
            f"synchronous={self.options.synchronous}",
            "temp_store=MEMORY",
            "secure_delete=FAST",
            f"journal_size_limit={LOG_BYTES}",
            "wal_autocheckpoint=2000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection
