"""Exemplars: a bounded table per tenant; the oldest to arrive go first.

Invariants: a row is written in the transaction of its samples; the same exemplar of a series is
kept once; no commit leaves more than the bound.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

#: Part of the bound that is made free at once.
_STEP_PART = 32
#: Series that are looked up one by one; for more the tenant's rows are read through.
_MOST_LOOKUPS = 500
_VALUE = struct.Struct("<d")
_BITS = struct.Struct("<q")


class ExemplarTable:
    """See the module's docstring; a `Prelude`.

    Args:
        connection: A reader of the file.
        limit: Most exemplars of a tenant; none are kept when it is 0.
    """

    def __init__(self, connection: sqlite3.Connection, limit: int) -> None:
        self._limit = limit
        sql = "SELECT tenant, count(*) FROM exemplar GROUP BY tenant"
        self._counts: dict[int, int] = dict(connection.execute(sql))
        self._undo: dict[int, int] = {}

    def write(
        self, connection: sqlite3.Connection, tenant: int, items: Sequence[tuple[int, Exemplar]]
    ) -> None:
        """Add (series id, exemplar), in the writer thread."""
        items = items[-self._limit :] if self._limit else ()
        if not items:
            return
        count = self._counts.get(tenant, 0)
        self._undo.setdefault(tenant, count)
        excess = count + len(items) - self._limit
        if excess > 0:
            step = max(excess, self._limit // _STEP_PART)
            sql = (
                "DELETE FROM exemplar WHERE id IN"
                " (SELECT id FROM exemplar WHERE tenant=? ORDER BY id LIMIT ?)"
            )
            count -= connection.execute(sql, (tenant, step)).rowcount
        sql = (
            "INSERT OR IGNORE INTO exemplar(tenant, series, time_ms, value, labels)"
            " VALUES (?, ?, ?, ?, ?)"
        )
        rows = (
            (tenant, series, item.timestamp_ms, _bits(item.value), item.labels.encode())
            for series, item in items
        )
        self._counts[tenant] = count + connection.executemany(sql, rows).rowcount

    def begin(self, _: sqlite3.Connection) -> None:
        """Nothing to write."""

    def committed(self) -> None:
        """The counts hold."""
        self._undo.clear()

    def rolled_back(self) -> None:
        """The counts are what they were."""
        self._counts |= self._undo
        self._undo.clear()

    def forget(self, connection: sqlite3.Connection, tenant: int, series: Iterable[int]) -> None:
        """Delete the exemplars of series that are not in use any more."""
        if self._counts.get(tenant):
            sql = "DELETE FROM exemplar WHERE series=?"
            gone = connection.executemany(sql, ((number,) for number in series)).rowcount
            self._less(tenant, gone)

    def expire(self, connection: sqlite3.Connection, tenant: int, before_ms: int) -> None:
        """Delete what is older; inside a transaction."""
        sql = "DELETE FROM exemplar WHERE tenant=? AND time_ms<?"
        self._less(tenant, connection.execute(sql, (tenant, before_ms)).rowcount)

    def has_before(self, connection: sqlite3.Connection, tenant: int, before_ms: int) -> bool:
        """Whether `expire` has something to do."""
        sql = "SELECT 1 FROM exemplar WHERE tenant=? AND time_ms<? LIMIT 1"
        return connection.execute(sql, (tenant, before_ms)).fetchone() is not None

    def _less(self, tenant: int, gone: int) -> None:
        count = self._counts.get(tenant, 0)
        self._undo.setdefault(tenant, count)
        self._counts[tenant] = count - gone


def read(
    connection: sqlite3.Connection, tenant: int, series: Sequence[int], window: tuple[int, int]
) -> dict[int, list[Exemplar]]:
    """Exemplars by series id, ascending by time.

    Args:
        window: Least and greatest time, both included.
    """
    found: dict[int, list[Exemplar]] = {}
    for number, time_ms, value, labels in _rows(connection, tenant, series, window):
        item = Exemplar(Labels.decode(labels), _value(value), time_ms)
        found.setdefault(number, []).append(item)
    return found


def _rows(
    connection: sqlite3.Connection, tenant: int, series: Sequence[int], window: tuple[int, int]
) -> Iterator[tuple[int, int, int, bytes]]:
    what = "SELECT series, time_ms, value, labels FROM exemplar"
    if len(series) <= _MOST_LOOKUPS:
        sql = f"{what} WHERE series=? AND time_ms BETWEEN ? AND ? ORDER BY time_ms, id"
        for number in series:
            yield from connection.execute(sql, (number, *window))
        return
    wanted = set(series)
    sql = f"{what} WHERE tenant=? AND time_ms BETWEEN ? AND ? ORDER BY time_ms, id"
    for row in connection.execute(sql, (tenant, *window)):
        if row[0] in wanted:
            yield row


def _bits(value: float) -> int:
    bits: int = _BITS.unpack(_VALUE.pack(value))[0]
    return bits


def _value(bits: int) -> float:
    value: float = _VALUE.unpack(_BITS.pack(bits))[0]
    return value
