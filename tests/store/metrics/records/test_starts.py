"""Start times: changes only, late samples alone, as before after a roll-back and a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from appliance.store.metrics.records.starts import StartTimes

NEVER = np.iinfo(np.int64).min


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute(
        "CREATE TABLE start_time(series INTEGER, time_ms INTEGER, start_ms INTEGER,"
        " PRIMARY KEY(series, time_ms))"
    )
    yield made
    made.close()


def note(
    starts: StartTimes, connection: sqlite3.Connection, *samples: tuple[int, int, int]
) -> None:
    """Samples (id, time, start) in one transaction."""
    write(starts, connection, *samples)
    starts.committed()


def write(
    starts: StartTimes, connection: sqlite3.Connection, *samples: tuple[int, int, int]
) -> None:
    ids, times, values = (np.array(column, dtype=np.int64) for column in zip(*samples, strict=True))
    starts.note(connection, (ids, times, values), lambda ids: np.full(len(ids), NEVER))


def points(starts: StartTimes, number: int) -> list[tuple[int, int]]:
    found = starts.of(np.array([number])).get(0)
    return [] if found is None else list(zip(*(part.tolist() for part in found), strict=True))


def test_only_changes_are_kept(connection: sqlite3.Connection) -> None:
    starts = StartTimes(connection)
    assert not starts.is_used
    for time in range(10, 100, 10):
        note(starts, connection, (1, time, 5 if time < 50 else 45), (2, time, 0))
    assert points(starts, 1) == [(10, 5), (50, 45)]
    assert points(starts, 2) == []
    assert connection.execute("SELECT count(*) FROM start_time").fetchone() == (2,)
    assert points(StartTimes(connection), 1) == [(10, 5), (50, 45)]


def test_a_late_sample_changes_no_other(connection: sqlite3.Connection) -> None:
    starts = StartTimes(connection)
    for time in (10, 20, 30):
        note(starts, connection, (1, time, 5))
    note(starts, connection, (1, 15, 7))
    assert points(starts, 1) == [(10, 5), (15, 7), (16, 5)]


def test_samples_without_end_the_start(connection: sqlite3.Connection) -> None:
    starts = StartTimes(connection)
    note(starts, connection, (1, 10, 5))
    starts.note(connection, (np.array([1, 9]), np.array([20, 20]), None), lambda ids: ids)
    assert points(starts, 1) == [(10, 5), (20, 0)]


def test_rolled_back_changes_are_gone(connection: sqlite3.Connection) -> None:
    starts = StartTimes(connection)
    note(starts, connection, (1, 10, 5))
    connection.execute("BEGIN")
    write(starts, connection, (1, 20, 6), (2, 20, 6))
    connection.execute("ROLLBACK")
    starts.rolled_back()
    assert points(starts, 1) == [(10, 5)]
    assert points(starts, 2) == []


def test_after_a_start_the_bound_decides_what_is_late(connection: sqlite3.Connection) -> None:
    note(StartTimes(connection), connection, (1, 10, 5))
    starts = StartTimes(connection)
    starts.bound(lambda ids: np.full(len(ids), 30))
    note(starts, connection, (1, 20, 6))
    assert points(starts, 1) == [(10, 5), (20, 6), (21, 5)]
    note(starts, connection, (1, 40, 6))
    assert points(starts, 1)[-1] == (40, 6)


def test_points_that_nobody_needs_go(connection: sqlite3.Connection) -> None:
    starts = StartTimes(connection)
    for time in (10, 20, 30):
        note(starts, connection, (1, time, time))
    assert starts.outdated(19) == []
    found = starts.outdated(25)
    assert found == [(1, 10)]
    starts.remove(connection, found)
    starts.committed()
    assert points(starts, 1) == [(20, 20), (30, 30)] == points(StartTimes(connection), 1)
    starts.forget(connection, np.array([1]))
    starts.drop(np.array([1]))
    assert points(starts, 1) == [] == points(StartTimes(connection), 1)
