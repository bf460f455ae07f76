"""Schema migrations: numbered SQL files per signal, forward only; `user_version` counts them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


class SchemaTooNew(Exception):  # noqa: N818 - the house's form
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
        message = f"{signal}: schema {current} is newer than this version's {newest}; upgrade"
        raise SchemaTooNew(message)
    for number, text in steps:
        if number > current:
            script = f"BEGIN IMMEDIATE;\n{text}\n;PRAGMA user_version={number};\nCOMMIT;"
            connection.executescript(script)
