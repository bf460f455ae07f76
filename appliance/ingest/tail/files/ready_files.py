"""Files with something to read, each in its turn; few of them are kept open."""

from __future__ import annotations

import logging
import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.ingest.tail.files.tailed_file import Block, TailedFile

_log = logging.getLogger(__name__)
#: Files that cannot be read are tried again.
_RETRY_SECONDS = 10.0


class Complaints:
    """One warning for each file that cannot be read, until it can be; the others go on."""

    def __init__(self) -> None:
        self._paths: set[str] = set()

    def add(self, path: str, error: Exception) -> None:
        """A file could not be read; that it is gone is no reason to complain."""
        if path in self._paths or isinstance(error, FileNotFoundError):
            return
        self._paths.add(path)
        _log.warning("%s cannot be read: %s", path, reason_of(error))

    def check_folder(self, folder: str) -> None:
        """Complain about a folder in which nothing is found, if it is closed to us."""
        if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):  # noqa: PTH112
            self.add(folder, PermissionError(13, "Permission denied"))

    def end(self, path: str) -> None:
        """A file could be read."""
        self._paths.discard(path)


class ReadyFiles:
    """See the module's docstring.

    Args:
        poll_seconds: When a file that is just being renamed is looked at again.
        max_open: Descriptors to keep.
    """

    def __init__(self, complaints: Complaints, *, poll_seconds: float, max_open: int) -> None:
        self._complaints = complaints
        self._poll_seconds = poll_seconds
        self._max_open = max_open
        self._waiting: deque[TailedFile] = deque()
        self._opened: dict[TailedFile, None] = {}

    def add(self, file: TailedFile) -> None:
        """There may be something to read."""
        if not file.is_ready:
            file.is_ready = True
            self._waiting.append(file)

    def forget(self, file: TailedFile) -> None:
        """A file is no longer followed."""
        file.is_ready = False
        file.close()
        self._opened.pop(file, None)

    def next_block(self, now: float) -> tuple[Block | None, list[TailedFile]]:
        """The next block of any file, None when nothing is ready; and files that have ended.

        A file that gave a block stays ready. One whose lines are still held has not ended.
        """
        ended: list[TailedFile] = []
        while self._waiting:
            file = self._waiting.popleft()
            if not file.is_ready:
                continue  # it has been forgotten
            file.is_ready = False
            block = self._read(file, now)
            if block is not None:
                self.add(file)
                return block, ended
            if file.is_ending and not file.error and not file.held:
                ended.append(file)
        return None, ended

    def _read(self, file: TailedFile, now: float) -> Block | None:
        try:
            block = file.read(to_end=file.is_ending)
        except (OSError, ValueError) as error:
            self._complaints.add(file.path, error)
            file.error = reason_of(error)
            is_moving = isinstance(error, FileNotFoundError)
            file.look_at = now + (self._poll_seconds if is_moving else _RETRY_SECONDS)
            file.changed_ns = 0
            return None
        self._keep_open(file)
        file.error = ""
        self._complaints.end(file.path)
        return block

    def _keep_open(self, file: TailedFile) -> None:
        """Keep the descriptors of files that were read last, and of those without a name."""
        self._opened.pop(file, None)
        self._opened[file] = None
        while len(self._opened) > self._max_open:
            oldest = next(iter(self._opened))
            del self._opened[oldest]
            if oldest.is_attached:
                oldest.close()


def reason_of(error: Exception) -> str:
    """Why a file cannot be read, and what helps."""
    if isinstance(error, PermissionError):
        return (
            f"permission denied for user {os.geteuid()};"
            " `chmod o+r` it (folders: `chmod o+rx`), or mount it so that this user may read it"
        )
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
