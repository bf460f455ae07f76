"""Requests to delete entries: noted, listed, cancelled, finished; `deletion.py` executes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import Conflict, NotFound
from appliance.model.deletion import Deleted, DeleteRequest, DeleteState

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future

    from appliance.base.clock import Clock
    from appliance.store.database import Database

_COLUMNS = (
    "id, tenant, query, start_ns, end_ns, created_ms, state, processed_ms, entries, text_bytes,"
    " (SELECT count(*) FROM delete_stream WHERE request=delete_request.id), oldest_ns, newest_ns,"
    " erased"
)


class DeleteRequests:
    """The requests of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, tenant: str, query: str, start_ns: int, end_ns: int) -> Future[DeleteRequest]:
        """See `LogDeletions.create_deletion`."""
        row = (tenant, query, start_ns, end_ns, self._clock.now_ms())

        def work(connection: sqlite3.Connection) -> DeleteRequest:
            cursor = connection.execute(
                "INSERT INTO delete_request(tenant, query, start_ns, end_ns, created_ms, state)"
                " VALUES (?, ?, ?, ?, ?, 'received')",
                row,
            )
            return DeleteRequest(int(cursor.lastrowid or 0), *row)

        return self._database.write(work)

    def list(self, tenant: str | None = None) -> list[DeleteRequest]:
        """See `LogDeletions.deletions`."""
        where, values = ("", ()) if tenant is None else (" WHERE tenant=?", (tenant,))
        sql = f"SELECT {_COLUMNS} FROM delete_request{where} ORDER BY id"  # noqa: S608 - constants
        with self._database.reader() as connection:
            return [_request(row) for row in connection.execute(sql, values)]

    def cancel(self, tenant: str, number: int, *, force: bool) -> None:
        """See `LogDeletions.cancel_deletion`."""

        def work(connection: sqlite3.Connection) -> None:
            sql = "SELECT state FROM delete_request WHERE id=? AND tenant=?"
            row = connection.execute(sql, (number, tenant)).fetchone()
            if row is None:
                raise NotFound(f"there is no delete request {number}")
            state = DeleteState(row[0])
            if state is DeleteState.PROCESSED or (state is DeleteState.STARTED and not force):
                raise Conflict(f"delete request {number} is {state.value} already")
            connection.execute("DELETE FROM delete_request WHERE id=?", (number,))
            connection.execute("DELETE FROM delete_stream WHERE request=?", (number,))

        self._database.write(work).result()

    def finish(self, number: int, *, is_erased: bool) -> None:
        """Note that all has been deleted, and whether files hold nothing of it any more."""
        row = (self._clock.now_ms(), is_erased, number)
        sql = "UPDATE delete_request SET state='processed', processed_ms=?, erased=? WHERE id=?"
        self._database.write(lambda c: c.execute(sql, row).fetchall()).result()


def _request(row: tuple[Any, ...]) -> DeleteRequest:
    number, tenant, query, start_ns, end_ns, created_ms, state, processed_ms, *gone, erased = row
    return DeleteRequest(
        number,
        tenant,
        query,
        start_ns,
        end_ns,
        created_ms,
        DeleteState(state),
        processed_ms,
        Deleted(*gone),
        is_erased=bool(erased),
    )
