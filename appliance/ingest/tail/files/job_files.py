"""All files of one job: found, looked at, read; plain calls made by one thread at a time.

Invariants:
- A file is read once per target, whatever names it has and gets: its device and inode say who it
  is. A file at a name that led to another one before is a new file; the old one is read to its end.
- Nothing is forgotten before it is in the store: positions come from marks only.
- The mark of a file that was rotated away stays until something has been read of the file that is
  at its name now: before that only marks say what is accounted for.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from typing import TYPE_CHECKING

from appliance.ingest.tail.files import path_glob
from appliance.ingest.tail.files.copies import Surroundings, former_content, heads_of_pending
from appliance.ingest.tail.files.mark import FileMark
from appliance.ingest.tail.files.ready_files import Complaints, ReadyFiles
from appliance.ingest.tail.files.rotated import (
    Listing,
    find_by_identity,
    identity_of,
    rotated_since,
)
from appliance.ingest.tail.files.tailed_file import TailedFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from appliance.ingest.tail.files.tailed_file import Block
    from appliance.ingest.tail.targets import FileTarget

_log = logging.getLogger(__name__)
Identity = tuple[int, int]
#: A file that was rotated away is let go when nothing was added to it for so long.
DRAIN_SECONDS = 30.0
#: The same for one that has been deleted, whose space is free only then.
_DELETED_SECONDS = 5.0
#: Files that have been still for long are looked at less often.
_STILL_SECONDS, _STILL_LOOK_SECONDS = 60.0, 1.0


class JobFiles:
    """See the module's docstring.

    Args:
        marks: Of the job's files, by their names in the store; what is resumed is taken out.
        adopted: Marks for files that are there at the start and have none of this job: by identity
            those of jobs that are no more, by path promtail's positions.
        poll_seconds: How often a file is looked at.
        max_open: Descriptors to keep.
    """

    def __init__(
        self,
        marks: dict[str, FileMark],
        adopted: Mapping[Identity | str, FileMark],
        *,
        poll_seconds: float = 0.25,
        max_open: int = 256,
    ) -> None:
        self._targets: list[FileTarget] = []
        self._marks = marks
        self._adopted = adopted
        self._poll_seconds = poll_seconds
        self._files: dict[tuple[FileTarget, Identity], TailedFile] = {}
        self._at_path: dict[tuple[FileTarget, str], TailedFile] = {}
        self._slots: defaultdict[Identity, set[int]] = defaultdict(set)
        self._complaints = Complaints()
        self._ready = ReadyFiles(self._complaints, poll_seconds=poll_seconds, max_open=max_open)
        self._gone: dict[str, FileMark] = {}
        self._settled_at = 0.0

    @property
    def files(self) -> list[TailedFile]:
        """All files, in the order in which they were found."""
        return list(self._files.values())

    def set_targets(self, targets: Sequence[FileTarget], now_ns: int) -> None:
        """Follow other targets from now on; files that are no longer followed keep their marks."""
        self._targets = list(targets)
        for (target, _), file in list(self._files.items()):
            if target not in targets:
                self._marks[file.mark_name] = file.mark(now_ns)
                self._forget(file)

    def take_gone(self) -> list[str]:
        """Names of marks that are no longer needed; each is told once.

        A new file may have got device and inode of one that is gone, and with them its name.
        """
        gone = [name for name, mark in self._gone.items() if not self._is_needed(mark)]
        for name in gone:
            del self._gone[name]
        return [name for name in gone if name not in self._marks and not self._has(name)]

    def _is_needed(self, mark: FileMark) -> bool:
        at_path = (self._at_path.get((target, mark.path)) for target in self._targets)
        return any(file is not None and not file.offset for file in at_path)

    def _has(self, mark_name: str) -> bool:
        return any(file.mark_name == mark_name for file in self._files.values())

    def close(self) -> None:
        """Let go of all descriptors."""
        for file in self._files.values():
            file.close()

    # -- finding files

    def find(self, now: float) -> list[TailedFile]:
        """Look for files that are new; the result are those that have been found.

        Args:
            now: Monotonic seconds.
        """
        found: list[TailedFile] = []
        for target in self._targets:
            paths = path_glob.expand(target.pattern)
            if not paths:
                self._complaints.check_folder(path_glob.fixed_folder(target.pattern))
            for path in paths:
                if not path_glob.matches(target.exclude, path):
                    found += self._found(target, path, now)
        if self._targets:
            self._adopted = {}
        found += self._settle(found, now)
        return found + self._found_late(now)

    def _found_late(self, now: float) -> list[TailedFile]:
        """Files with marks that have no successor at their name, or were just being renamed."""
        found: list[TailedFile] = []
        if self._targets and not self._settled_at:
            self._settled_at = now + _DELETED_SECONDS
        if now > self._settled_at:
            return found
        for path in {mark.path for mark in self._marks.values()}:
            for target in self._targets:
                if path_glob.is_wanted(target.pattern, target.exclude, path):
                    found += self._resumed(target, path)
        for file in found:
            file.detached_at = now
        return found

    def _found(self, target: FileTarget, path: str, now: float) -> list[TailedFile]:
        status = self._status(path)
        if status is None:
            return []
        known = self._files.get((target, identity_of(status)))
        if known is None:
            return self._begin(target, path, status, now=now)
        if known.path != path and not known.is_attached:
            self._attach(known, path)
        return []

    def _begin(
        self, target: FileTarget, path: str, status: os.stat_result, *, now: float
    ) -> list[TailedFile]:
        """Follow a new file, and those that were rotated away from its name unseen."""
        identity, previous = identity_of(status), self._at_path.get((target, path))
        if previous is None:
            found = self._resumed(target, path, identity)
        else:
            known = self._accounted(target) | {identity}
            found = self._siblings(target, path, previous.changed_ns, known)
            self._detach(previous, now)
        for one in found:
            one.detached_at = now
        file = self._add(target, path, identity)
        mark = self._adopted.get(identity) or self._adopted.get(path)
        if mark is not None and not file.offset:
            try:
                file.adopt(mark)
            except (OSError, ValueError) as error:
                self._complaints.add(path, error)
        file.ready_at = now + target.delay_seconds
        self._attach(file, path)
        if file.same_ns:
            file.has_other_content(status)
        return [*found, file]

    def _add(
        self, target: FileTarget, path: str, identity: Identity, *, place: str = ""
    ) -> TailedFile:
        taken = self._slots[identity]
        slot = min(set(range(len(taken) + 1)) - taken)
        taken.add(slot)
        file = TailedFile(target, path, identity, slot=slot, place=place)
        mark = self._marks.pop(file.mark_name, None)
        if mark is not None:
            file.resume(mark)
        self._files[target, identity] = file
        _log.debug("%s (%s) is read from %d on", place or path, identity, file.offset)
        return file

    def _resumed(
        self, target: FileTarget, path: str, identity: Identity | None = None
    ) -> list[TailedFile]:
        """Files that were at a name when it was last looked at, and after that.

        Args:
            identity: The file that is there now.
        """
        marks = [mark for mark in self._marks.values() if mark.path == path]
        if not marks or any(mark.identity == identity for mark in marks):
            return []
        found, listing = [], Listing()
        for mark in marks:
            place = listing.place_of(path, mark.identity)
            if place and (target, mark.identity) not in self._files:
                found.append(self._add(target, path, mark.identity, place=place))
        if (target, path) in self._at_path:
            return found
        since_ns = max(mark.seen_ns for mark in marks)
        known = self._accounted(target) | {identity or (0, 0)}
        return found + self._siblings(target, path, since_ns, known)

    def _siblings(
        self, target: FileTarget, path: str, since_ns: int, known: Collection[Identity]
    ) -> list[TailedFile]:
        """Files that came to a name and went without having been seen there."""
        found = []
        for place in rotated_since(path, since_ns, known.__contains__):
            status = self._status(place)
            if status is not None and not path_glob.matches(target.pattern, place):
                found.append(self._add(target, path, identity_of(status), place=place))
        return found

    def _accounted(self, target: FileTarget) -> set[Identity]:
        """Files that are read for a target, or have been."""
        read = {identity for read_for, identity in self._files if read_for == target}
        return read | self._read_marks().keys()

    def _read_marks(self) -> dict[Identity, FileMark]:
        return {mark.identity: mark for mark in (*self._marks.values(), *self._gone.values())}

    def _settle(self, files: Iterable[TailedFile], now: float) -> list[TailedFile]:
        """See to files with other content: the beginnings of all come first, then the folders."""
        heads = heads_of_pending(files, self._complaints, now)
        around = Surroundings(self._files, self._read_marks() if heads else {}, now)
        return [one for file in heads for one in self._restart(file, heads[file], around)]

    def _restart(self, file: TailedFile, head: bytes, around: Surroundings) -> list[TailedFile]:
        """Read a file from its start, and before it what copies have of its former content.

        Args:
            head: What it began with before anything was looked up.

        Returns:
            Copies and the file; empty while nothing can be said yet, and nothing must be read.
        """
        now = around.now
        is_last = not file.is_attached and now - file.detached_at >= DRAIN_SECONDS
        content = former_content(file, head, around, is_last=is_last)
        if content is None:
            return []
        copies, start = list[TailedFile](), content.start
        for place, identity in content.copies:
            copy = self._add(file.target, file.path, identity, place=place)
            copy.resume(start or FileMark(file.path, *identity, 0))
            copy.detached_at, start = now, None
            copies.append(copy)
        is_held = content.start is not None and file.has_begun
        file.begin_content(content.head, copies[0] if is_held else None)
        for copy in copies:
            self._look_at_detached(copy, now)  # so that their turns come before the file's
        self._ready.add(file)
        return [*copies, file]

    def drop_left_over(self, before_ns: int) -> None:
        """Forget marks from before a time whose files are no longer anywhere."""
        for name, mark in list(self._marks.items()):
            if mark.at_ns < before_ns and not find_by_identity(mark.path, mark.identity):
                self._gone[name] = self._marks.pop(name)

    # -- looking at files

    def look(self, now: float) -> list[TailedFile]:
        """Look at the files that are due; the result are files that are new at their names."""
        found: list[TailedFile] = []
        due = [file for file in self._files.values() if file.look_at <= now]
        for file in due:
            file.look_at = now
            found += self._look_at(file, now)
            is_still = now - file.active_at > _STILL_SECONDS
            wait = _STILL_LOOK_SECONDS if is_still else self._poll_seconds
            file.look_at = max(file.look_at, now + wait)
        return found + self._settle(due, now)

    def _look_at(self, file: TailedFile, now: float) -> list[TailedFile]:
        found: list[TailedFile] = []
        try:
            status = os.stat(file.path)  # noqa: PTH116 - a microsecond less
        except FileNotFoundError:
            status = None
        except OSError as error:
            self._complaints.add(file.path, error)
            return []
        if status is not None and identity_of(status) != file.identity:
            at_path = self._at_path.get((file.target, file.path))
            if at_path is file or at_path is None:
                known = self._files.get((file.target, identity_of(status)))
                if known is None:
                    found = self._begin(file.target, file.path, status, now=now)
                elif not known.is_attached:
                    self._attach(known, file.path)
            status = None
        if status is not None and not file.is_attached:
            self._attach(file, file.path)
        if status is None:
            self._look_at_detached(file, now)
            return found
        if now >= file.ready_at:
            file.has_other_content(status)
        self._note(file, status, now)
        return found

    def _look_at_detached(self, file: TailedFile, now: float) -> None:
        if file.is_attached:
            self._detach(file, now)
        if not file.is_open and not self._reopen(file):
            # A folder in which names change may be listed without one that was there all the time.
            if now - file.detached_at >= _DELETED_SECONDS:
                self._finish(file)
            return
        status = os.fstat(file.descriptor)
        self._note(file, status, now)
        wait = DRAIN_SECONDS if status.st_nlink else _DELETED_SECONDS
        if file.former is None and now - max(file.active_at, file.detached_at) >= wait:
            place = find_by_identity(file.path, file.identity)
            if path_glob.matches(file.target.pattern, place):
                self._attach(file, place)
            else:
                file.is_ending = True
                self._ready.add(file)

    def _note(self, file: TailedFile, status: os.stat_result, now: float) -> None:
        """Note what a look at a file has found."""
        if status.st_size == file.size and status.st_mtime_ns == file.changed_ns:
            return
        file.active_at = now
        if now >= file.ready_at:
            file.size, file.changed_ns = status.st_size, status.st_mtime_ns
            if file.former is None:
                self._ready.add(file)

    def _reopen(self, file: TailedFile) -> bool:
        """Open a file that is no longer at its name; False when it is not to be found."""
        file.place = find_by_identity(file.path, file.identity) or file.place
        try:
            return file.descriptor >= 0
        except OSError as error:
            self._complaints.add(file.place, error)
            return False

    def _attach(self, file: TailedFile, path: str) -> None:
        if self._at_path.get((file.target, file.path)) is file:
            del self._at_path[file.target, file.path]
        file.path, file.place, file.is_attached, file.is_ending = path, "", True, False
        self._at_path[file.target, path] = file

    def _detach(self, file: TailedFile, now: float) -> None:
        file.is_attached, file.detached_at = False, now
        if self._at_path.get((file.target, file.path)) is file:
            del self._at_path[file.target, file.path]

    def _finish(self, file: TailedFile) -> None:
        """Let go of a file that has been read to its end and has no name that is followed."""
        _log.debug("%s (%s) was read to its end, %d", file.path, file.identity, file.offset)
        self._forget(file)
        self._gone[file.mark_name] = file.mark(0)

    def _forget(self, file: TailedFile) -> None:
        self._ready.forget(file)
        self._slots[file.identity].discard(file.slot)
        if not self._slots[file.identity]:
            del self._slots[file.identity]
        self._files.pop((file.target, file.identity), None)
        if self._at_path.get((file.target, file.path)) is file:
            del self._at_path[file.target, file.path]

    # -- reading

    def next_block(self, now: float) -> Block | None:
        """The next block of any file, each in its turn; None when nothing is ready."""
        block, ended = self._ready.next_block(now)
        for file in ended:
            self._finish(file)
        return block

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(path)  # noqa: PTH116 - a microsecond less
        except OSError as error:
            self._complaints.add(path, error)
            return None
