"""The kernel: group commit, swaps, damage, disk errors."""

from __future__ import annotations

import functools
import sqlite3
import threading
from concurrent.futures import wait
from typing import TYPE_CHECKING

import pytest

from appliance.base.errors import BadInput, Unavailable
from appliance.base.telemetry import Telemetry
from appliance.store import database as database_module
from appliance.store import log_file as log_module
from appliance.store import migrate as migrate_module
from appliance.store.database import Database, DatabaseOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [(1, "CREATE TABLE item(id INTEGER PRIMARY KEY, text TEXT) STRICT")]
    monkeypatch.setattr(migrate_module, "migrations", lambda _signal: steps)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


def open_database(folder: Path, **options: int) -> Database:
    return Database(folder / "test.db", "test", DatabaseOptions(**options), Telemetry())  # type: ignore[arg-type]


def insert(text: str) -> Callable[[sqlite3.Connection], int]:
    return lambda connection: (
        connection.execute("INSERT INTO item(text) VALUES (?)", (text,)).rowcount
    )


def texts(database: Database) -> list[str]:
    with database.reader() as connection:
        return [row[0] for row in connection.execute("SELECT text FROM item ORDER BY id")]


def test_write_is_visible_and_durable_when_its_future_ends(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    assert database.write(insert("a")).result(5) == 1
    assert texts(database) == ["a"]
    database.close()
    again = open_database(tmp_path)
    assert texts(again) == ["a"]
    again.close()


def test_then_runs_in_commit_order_before_the_future_ends(database: Database) -> None:
    seen: list[int] = []

    def note(number: int) -> Callable[[int], None]:
        return lambda _: seen.append(number)

    futures = [database.write(insert(str(n)), then=note(n)) for n in range(200)]
    futures[-1].result(5)
    assert seen == list(range(200))
    assert texts(database) == [str(n) for n in range(200)]


def test_writes_that_wait_together_share_a_transaction(database: Database) -> None:
    gate, entered = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        entered.set()
        gate.wait(5)

    first = database.write(block)
    entered.wait(5)
    commits = count_commits(database)
    futures = [database.write(insert("x")) for _ in range(50)]
    gate.set()
    first.result(5)
    wait(futures, 5)
    assert len(texts(database)) == 50
    assert count_commits(database) - commits == 2  # the gate's, and one for all fifty


def count_commits(database: Database) -> float:
    for metric in database._commits.collect():
        for sample in metric.samples:
            if sample.name.endswith("_count"):
                return float(sample.value)
    return 0.0


def test_failing_job_does_not_take_its_neighbours_with_it(database: Database) -> None:
    def fail(_: sqlite3.Connection) -> None:
        raise BadInput("no")

    gate = threading.Event()
    database.write(lambda _: gate.wait(5))
    good = [database.write(insert("a")), database.write(insert("b"))]
    bad = database.write(fail)
    good.append(database.write(insert("c")))
    gate.set()
    with pytest.raises(BadInput):
        bad.result(5)
    assert [future.result(5) for future in good] == [1, 1, 1]
    assert texts(database) == ["a", "b", "c"]


def test_prelude_is_kept_pending_when_the_transaction_fails(database: Database) -> None:
    calls: list[str] = []

    class Recorder:
        def begin(self, connection: sqlite3.Connection) -> None:
            calls.append("begin")
            connection.execute("INSERT INTO item(text) VALUES ('prelude')")

        def committed(self) -> None:
            calls.append("committed")

        def rolled_back(self) -> None:
            calls.append("rolled_back")

    database.preludes.append(Recorder())
    broken = database.write(lambda connection: connection.execute("INSERT INTO nothing VALUES (1)"))
    with pytest.raises(Unavailable):
        broken.result(5)
    assert calls == ["begin", "rolled_back"]
    assert texts(database) == []


def test_full_queue_refuses_instead_of_growing(tmp_path: Path) -> None:
    database = open_database(tmp_path, max_pending_bytes=100)
    gate = threading.Event()
    first = database.write(lambda _: gate.wait(5), size_bytes=101)
    with pytest.raises(Unavailable, match="storage.pending_bytes"):
        database.write(insert("x"), size_bytes=1)
    gate.set()
    first.result(5)
    database.close()


def test_snapshot_never_sees_a_swap_half_done(database: Database) -> None:
    """Items move from a head (a set) to the table; every snapshot must see each exactly once."""
    head = {str(n) for n in range(300)}

    def discard(text: str, _: int) -> None:
        head.discard(text)

    def move() -> None:
        for text in sorted(head):
            database.swap(insert(text), functools.partial(discard, text)).result(5)

    mover = threading.Thread(target=move)
    mover.start()
    while mover.is_alive():
        with database.snapshot(lambda: set(head)) as (connection, in_head):
            stored = {row[0] for row in connection.execute("SELECT text FROM item")}
        assert not stored & in_head
        assert stored | in_head == {str(n) for n in range(300)}
    mover.join()


def test_close_writes_what_is_queued_and_refuses_more(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    future = database.write(insert("last"))
    database.close()
    assert future.result(0) == 1
    with pytest.raises(Unavailable, match="shutting down"):
        database.write(insert("late"))


def test_vacuum_gives_pages_back(database: Database) -> None:
    blob = "x" * 100_000
    for _ in range(40):
        database.write(insert(blob)).result(5)
    database.write(lambda connection: connection.execute("DELETE FROM item").rowcount).result(5)
    before = pages(database)
    while database.vacuum(64).result(5):
        pass
    assert pages(database) < before / 10


def pages(database: Database) -> int:
    with database.reader() as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def test_vacuum_that_fails_leaves_the_preludes_in_order(database: Database) -> None:
    class Names:
        """Writes each name once, as long as it is told what became of it."""

        def __init__(self) -> None:
            self.pending = [(1, "a"), (2, "b")]

        def begin(self, connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT INTO item VALUES (?, ?)", self.pending)

        def committed(self) -> None:
            self.pending = []

        def rolled_back(self) -> None:
            """They stay pending."""

    def deny(action: int, name: str | None, *_: object) -> int:
        is_vacuum = action == sqlite3.SQLITE_PRAGMA and name == "incremental_vacuum"
        return sqlite3.SQLITE_DENY if is_vacuum else sqlite3.SQLITE_OK

    database.write(lambda connection: connection.set_authorizer(deny)).result(5)
    database.preludes.append(Names())
    with pytest.raises(Unavailable):
        database.vacuum().result(5)
    assert database.write(insert("c")).result(5) == 1
    assert texts(database) == ["a", "b", "c"]


def test_upkeep_is_not_refused_while_the_queue_is_full(tmp_path: Path) -> None:
    database = open_database(tmp_path, max_pending_bytes=100)
    gate = threading.Event()
    database.write(lambda _: gate.wait(5), size_bytes=101)
    swapped = database.swap(insert("block"), lambda _: None)
    gate.set()
    assert swapped.result(5) == 1
    database.close()


def test_log_stays_bounded_while_readers_overlap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (database_module, log_module):
        monkeypatch.setattr(module, "LOG_BYTES", 1 << 20)
    database = open_database(tmp_path)
    stop, turns = threading.Event(), threading.Semaphore(0)

    def read() -> None:
        while not stop.is_set():
            turns.acquire(timeout=5)
            with database.snapshot(lambda: None):
                turns.release()  # the other one begins before this one ends
                stop.wait(0.02)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    turns.release()
    largest = 0
    for _ in range(400):
        database.write(insert("x" * 100_000)).result(5)
        largest = max(largest, (tmp_path / "test.db-wal").stat().st_size)
    stop.set()
    turns.release(2)
    for reader in readers:
        reader.join()
    database.close()
    assert largest < 8 << 20, largest
