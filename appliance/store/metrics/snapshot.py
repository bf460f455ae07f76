"""A copy of the file at one instant, while others write: SQLite's backup from a reader."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from appliance.base.errors import Conflict

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.store.database import Database


def copy_file(database: Database, target: Path) -> None:
    """Copy all that is committed; the target is complete or does not exist.

    Raises:
        Conflict: The target exists.
    """
    if target.exists():
        raise Conflict(f"{target} exists already; choose another name")
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        with (
            database.reader() as connection,
            contextlib.closing(sqlite3.connect(partial)) as made,
        ):
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
            connection.backup(made, pages=-1)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
