"""Dashboards that people put here: a file each in the data directory, written as a whole or not."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from appliance.base.errors import LimitExceeded, NotFound, StorageFull

if TYPE_CHECKING:
    from pathlib import Path

#: Dashboards of people; the folder of a team has some hundred.
MOST_KEPT = 1_000


class KeptDashboards:
    """The files `UID.json` of a folder, which is made when the first is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, uid: str) -> Path:
        """Where a dashboard is, or would be."""
        return self.folder / f"{uid}.json"

    def put(self, uid: str, data: bytes) -> None:
        """Write a dashboard; it is there as a whole, also after a power cut, or as it was.

        Raises:
            LimitExceeded: There are too many.
            StorageFull: It cannot be written.
        """
        target = self.path(uid)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not target.exists() and len(list(self.folder.glob("*.json"))) >= MOST_KEPT:
                message = f"there are {MOST_KEPT:,} dashboards here already; delete some"
                raise LimitExceeded(message, limit="dashboards")
            self._write(target, data)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StorageFull(f"{target} cannot be written: {reason}") from error

    def remove(self, uid: str) -> None:
        """Delete a dashboard.

        Raises:
            NotFound: It is not there.
        """
        try:
            self.path(uid).unlink()
        except FileNotFoundError as error:
            raise NotFound(f"no dashboard {uid!r} was put here") from error

    def _write(self, target: Path, data: bytes) -> None:
        number, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
        temporary = self.folder / name
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        opened = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
