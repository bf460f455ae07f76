"""Start times of samples (OpenMetrics' created, remote write 2, OTLP): only their changes are kept.

A change point (series, time, start) says: from this time on, samples have this start. The newest
point of a series is in arrays by series id, older ones, if any, in a dictionary; a series that
never had a start time has none.

Invariants:
- Only the writer thread changes anything, inside the transaction that has the samples; what is
  rolled back is taken back here too (`Database.preludes`).
- A sample that comes late changes no other sample's start: the point behind it restores what held.
- Of a sample that comes twice the start said last holds.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    #: Change points of one series, ascending by time.
    Points = tuple[tuple[int, int], ...]

_NEVER = np.iinfo(np.int64).min
#: Points deleted in one transaction.
_STEP = 2000


class StartTimes:
    """See the module's docstring; a `Prelude`.

    Args:
        connection: A reader of the file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._time = np.empty(0, dtype=np.int64)
        self._start = np.empty(0, dtype=np.int64)
        #: No sample of the series is newer; of series that have points.
        self._newest = np.empty(0, dtype=np.int64)
        self._older: dict[int, Points] = {}
        self._undo: dict[int, Points] = {}
        self._lock = threading.Lock()
        sql = "SELECT series, time_ms, start_ms FROM start_time ORDER BY series, time_ms"
        rows = np.array(connection.execute(sql).fetchall(), dtype=np.int64).reshape(-1, 3)
        if len(rows):
            self._load(rows)

    def _load(self, rows: NDArray[np.int64]) -> None:
        series = rows[:, 0]
        is_last = np.append(series[1:] != series[:-1], [True])
        self._reserve(int(series[-1]))
        self._time[series[is_last]] = rows[is_last, 1]
        self._start[series[is_last]] = rows[is_last, 2]
        for number, time_ms, start_ms in rows[~is_last].tolist():
            self._older[number] = (*self._older.get(number, ()), (time_ms, start_ms))

    def bound(self, newest: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> None:
        """Learn after a start how new samples may be.

        Args:
            newest: For ids, times that no sample is newer than; the least integer for none.
        """
        ids = np.flatnonzero(self._time != _NEVER)
        if len(ids):
            self._newest[ids] = newest(ids)

    @property
    def is_used(self) -> bool:
        """Whether any series has had a start time."""
        return len(self._time) > 0

    # -- writing, in the writer thread

    def note(
        self,
        connection: sqlite3.Connection,
        samples: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None],
        newest: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> None:
        """Take over the start times of samples that are being written.

        Args:
            samples: ids, times, start times (0 or None for unknown): int64[sample] each.
            newest: As for `bound`; asked for series that get their first start time.
        """
        ids, times, starts = samples
        if starts is None:
            starts = np.zeros(len(ids), dtype=np.int64)
        self._reserve(int(ids.max(initial=-1)) if starts.any() else -1)
        known = self._known(ids)
        fresh = np.unique(ids[~known & (starts != 0)])
        concerned = known
        if len(fresh):
            self._newest[fresh] = newest(fresh)
            concerned = known | np.isin(ids, fresh)
        if not concerned.any():
            return
        ids, times, starts = ids[concerned], times[concerned], starts[concerned]
        known = known[concerned]
        settled = known & (self._time[ids] <= times) & (self._start[ids] == starts)
        np.maximum.at(self._newest, ids[settled], times[settled])
        if not settled.all():
            rest = np.isin(ids, ids[~settled])
            ids, times, starts = ids[rest], times[rest], starts[rest]
            order = np.argsort(times, kind="stable")
            self._change(connection, zip(*(p[order].tolist() for p in (ids, times, starts))))  # noqa: B905 - of one length

    def _change(
        self, connection: sqlite3.Connection, samples: Iterable[tuple[int, int, int]]
    ) -> None:
        rows: dict[tuple[int, int], int] = {}
        for number, time_ms, start_ms in samples:
            points = self._points(number)
            newest = int(self._newest[number])
            before = [point for point in points if point[0] <= time_ms]
            held = before[-1][1] if before else 0
            if held != start_ms:
                self._undo.setdefault(number, points)
                found = dict(points)
                found[time_ms] = rows[number, time_ms] = start_ms
                if time_ms < newest and time_ms + 1 not in found:
                    found[time_ms + 1] = rows[number, time_ms + 1] = held
                self._set(number, tuple(sorted(found.items())))
            self._newest[number] = max(newest, time_ms)
        connection.executemany(
            "INSERT OR REPLACE INTO start_time(series, time_ms, start_ms) VALUES (?, ?, ?)",
            ((number, time_ms, start_ms) for (number, time_ms), start_ms in rows.items()),
        )

    def begin(self, _: sqlite3.Connection) -> None:
        """Nothing to write."""

    def committed(self) -> None:
        """What was noted holds."""
        self._undo.clear()

    def rolled_back(self) -> None:
        """What was noted is taken back."""
        for number, points in self._undo.items():
            self._set(number, points)
        self._undo.clear()

    # -- reading

    def of(self, ids: NDArray[np.int64]) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """(times, starts) of the series that have any, by index into the ids."""
        if not len(self._time):
            return {}
        with self._lock:
            at = np.flatnonzero(self._known(ids))
            numbers = ids[at]
            times, starts = self._time[numbers], self._start[numbers]
            older = [self._older.get(number) for number in numbers.tolist()]
        found = {}
        for place, (index, points) in enumerate(zip(at.tolist(), older, strict=True)):
            pair = times[place : place + 1], starts[place : place + 1]
            if points:
                more = np.array(points, dtype=np.int64)
                pair = np.append(more[:, 0], pair[0]), np.append(more[:, 1], pair[1])
            found[index] = pair
        return found

    # -- upkeep

    def forget(self, connection: sqlite3.Connection, ids: NDArray[np.int64]) -> None:
        """Delete the rows of series; call `drop` with the same after the commit."""
        gone = ids[self._known(ids)].tolist()
        connection.executemany("DELETE FROM start_time WHERE series=?", ((i,) for i in gone))

    def drop(self, ids: NDArray[np.int64]) -> None:
        """Forget series."""
        for number in ids[self._known(ids)].tolist():
            self._set(number, ())

    def outdated(self, oldest_ms: int) -> list[tuple[int, int]]:
        """Points (series, time) that no sample from that time on needs; some of them."""
        found: list[tuple[int, int]] = []
        for number, points in list(self._older.items()):
            times = [*(time_ms for time_ms, _ in points), int(self._time[number])]
            found += [(number, times[n]) for n in range(len(points)) if times[n + 1] <= oldest_ms]
            if len(found) >= _STEP:
                break
        return found

    def remove(self, connection: sqlite3.Connection, points: list[tuple[int, int]]) -> None:
        """Delete outdated points; inside a transaction."""
        connection.executemany("DELETE FROM start_time WHERE series=? AND time_ms=?", points)
        for number, time_ms in points:
            before = self._points(number)
            self._undo.setdefault(number, before)
            self._set(number, tuple(point for point in before if point[0] != time_ms))

    # -- inside

    def _known(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        known = ids < len(self._time)
        known[known] = self._time[ids[known]] != _NEVER
        return known

    def _points(self, number: int) -> Points:
        time_ms = int(self._time[number])
        if time_ms == _NEVER:
            return ()
        return (*self._older.get(number, ()), (time_ms, int(self._start[number])))

    def _set(self, number: int, points: Points) -> None:
        with self._lock:
            last = points[-1] if points else (_NEVER, 0)
            self._time[number], self._start[number] = last
            if len(points) > 1:
                self._older[number] = points[:-1]
            else:
                self._older.pop(number, None)

    def _reserve(self, number: int) -> None:
        have = len(self._time)
        if number >= have:
            more = max(number + 1, 2 * have) - have
            with self._lock:
                never = np.full(more, _NEVER, dtype=np.int64)
                self._start = np.append(self._start, np.zeros(more, dtype=np.int64))
                self._newest = np.append(self._newest, never)
                self._time = np.append(self._time, never)
