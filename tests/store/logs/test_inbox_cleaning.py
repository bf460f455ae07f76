"""Entries are taken out of inbox rows that other streams need, and nothing else is."""

from __future__ import annotations

from pathlib import Path

from appliance.store.logs import inbox
from appliance.store.logs.inbox_cleaning import take_out
from appliance.store.logs.store import LogStore
from tests.store.logs.build import MAX_NS, batch, equal, open_store, texts

A, B, C = {"app": "a"}, {"app": "b"}, {"app": "c"}
SPAN = -MAX_NS, MAX_NS - 1


def stored(store: LogStore) -> list[list[tuple[int, bytes]]]:
    """(stream, text) of each batch of each row."""
    with store._database.reader() as connection:
        rows = connection.execute("SELECT data FROM inbox ORDER BY id").fetchall()
    return [[(stream, part.text) for stream, part in inbox.decode_row(data)] for (data,) in rows]


def fill(store: LogStore) -> None:
    """Streams 1 and 2 share rows with 3; rows 1 and 2 are sealed of 1 and 2, row 3 is not."""
    for time in (1, 2):
        store.append("t", [batch(one, [time]) for one in (A, B, C)]).result(5)
    store._compactor.seal_streams([1, 2])
    store.append("t", [batch(one, [3]) for one in (A, C)]).result(5)


def test_sealed_entries_of_the_streams_and_times_go(store: LogStore) -> None:
    fill(store)
    assert take_out(store._database, {1, 3}, (2, 9)) == 0
    assert stored(store) == [
        [(1, b"1\n"), (2, b"1\n"), (3, b"1\n")],
        [(2, b"2\n"), (3, b"2\n")],
        [(1, b"3\n"), (3, b"3\n")],
    ]


def test_nothing_is_lost_by_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store)
    take_out(store._database, {1, 2, 3}, SPAN)
    assert stored(store)[:2] == [[(3, b"1\n")], [(3, b"2\n")]]
    store.close()
    store = open_store(tmp_path)
    for app, times in (("a", ["1", "2", "3"]), ("b", ["1", "2"]), ("c", ["1", "2", "3"])):
        assert texts(store, equal("app", app)) == times
    store.seal(force=True)
    assert stored(store) == []
    store.close()


def test_rows_with_nothing_left_go(store: LogStore) -> None:
    fill(store)
    store._database.write(lambda c: c.execute("UPDATE stream SET sealed_row=2").fetchall()).result()
    take_out(store._database, {1, 2, 3}, SPAN)
    assert stored(store) == [[(1, b"3\n"), (3, b"3\n")]]


def test_rows_that_do_not_decode_are_told_and_left(store: LogStore) -> None:
    fill(store)
    broken = "UPDATE inbox SET data=x'00' WHERE id=1"
    store._database.write(lambda c: c.execute(broken).fetchall()).result(5)
    assert take_out(store._database, {1}, SPAN) == 1
    with store._database.reader() as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (3,)
