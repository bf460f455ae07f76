"""Files that were rotated away while nobody looked: found again by inode, name, time."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_SUFFIX = re.compile(r"[.\-_]\d[\dT:.\-_]*")


def identity_of(status: os.stat_result) -> tuple[int, int]:
    """Who a file is."""
    return status.st_dev, status.st_ino


def find_by_identity(path: str, identity: tuple[int, int]) -> str:
    """The name that a file has now, in the folder of its old name; empty when it is gone."""
    for name, found, _ in _folder(path, ""):
        if found == identity:
            return name
    return ""


def rotated_since(path: str, since_ns: int, known: Collection[tuple[int, int]]) -> list[str]:
    """Files that had the name `path` for a while and were rotated away, oldest first.

    Args:
        path: The name that is followed.
        since_ns: They were written to after this time.
        known: Device and inode of files that are accounted for.
    """
    base = Path(path).name
    found = [
        (changed_ns, len(name), name)
        for name, identity, changed_ns in _folder(path, base)
        if changed_ns > since_ns
        and identity not in known
        and _SUFFIX.fullmatch(Path(name).name[len(base) :])
    ]
    return [name for _, _, name in sorted(found)]


def _folder(path: str, prefix: str) -> list[tuple[str, tuple[int, int], int]]:
    """Name, identity and time of change of the files beside `path`, and beside what it links to.

    Args:
        prefix: What their names begin with.
    """
    folders = dict.fromkeys([Path(path).parent, Path(os.path.realpath(path)).parent])
    found = []
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if not entry.name.startswith(prefix):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_file(follow_symlinks=False):
                found.append((entry.path, identity_of(status), status.st_mtime_ns))
    return found
