"""The store of pushed groups: key → bytes, durable before it is acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.store.database import Database

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.base.telemetry import Telemetry
    from appliance.store.database import DatabaseOptions


class PushStore:
    """Any thread may call.

    Args:
        path: The file; made when missing.
    """

    def __init__(self, path: Path, *, database: DatabaseOptions, telemetry: Telemetry) -> None:
        self._database = Database(path, "pushes", database, telemetry)

    def load(self) -> dict[bytes, bytes]:
        """All groups."""
        with self._database.reader() as connection:
            return dict(connection.execute("SELECT key, data FROM push_group"))

    def put(self, key: bytes, data: bytes) -> Future[None]:
        """Set a group; ends when it is durable."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO push_group(key, data) VALUES (?, ?)"
                " ON CONFLICT(key) DO UPDATE SET data=excluded.data",
                (key, data),
            )

        return self._database.write(work, size_bytes=len(data))

    def delete(self, keys: list[bytes]) -> Future[None]:
        """Remove groups; ends when they are gone."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM push_group WHERE key=?", ((key,) for key in keys))

        return self._database.write(work)

    def close(self) -> None:
        """Write what is queued, then close the file."""
        self._database.close()
