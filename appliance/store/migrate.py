"""Schema migrations: numbered SQL files per signal, forward only; `user_version` counts them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from appliance.base.errors import Conflict

if TYPE_CHECKING:
    import sqlite3


class SchemaTooNew(Conflict):
    """The file was written by a newer version of the product."""


def migrations(signal: str) -> list[tuple[int, str]]:
    """(number, SQL text) of a signal's migrations, ascending."""
    folder = resources.files("appliance.store") / "migrations" / signal
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name.split("_")[0]), entry.read_text()) for entry in files)


def migrate(connection: sqlite3.Connection, signal: str) -> None:
    """Bring a file to the newest schema, one transaction per step.

    Raises:
        SchemaTooNew: The file is ahead of this version.
    """
    current = connection.execute("PRAGMA user_version").fetchone()[0]
    steps = migrations(signal)
    newest = steps[-1][0] if steps else 0
    if current > newest:
        message = (
            f"{signal}.db was written by a newer version (schema {current}, this one knows"
            f" {newest}); upgrade, or choose another directory with --data"
        )
        raise SchemaTooNew(message)
    for number, text in steps:
        if number > current:
            script = f"BEGIN IMMEDIATE;\n{text}\n;PRAGMA user_version={number};\nCOMMIT;"
            connection.executescript(script)
