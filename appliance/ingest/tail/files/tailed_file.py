"""One file that is followed: where it stands, and its next block of whole lines.

Invariants:
- A block ends after a newline, except the last one of a file that has been rotated away, and what
  is kept of a line that is too long.
- Before every read the bytes before the offset are compared with what was read there: a file that
  was truncated, or replaced under the same inode, starts again from 0, once copies of what it held
  have been looked for. Until then its mark is the one of what it held.
- At offset 0 there are no such bytes. What may have had other content before is read only if it
  begins as it did when copies were looked for.
"""

from __future__ import annotations

import errno
import logging
import math
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.ingest.tail.files.content import open_content
from appliance.ingest.tail.files.mark import PRINT_BYTES, FileMark, fingerprint, mark_name
from appliance.ingest.tail.files.rotated import find_by_identity
from appliance.ingest.tail.files.text import TextFormat, text_format

if TYPE_CHECKING:
    from appliance.ingest.tail.files.content import CompressedContent, PlainContent
    from appliance.ingest.tail.targets import FileTarget

_log = logging.getLogger(__name__)
#: How often a file that is being renamed is tried to be opened.
_TRIES = 5
#: Read at once; a line that is longer is cut here.
BLOCK_BYTES = 1 << 20
#: At most so much of its beginning tells a content from another one.
HEAD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file.

    Attributes:
        data: Their bytes, in the encoding of the file.
        format: How they are text.
        start, end: Offsets of `data`.
    """

    file: TailedFile
    data: bytes
    format: TextFormat
    start: int
    end: int


class TailedFile:
    """See the module's docstring.

    Args:
        target: On whose behalf it is read.
        path: The name that its lines are filed under, and that is looked at.
        identity: Device and inode.
        slot: Which of the job's targets reads it, when several do.
        place: Where it is now, when not at `path`: a file that was rotated away.

    Attributes:
        offset: Everything before it has been read.
        generation: How often its content was found to be another.
        size: When it was last looked at; compressed files count compressed bytes.
        held: Start and end of lines that the pipeline holds back.
        is_attached: Whether `path` leads to this file.
        detached_at: Monotonic seconds of when it was found not to.
        active_at: Monotonic seconds of when there was last something new.
        look_at: When it is to be looked at next.
        ready_at: When it may be read for the first time.
        is_ready: There may be something to read.
        is_ending: Nothing will be added any more.
        lines: Lines read so far by this process.
        error: Why it cannot be read now.
        former: How far it was read before its content was found to be another; the rest may be
            in a copy, which has to be looked for before anything more is read.
        same_ns: When its content was last known to be the same: the time of a change, or a mark's.
        has_begun: The job's stages have what it holds back.
        doubt: Copies that may be of what it holds now, and since when they are as they are.
    """

    def __init__(
        self,
        target: FileTarget,
        path: str,
        identity: tuple[int, int],
        *,
        slot: int = 0,
        place: str = "",
    ) -> None:
        self.target = target
        self.slot = slot
        self.path = path
        self.place = place
        self.identity = identity
        self.offset = 0
        self.generation = 0
        self.size = 0
        self.changed_ns = 0
        self.held: tuple[tuple[int, int], ...] = ()
        self.is_attached = not place
        self.detached_at = 0.0
        self.active_at = -math.inf
        self.look_at = -math.inf
        self.ready_at = -math.inf
        self.is_ready = False
        self.is_ending = False
        self.lines = 0
        self.read_ms = 0
        self.error = ""
        self.former: FileMark | None = None
        self.same_ns = 0
        self.has_begun = False
        self.doubt: tuple[object, float] = ((), 0.0)
        self._heir: TailedFile | None = None
        self._head = b""
        self._is_skipping = False
        self._tail = b""
        self._expected_print = ""
        self._content: PlainContent | CompressedContent | None = None
        self._format: TextFormat | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds a descriptor."""
        return self._content is not None

    @property
    def descriptor(self) -> int:
        """The open file's number."""
        return self._opened().number

    @property
    def is_compressed(self) -> bool:
        """Whether its content is decompressed; then offset and size cannot be compared."""
        return self._content is not None and self._content.is_compressed

    @property
    def lag_bytes(self) -> int:
        """Bytes not read yet."""
        return 0 if self.is_compressed else max(0, self.size - self.offset)

    @property
    def mark_name(self) -> str:
        """The name of its mark."""
        return mark_name(self.target.job, self.identity, self.slot)

    def resume(self, mark: FileMark) -> None:
        """Go on where a mark says, once the file has been found to be the same."""
        self.offset = mark.offset
        self.same_ns = mark.seen_ns
        self.held = mark.held
        self._is_skipping = mark.is_skipping
        self._tail = b""
        self._expected_print = mark.print

    def adopt(self, mark: FileMark) -> None:
        """Go by a mark that is not of its job; promtail counts lines of compressed files.

        Raises:
            OSError, ValueError: It cannot be read.
        """
        if self.target.decompressed and mark.identity == (0, 0):
            self._pass_lines(mark.offset)
        else:
            self.resume(mark)

    def _pass_lines(self, count: int) -> None:
        """Leave out so many lines at the start."""
        while count and (block := self.read()) is not None:
            ends = block.format.ends(block.data)
            if len(ends) > count:
                self.restart()
                self.begin_content(b"")
                self._advance(self._opened().read(0, block.start + ends[count - 1]))
            count = max(0, count - len(ends))

    def mark(self, now_ns: int) -> FileMark:
        """How far it was read; while there is `former`, how far that was."""
        if self.former is not None:
            return replace(self.former, held=self.held).seen_at(self.former.at_ns)
        if not self.offset and self.same_ns:
            # Only times tell copies made after this from older ones.
            return self._mark(now_ns).seen_at(min(now_ns, self.same_ns))
        return self._mark(now_ns)

    def _mark(self, at_ns: int) -> FileMark:
        return FileMark(
            path=self.path,
            device=self.identity[0],
            inode=self.identity[1],
            offset=self.offset,
            print=self._expected_print or fingerprint(self._tail),
            is_skipping=self._is_skipping,
            held=self.held,
            at_ns=at_ns,
        )

    def restart(self) -> None:
        """Read it again from its beginning, after `begin_content`."""
        if self.offset:
            _log.debug("%s (%s) has other content now", self.path, self.identity)
        self.former = self._mark(self.same_ns)
        self.offset = 0
        self._is_skipping = False
        self._tail = b""
        self._expected_print = ""
        self._format = None

    def begin_content(self, head: bytes, heir: TailedFile | None = None) -> None:
        """Read what it holds now: `former` has been taken care of.

        Args:
            head: What it begins with; it is read only if it still does.
            heir: The copy in which lines are that the stages hold.
        """
        self.former, self._head, self._heir = None, head, heir
        self.doubt = ((), 0.0)
        self.generation += 1
        self.held = ()

    def holder(self, generation: int) -> TailedFile | None:
        """Where lines of one of its contents are now."""
        if generation == self.generation:
            return self
        return self._heir if generation == self.generation - 1 else None

    def head(self) -> bytes:
        """What it begins with now.

        Raises:
            OSError: It cannot be read.
        """
        was_open = self.is_open
        head = os.pread(self.descriptor, HEAD_BYTES, 0)
        self._close_again(was_open=was_open)
        return head

    def _close_again(self, *, was_open: bool) -> None:
        """Looking at many files does not keep them open."""
        if not was_open and self.is_attached:
            self.close()

    def close(self) -> None:
        """Let go of the descriptor; reading opens it again."""
        if self._content is not None:
            self._content.close()
            self._content = None

    def is_same(self) -> bool:
        """Whether the bytes before the offset are those that were read; at 0, the first bytes.

        Raises:
            OSError: It cannot be read.
        """
        self._learn_tail()
        if self.former is not None:
            return False
        if not self.offset:
            head = self.head()
            if not self.same_ns:
                self._head = head  # it is new
                return True
            return bool(self._head) and head.startswith(self._head)
        start = self.offset - len(self._tail)
        return self._opened().read(start, len(self._tail)) == self._tail

    def has_other_content(self, status: os.stat_result) -> bool:
        """Whether something else is in it now than what was read; `former` tells of that."""
        is_changed = (status.st_size, status.st_mtime_ns) != (self.size, self.changed_ns)
        was_open = self.is_open
        if is_changed and not self.target.decompressed:
            try:
                if not self.is_same() and self.former is None:
                    self.restart()
            except (OSError, ValueError):
                return False  # reading it will tell
            if self.offset or self.former is not None or not self.same_ns:
                # A copy that was begun since the last time may be older than this change.
                self.same_ns = max(self.same_ns, status.st_mtime_ns)
            self._close_again(was_open=was_open)
        return self.former is not None

    def read(self, *, to_end: bool = False) -> Block | None:
        """The next whole lines; None when there are none so far, or while there is `former`.

        Args:
            to_end: Nothing will be added: what follows the last newline is a line, too.

        Raises:
            OSError: It cannot be read.
            ValueError: Its compressed content is damaged.
        """
        while True:
            before = self.offset, self.generation
            if self.former is None:
                self._learn_tail()
            block = None if self.former is not None else self._step(to_end=to_end)
            if block is not None or before == (self.offset, self.generation):
                return block

    def _step(self, *, to_end: bool) -> Block | None:
        """The next whole lines; or None, with another offset when something was passed over."""
        content, before = self._opened(), len(self._tail)
        data = content.read(self.offset - before, before + BLOCK_BYTES)
        if not data.startswith(self._tail) or (not self.offset and self._is_other(data)):
            self.restart()
            return None
        data = data[before:]
        if self._format is None:
            self._format = text_format(self.target.encoding, content.read(0, 4))
        if self._is_skipping:
            self._skip(data, self._format)
            return None
        if not data:
            return None
        return self._block(data, self._format, to_end=to_end or content.is_complete)

    def _is_other(self, data: bytes) -> bool:
        """Whether its beginning may be of another content than when copies were looked for."""
        if not self.same_ns or not self.is_attached or self.target.decompressed:
            return False
        return not data.startswith(self._head) if self._head else bool(data)

    def piece(self, start: int, end: int) -> Block:
        """A part that was read before.

        Raises:
            OSError: It cannot be read.
        """
        content = self._opened()
        if self._format is None:
            self._format = text_format(self.target.encoding, content.read(0, 4))
        return Block(self, content.read(start, end - start), self._format, start, end)

    def _block(self, data: bytes, form: TextFormat, *, to_end: bool) -> Block | None:
        end = form.end_of_lines(data)
        if not end and len(data) >= BLOCK_BYTES:
            if not data.strip(b"\0"):
                # A hole: the file was truncated while somebody wrote at an offset of its own.
                self._advance(data)
                return None
            self._is_skipping, end = True, len(data)
        elif to_end and len(data) < BLOCK_BYTES:
            end = len(data)
        if not end:
            return None
        start = self.offset
        self._advance(data[:end])
        return Block(self, data[:end], form, start, self.offset)

    def _skip(self, data: bytes, form: TextFormat) -> None:
        """Pass over the rest of a line that is too long."""
        end = form.end_of_first_line(data)
        self._is_skipping = not end
        self._advance(data[: end or len(data)])

    def _advance(self, data: bytes) -> None:
        self.offset += len(data)
        self._tail = (self._tail + data[-PRINT_BYTES:])[-PRINT_BYTES:]

    def _learn_tail(self) -> None:
        """Take the bytes before the offset from the file, if they are those of the mark."""
        if self._tail or not self.offset:
            return
        start = max(0, self.offset - PRINT_BYTES)
        tail = self._opened().read(start, self.offset - start)
        is_known = not self._expected_print or fingerprint(tail) == self._expected_print
        if len(tail) == self.offset - start and is_known:
            self._tail, self._expected_print = tail, ""
        else:
            self.restart()

    def _opened(self) -> PlainContent | CompressedContent:
        if self._content is None:
            self._content = self._open()
        return self._content

    def _open(self) -> PlainContent | CompressedContent:
        """Open the file, which may be renamed at any moment, and no other one."""
        place = self.place or self.path
        for _ in range(_TRIES):
            content = open_content(place, decompressed=self.target.decompressed)
            status = os.fstat(content.number)
            if (status.st_dev, status.st_ino) == self.identity:
                return content
            content.close()
            place = find_by_identity(self.path, self.identity)
            if not place:
                break
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.path)
