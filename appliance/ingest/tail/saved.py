"""What the store, and promtail before us, know of how far everything was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.ingest.tail.files.mark import MARKS, FileMark, decode_mark, job_of
from appliance.ingest.tail.positions import cursor, file_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

#: No job's name starts so in a mark's name, where it is quoted.
_IMPORTED = f"{MARKS}/imported/"


@dataclass(frozen=True, slots=True)
class Saved:
    """Positions to start from.

    Attributes:
        marks: All marks, by name.
        adopted: Marks for files that have none of their job: by identity those of jobs that are no
            more, by path promtail's positions.
        positions: promtail's positions, if this is the first time that we look.
    """

    marks: Mapping[str, str]
    adopted: Mapping[tuple[int, int] | str, FileMark] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)

    def of_files(self, prefix: str) -> dict[str, FileMark]:
        """Marks of files whose names begin so."""
        found = {
            name: decode_mark(text) for name, text in self.marks.items() if name.startswith(prefix)
        }
        return {name: mark for name, mark in found.items() if mark is not None}

    def position(self, mark: str, promtail_name: str) -> str:
        """The position of what is no file: our mark, else promtail's cursor, else nothing."""
        return self.marks.get(mark, "") or cursor(self.positions, promtail_name)


def saved_positions(
    marks: Mapping[str, str],
    jobs: Collection[str],
    filename: str,
    read: Callable[[], dict[str, str]],
) -> Saved:
    """What to start from.

    Args:
        marks: Of the store, all of tailing.
        jobs: Names of the jobs there are.
        filename: promtail's positions file.
        read: Reads it.

    Raises:
        BadInput: promtail's file cannot be understood.
    """
    positions = {} if imported_mark(filename) in marks else read()
    decoded = {name: decode_mark(text) for name, text in marks.items()}
    known = {mark.path for mark in decoded.values() if mark is not None}
    adopted: dict[tuple[int, int] | str, FileMark] = {
        path: mark for path, mark in file_marks(positions).items() if path not in known
    }
    for name, mark in decoded.items():
        if mark is not None and job_of(name) not in jobs:
            adopted[mark.identity] = mark
    return Saved(marks, adopted, positions)


def imported_mark(filename: str) -> str:
    """The mark that says that promtail's positions have been taken over."""
    return _IMPORTED + filename
