"""Room on the disk: some is kept for upkeep, which needs it to make more.

Deleting writes to the log first. Were a file allowed to fill the disk, nothing could be deleted.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from appliance.base.errors import StorageFull

if TYPE_CHECKING:
    from pathlib import Path

#: The log and one large transaction; of a small disk a quarter.
KEPT_BYTES = 64 << 20
_SHARE = 4
_log = logging.getLogger(__name__)


class DiskRoom:
    """Watches the file system of a folder; called by one thread."""

    def __init__(self, folder: Path, signal: str) -> None:
        self._folder = folder
        self._signal = signal
        self._is_short = False

    def refusal(self) -> StorageFull | None:
        """Why nothing may be added now; None while there is room."""
        try:
            found = os.statvfs(self._folder)
        except OSError as error:
            reason = error.strerror or str(error)
            return StorageFull(
                f"the {self._signal} store's folder {str(self._folder)!r} cannot be used: {reason};"
                " bring it back and restart",
                retry_after_seconds=5,
            )
        free = found.f_bavail * found.f_frsize
        kept = min(KEPT_BYTES, found.f_blocks * found.f_frsize // _SHARE)
        is_short = free < kept
        if is_short != self._is_short:
            self._is_short = is_short
            _log.warning(
                "%s: %s", self._signal, "no space left" if is_short else "there is space again"
            )
        if not is_short:
            return None
        return StorageFull(
            f"no space left for the {self._signal} store ({free >> 20} MiB are free, the last"
            f" {kept >> 20} MiB are kept for deleting); free disk space and try again",
            retry_after_seconds=5,
        )
