"""Marks: how far a file was read, kept in the same transaction as its lines.

A mark belongs to a file (device and inode), not to a name, so that it goes with a file that is
renamed. Inodes are used again: the bytes before the offset must still be what they were.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import orjson

#: What the names of all marks of tailing begin with; the job's name comes next.
MARKS = "tail/"
#: Bytes before the offset by which a file is known again.
PRINT_BYTES = 64

#: How much older than its mark the last look at a file may be.
_OLDEST_LOOK_NS = 5 * 10**9


@dataclass(frozen=True, slots=True)
class FileMark:
    """How far one file was read for one job.

    Attributes:
        path: The name that lines were filed under.
        device, inode: The file; 0, 0 when only the name is known (from promtail's positions).
        offset: Bytes before it are done, but for those in `held`.
        print: Fingerprint of up to PRINT_BYTES bytes before the offset; empty when unknown.
        is_skipping: The offset lies within a line too long to be kept.
        held: Start and end of lines that wait to be joined with what follows.
        at_ns: When it was made.
    """

    path: str
    device: int
    inode: int
    offset: int
    print: str = ""
    is_skipping: bool = False
    held: tuple[tuple[int, int], ...] = ()
    at_ns: int = 0

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode."""
        return self.device, self.inode

    @property
    def seen_ns(self) -> int:
        """When its name had surely been looked at; a look may be older than the mark.

        A file that was let go has been still for longer than that: it is not taken for a new one.
        """
        return max(0, self.at_ns - _OLDEST_LOOK_NS)

    def seen_at(self, time_ns: int) -> FileMark:
        """The same mark with another `seen_ns`."""
        return replace(self, at_ns=time_ns + _OLDEST_LOOK_NS)

    def encode(self) -> str:
        """The mark as its store keeps it."""
        value = {
            "path": self.path,
            "file": [self.device, self.inode],
            "offset": self.offset,
            "print": self.print,
            "at": self.at_ns,
        }
        if self.held:
            value["held"] = self.held
        if self.is_skipping:
            value["skip"] = True
        return orjson.dumps(value).decode()


def decode_mark(text: str) -> FileMark | None:
    """The mark of an encoded one; None when it is none of a file."""
    try:
        value = orjson.loads(text)
        device, inode = value["file"]
        return FileMark(
            path=value["path"],
            device=device,
            inode=inode,
            offset=value["offset"],
            print=value.get("print", ""),
            is_skipping=value.get("skip", False),
            held=tuple((start, end) for start, end in value.get("held", ())),
            at_ns=value.get("at", 0),
        )
    except (ValueError, KeyError, TypeError):
        return None


def mark_prefix(job: str) -> str:
    """What the names of all marks of a job's files begin with."""
    return f"{MARKS}{quoted(job)}/file/"


def quoted(job: str) -> str:
    """A job's name as names of marks have it."""
    return quote(job, safe="")


def job_of(name: str) -> str:
    """The job that a mark belongs to."""
    return unquote(name.removeprefix(MARKS).partition("/")[0])


def mark_name(job: str, identity: tuple[int, int], slot: int = 0) -> str:
    """The name of a file's mark.

    Args:
        slot: Tells apart targets of a job that read the same file.
    """
    return f"{mark_prefix(job)}{identity[0]}-{identity[1]}" + (f"/{slot}" if slot else "")


def fingerprint(data: bytes) -> str:
    """A short digest of the bytes before an offset."""
    return hashlib.blake2b(data[-PRINT_BYTES:], digest_size=12).hexdigest() if data else ""
