"""Files that were rotated away while nobody looked: found again by inode, name, time."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SUFFIX = re.compile(r"[.\-_]\d[\dT:.\-_]*")
_SUFFIX_START = re.compile(r"[.\-_](?=\d)")


class Listing:
    """What is in folders; each is listed once, when something in it is first asked for."""

    def __init__(self) -> None:
        self._by_base: dict[str, dict[str, list[str]]] = {}
        self._by_identity: dict[str, dict[tuple[int, int], str]] = {}

    def rotated(self, path: str) -> list[str]:
        """Names that say that the file has had the name `path`."""
        base = Path(path).name
        return [name for folder in _folders(path) for name in self._bases(folder).get(base, ())]

    def place_of(self, path: str, identity: tuple[int, int]) -> str:
        """The name of a file in the folder of its old name `path`; empty when it is not there."""
        for folder in _folders(path):
            if folder not in self._by_identity:
                names = [(entry.path, _file_status(entry.path)) for entry in _entries(folder)]
                self._by_identity[folder] = {
                    identity_of(status): name for name, status in names if status is not None
                }
            if identity in self._by_identity[folder]:
                return self._by_identity[folder][identity]
        return ""

    def _bases(self, folder: str) -> dict[str, list[str]]:
        found = self._by_base.get(folder)
        if found is None:
            found = self._by_base[folder] = {}
            for entry in _entries(folder):
                for match in _SUFFIX_START.finditer(entry.name):
                    if _SUFFIX.fullmatch(entry.name, match.start()):
                        found.setdefault(entry.name[: match.start()], []).append(entry.path)
        return found


def identity_of(status: os.stat_result) -> tuple[int, int]:
    """Who a file is."""
    return status.st_dev, status.st_ino


def find_by_identity(path: str, identity: tuple[int, int]) -> str:
    """The name that a file has now, in the folder of its old name; empty when it is gone."""
    for folder in _folders(path):
        for entry in _entries(folder):
            status = _file_status(entry.path)
            if status is not None and identity_of(status) == identity:
                return entry.path
    return ""


def rotated_since(
    path: str,
    since_ns: int,
    is_known: Callable[[tuple[int, int]], bool],
    listing: Listing | None = None,
) -> list[str]:
    """Files that had the name `path` for a while and were rotated away, oldest first.

    Args:
        path: The name that is followed.
        since_ns: They were written to after this time.
        is_known: Whether the file of a device and inode is accounted for.
        listing: What the folders have; by default it is looked up.
    """
    found = []
    for name in (listing or Listing()).rotated(path):
        status = _file_status(name)
        if status is None or status.st_mtime_ns <= since_ns or is_known(identity_of(status)):
            continue
        found.append((status.st_mtime_ns, len(name), name))
    return [name for _, _, name in sorted(found)]


def _folders(path: str) -> list[str]:
    """The folder of a name, and that of what it links to."""
    return list(dict.fromkeys([os.path.dirname(path), os.path.dirname(os.path.realpath(path))]))  # noqa: PTH120 - many


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder or ".") as entries:
            return list(entries)
    except OSError:
        return []


def _file_status(name: str) -> os.stat_result | None:
    """The state of a regular file, None of anything else."""
    try:
        status = os.lstat(name)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
