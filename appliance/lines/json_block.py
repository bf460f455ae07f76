"""JSON lines read some at a time, with doubts about them.

Lines are put into one array with marks between them and read by one call of orjson, so many that
what they become fits into the processor's cache. Python dictionaries say less than the lines did:
they lose which of two equal keys came first. Counts of quotes before colons prove that no key came
twice; lines for which they do not are doubtful.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: A key with blanks before its colon, which the count of keys would miss.
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_BACKSLASH_KEY = re.compile(rb'\\\\":')
_LINES = 256
#: When some lines are broken, those beside them are read in groups of this many.
_GROUP = 32
_COLON, _QUOTE, _BACKSLASH, _BLANK = b':"\\ '


class Block:
    """Some lines that could be read.

    Attributes:
        rows: int64[k], which lines they are.
        lines, values: [k]; values are dictionaries.
        joined: The lines, one after the other, for questions about all of them.
        doubtful: Places of lines whose value may not be all that they say.
    """

    __slots__ = ("doubtful", "joined", "lines", "rows", "values")

    def __init__(
        self, rows: NDArray[np.int64], lines: Sequence[bytes], values: list[dict[str, Any]]
    ) -> None:
        self.rows, self.lines, self.values = rows, lines, values
        self.joined = b"\n".join(lines)
        self.doubtful: set[int] = set()

    @property
    def is_flat(self) -> bool:
        """Whether no line has anything within its object."""
        return self.joined.count(b"{") == len(self.lines) and b"[" not in self.joined

    def check_keys(self, count: int) -> None:
        """Doubt lines in which a key may come twice.

        As many keys as quotes before colons: none did. A quote within a string has a backslash
        before it, and so has one at the end of a key that itself ends in a backslash.

        Args:
            count: Keys of all objects in the values.
        """
        data = np.frombuffer(self.joined, np.uint8)
        colons = data[1:] == _COLON
        ends = colons & (data[:-1] == _QUOTE)
        found = np.count_nonzero(ends)
        is_certain = True  # no line has quotes and colons that make up for those of another
        if (colons & (data[:-1] <= _BLANK)).any():
            is_certain = not self._doubt(_SPACED_KEY)
        if b"\\" in self.joined:
            found -= np.count_nonzero(ends[1:] & (data[:-2] == _BACKSLASH))
            if b'\\\\":' in self.joined:
                is_certain &= not self._doubt(_BACKSLASH_KEY)
        if is_certain and found == count:
            return
        for place, (line, value) in enumerate(zip(self.lines, self.values, strict=True)):
            if line.count(b'":') - line.count(b'\\":') != count_keys([value]):
                self.doubtful.add(place)

    def _doubt(self, pattern: re.Pattern[bytes]) -> bool:
        """Doubt lines in which a pattern is found; whether there are any."""
        found = [place for place, line in enumerate(self.lines) if pattern.search(line)]
        self.doubtful.update(found)
        return bool(found)


def blocks(lines: Sequence[bytes]) -> Iterator[Block]:
    """The lines that could be read, in order; each begins with `{` and ends with `}`."""
    for start in range(0, len(lines), _LINES):
        part = lines[start : start + _LINES]
        values = _loaded(part)
        if values is not None:
            yield Block(np.arange(start, start + len(part)), part, values)
            continue
        places, values = _load_parts(part)
        if places:
            kept = [part[place] for place in places]
            yield Block(np.array(places, dtype=np.int64) + start, kept, values)


def _load_parts(lines: Sequence[bytes]) -> tuple[list[int], list[Any]]:
    """The lines that can be read, and their values, when some cannot."""
    kept: list[int] = []
    values: list[Any] = []
    for start in range(0, len(lines), _GROUP):
        part = lines[start : start + _GROUP]
        found = _loaded(part)
        if found is not None:
            kept.extend(range(start, start + len(part)))
            values.extend(found)
            continue
        for place, line in enumerate(part, start):
            single = _loaded_one(line)
            if single is not None:
                kept.append(place)
                values.append(single)
    return kept, values


def _loaded(lines: Sequence[bytes]) -> list[Any] | None:
    """The values of lines; None when they are not one JSON value each.

    A mark between two lines can only be found where it was put: no line holds it, as text or
    escaped, so that no line can pretend to be two, nor two to be one.
    """
    code = _unused_code(lines)
    if code is None:
        return None
    try:
        values = orjson.loads(b"[" + (b',"\\u%04x",' % code).join(lines) + b"]")
    except orjson.JSONDecodeError:
        return None
    if len(values) != 2 * len(lines) - 1 or values[1::2].count(chr(code)) != len(lines) - 1:
        return None
    found: list[Any] = values[::2]
    return found


def _unused_code(lines: Sequence[bytes]) -> int | None:
    """A character below the blank that no line has, escaped; raw it is no JSON anyway."""
    joined = b"".join(lines)
    if b"\\" not in joined:
        return 1
    for code in range(1, 32):
        escape = b"\\u%04x" % code
        if escape not in joined and escape.upper().replace(b"U", b"u") not in joined:
            return code
    return None


def _loaded_one(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def count_keys(values: Sequence[Any]) -> int:
    """Keys of objects and of all that they hold."""
    total = 0
    level: list[Any] = list(values)
    while level:
        objects = [value for value in level if value.__class__ is dict]
        total += sum(map(len, objects))
        inner: list[Iterable[Any]] = [value.values() for value in objects]
        inner += [value for value in level if value.__class__ is list]
        level = [
            value
            for value in chain.from_iterable(inner)
            if value.__class__ is dict or value.__class__ is list
        ]
    return total
