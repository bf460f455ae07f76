"""Where the rest of a content is that a file had before it was truncated (`copytruncate`).

A copy is made first and the file is truncated after that, so that for a while both hold the same.
Told apart by content: what is at the file is not read from a copy, too, and nothing is left out.

Invariants:
- The beginning of the file is read before and after copies are looked for. When both are the same,
  every content before the present one has its copy among those that were found, if it has one.
- A copy with the same bytes as the beginning of the file may be of what it holds now. Nothing is
  decided while that may be so: it ends with the truncation. A copy that has been as it is for
  SETTLE_SECONDS is one of a former content that began alike.
- An empty copy is no copy yet: it has nothing to be read, or something will still come.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.ingest.tail.files import path_glob
from appliance.ingest.tail.files.mark import PRINT_BYTES, FileMark, fingerprint
from appliance.ingest.tail.files.rotated import Listing, identity_of, rotated_since
from appliance.ingest.tail.files.tailed_file import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.ingest.tail.files.ready_files import Complaints
    from appliance.ingest.tail.files.tailed_file import TailedFile
    from appliance.ingest.tail.targets import FileTarget

Identity = tuple[int, int]
#: A file is truncated so soon after its copy has been completed.
SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class FormerContent:
    """What there was before the present content of a file.

    Attributes:
        copies: Names of copies with something that has not been read, oldest first, with their
            devices and inodes.
        start: Where to go on in the first one; None when all are to be read from their beginning.
        head: What the file began with when they were looked for.
    """

    copies: Sequence[tuple[str, Identity]] = ()
    start: FileMark | None = None
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the files among which copies are looked for, at one time.

    Attributes:
        files: What is read now.
        marks: Of files that were read, and are not read now.
        now: Monotonic seconds.
        listing: Made for this, so that nothing is looked up before a file's beginning was read.
    """

    files: Mapping[tuple[FileTarget, Identity], TailedFile]
    marks: Mapping[Identity, FileMark]
    now: float
    listing: Listing = field(default_factory=Listing)


def heads_of_pending(
    files: Iterable[TailedFile], complaints: Complaints, now: float
) -> dict[TailedFile, bytes]:
    """What the files begin with of which it has to be found out what they held before."""
    found: dict[TailedFile, bytes] = {}
    for file in files:
        if file.former is not None and now >= file.ready_at:
            try:
                found[file] = file.head()
            except OSError as error:
                complaints.add(file.path, error)
    return found


def former_content(
    file: TailedFile, before: bytes, around: Surroundings, *, is_last: bool = False
) -> FormerContent | None:
    """Look for copies of what a file with `former` held; None when it has to be looked again.

    Args:
        before: What the file began with before that.
        is_last: What cannot be said now never will be.
    """
    if file.former is None or file.target.decompressed:
        return FormerContent()
    try:
        found = _looked_for(file, file.former, before, around=around)
    except OSError:
        found = None  # names are just being changed, or the file cannot be read
    return FormerContent() if found is None and is_last else found


def _looked_for(
    file: TailedFile, former: FileMark, before: bytes, *, around: Surroundings
) -> FormerContent | None:
    candidates = _candidates(file, former, around)
    places, is_continued = _following(list(candidates), former)
    heads = {place: _bytes(place, 0, HEAD_BYTES) for place in places}
    head = file.head()
    if not head.startswith(before) or (head and not before):
        return None
    places = [place for place in places if heads[place] != b""]
    later = places[1:] if is_continued else places
    alike = [place for place in later if head.startswith(heads[place] or b"\0")]
    if alike and not _are_settled(file, alike, around.now):
        return None
    if any(_identity(place) != candidates[place] for place in places):
        return None
    start = replace(former, held=() if file.has_begun else file.held) if is_continued else None
    return FormerContent([(place, candidates[place]) for place in places], start, head)


def _are_settled(file: TailedFile, places: list[str], now: float) -> bool:
    """Whether files have been as they are for a while."""
    states = []
    for place in places:
        status = os.stat(place)  # noqa: PTH116 - rotated_since gives text
        states.append((place, status.st_size, status.st_mtime_ns))
    if file.doubt[0] != states:
        file.doubt = states, now
    return now - file.doubt[1] >= SETTLE_SECONDS


def _candidates(file: TailedFile, former: FileMark, around: Surroundings) -> dict[str, Identity]:
    """Files that may be copies, as their names and times have it, oldest first.

    None that was changed before the file was known to have a content; one of the same time may be,
    as times are those of a clock that ticks slowly. Inodes are used again: a file of which there is
    no more than a mark is known if it still has what was read.
    """
    if not former.at_ns:
        return {}
    found = {}

    def is_read(identity: Identity) -> bool:
        return (file.target, identity) in around.files

    for name in rotated_since(former.path, former.at_ns - 1, is_read, around.listing):
        if path_glob.matches(file.target.pattern, name):
            continue
        identity = _identity(name)
        mark = around.marks.get(identity)
        if mark is None or not _continues(name, mark):
            found[name] = identity
    return found


def _identity(name: str) -> Identity:
    return identity_of(os.stat(name))  # noqa: PTH116 - rotated_since gives text


def _following(names: list[str], former: FileMark) -> tuple[list[str], bool]:
    """Of candidates those that were made since a mark; whether the first one has what it tells of.

    What was written after a copy had been made, and read before the file was truncated, is not in
    the copy: that one is too short, and has nothing new.
    """
    if not former.offset:
        return names, False
    for number, name in enumerate(names):
        if _continues(name, former):
            return names[number:], True
    if names and os.stat(names[0]).st_size < former.offset:  # noqa: PTH116 - see `_identity`
        return names[1:], False
    return [], False


def _continues(name: str, mark: FileMark) -> bool:
    """Whether a file has the bytes before a mark's offset; unknown bytes are in none."""
    count = min(PRINT_BYTES, mark.offset)
    data = _bytes(name, mark.offset - count, count)
    return data is not None and len(data) == count and fingerprint(data) == mark.print


def _bytes(name: str, start: int, count: int) -> bytes | None:
    """Bytes of a file; None when it must not be read.

    Raises:
        FileNotFoundError: It is being renamed, or gone.
    """
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - rotated_since gives text
            file.seek(start)
            return file.read(count)
    except FileNotFoundError:
        raise
    except OSError:
        return None
