"""Files that were rotated away while nobody looked: found again by inode, name, time, content."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.ingest.tail.files.mark import PRINT_BYTES, fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection

    from appliance.ingest.tail.files.mark import FileMark

_SUFFIX = re.compile(r"[.\-_]\d[\dT:.\-_]*")


def find_by_identity(path: str, identity: tuple[int, int]) -> str:
    """The name that a file has now, in the folder of its old name; empty when it is gone."""
    for name, found, _ in _folder(path):
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
        (changed_ns, name)
        for name, identity, changed_ns in _folder(path)
        if changed_ns > since_ns
        and identity not in known
        and Path(name).name.startswith(base)
        and _SUFFIX.fullmatch(Path(name).name[len(base) :])
    ]
    return [name for _, name in sorted(found)]


def copies_of(former: FileMark, known: Collection[tuple[int, int]]) -> list[str]:
    """Copies that were made of a file before it was truncated (`copytruncate`), oldest first.

    The first one has what was read, at the same place; later ones have what came after that. None
    is taken for a copy that was changed before the mark was made.
    """
    names = rotated_since(former.path, former.at_ns, known) if former.at_ns else []
    while names and not _continues(names[0], former):
        del names[0]
    return names


def _continues(name: str, former: FileMark) -> bool:
    """Whether a file has the bytes before a mark's offset; unknown bytes are in none."""
    count = min(PRINT_BYTES, former.offset)
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - rotated_since gives text
            file.seek(former.offset - count)
            data = file.read(count)
    except OSError:
        return False
    return len(data) == count and fingerprint(data) == former.print


def _folder(path: str) -> list[tuple[str, tuple[int, int], int]]:
    """Name, identity and time of change of the files beside `path`, and beside what it links to."""
    folders = dict.fromkeys([Path(path).parent, Path(os.path.realpath(path)).parent])
    found = []
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_file(follow_symlinks=False):
                identity = (status.st_dev, status.st_ino)
                found.append((entry.path, identity, status.st_mtime_ns))
    return found
