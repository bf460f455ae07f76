"""What SQLite's errors mean: damage of the file, a full disk, or something that may pass."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError, StorageFull, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


class FileDamaged(Unavailable):
    """A page of the file is broken; what does not touch it still works."""


def is_damage(error: BaseException) -> bool:
    """Whether the file is broken, which trying again does not mend."""
    if isinstance(error, FileDamaged):
        return True
    name = str(getattr(error, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


@contextlib.contextmanager
def raising_damaged() -> Iterator[None]:
    """Damage of pages that are read inside is raised as `Damaged`, like that of a blob.

    Raises:
        Damaged: SQLite found a page broken.
    """
    from appliance.store.codec import Damaged  # noqa: PLC0415 - numpy

    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise Damaged(str(error)) from error


def explain(error: Exception, signal: str) -> Exception:
    """What a caller is told when its transaction failed."""
    if isinstance(error, ApplianceError) or not isinstance(error, sqlite3.Error):
        return error
    if is_damage(error):
        reason = f"{signal}.db is damaged ({error}); stop the server and restore it from a copy"
        return FileDamaged(reason, retry_after_seconds=60)
    name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
        reason = f"no space left for the {signal} store ({error}); free disk space and try again"
        return StorageFull(reason, retry_after_seconds=5)
    return Unavailable(f"the {signal} store cannot write: {error}", retry_after_seconds=5)
