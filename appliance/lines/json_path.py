"""Values at paths of one JSON line, found as Loki finds them (grafana/jsonparser, `EachKey`).

What a path names first counts. A line need not be valid: the reader knows how deep it is and by
which keys it came there, and goes on behind whatever it cannot read. So there may be values before
and behind a break, and several objects in a line are read as one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.lines.json_line import (
    BROKEN_ARRAY,
    BROKEN_JSON,
    BROKEN_OBJECT,
    BROKEN_STRING,
    STRING_REST,
    UNKNOWN_VALUE,
    BrokenLineError,
    after_blanks,
    block_end,
    string_text,
    unescaped,
)
from appliance.lines.label_name import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Path = tuple[str | int, ...]

_MARK = re.compile(rb'["{}\[\]]')
_MARK_OR_COLON = re.compile(rb'["{}\[\]:]')
_TOKEN = re.compile(rb"[^ \n\r\t,}\]]*+")
_QUOTE, _OPEN, _CLOSE, _ARRAY, _ARRAY_END, _COLON, _COMMA = b'"{}[]:,'
_LITERALS = frozenset([b"true", b"false", b"null"])
_NUMBER_STARTS = frozenset(b"0123456789-")


def path_values(line: bytes, paths: Sequence[Path]) -> tuple[dict[int, str], str | None]:
    """Label values by the index of their path; null is empty, objects and arrays are text.

    Returns:
        The values, and the last thing that is wrong with the line where it matters; None: nothing.
    """
    search = _Search(line, paths)
    search.run()
    return search.found, search.fault


class _Search:
    """One pass over a line.

    Attributes:
        found: Label values by the index of their path.
        fault: What was wrong last.
    """

    def __init__(self, line: bytes, paths: Sequence[Path]) -> None:
        self._line = line
        self._paths = paths
        self._open = set(range(len(paths)))
        self._level = 0
        self._keys: list[str | int | None] = [None] * max(map(len, paths))
        self.found: dict[int, str] = {}
        self.fault: str | None = None

    def run(self) -> None:
        line, at = self._line, 0
        while self._open and (mark := _MARK.search(line, at)) is not None:
            byte = line[mark.start()]
            if byte == _QUOTE:
                at = self._string(mark.end())
            elif byte == _ARRAY:
                at = self._array(mark.start())
            else:
                self._level += 1 if byte == _OPEN else -1
                at = mark.end()
            if at < 0:
                return

    def _string(self, at: int) -> int:
        """Read what may be a key and note its value; where to go on, -1 for nowhere."""
        key = _key(self._line, at)
        if key is None:
            return -1
        name, at, is_key = key
        if not is_key:
            return at
        if self._level > len(self._keys):
            return at
        if self._level < 1:
            self.fault = BROKEN_JSON
            return -1
        self._keys[self._level - 1] = name
        for number in self._matching(self._level):
            self._note(number, self._line, at)
        return at

    def _matching(self, length: int) -> list[int]:
        """The paths of a length that lead to here."""
        here = tuple(self._keys[:length])
        return [number for number in sorted(self._open) if self._paths[number] == here]

    def _array(self, at: int) -> int:
        """Read the elements that are named; where to go on, -1 for nowhere."""
        level = self._level
        if level < 0:
            self.fault = BROKEN_JSON
            return -1
        here = tuple(self._keys[:level])
        wanted: dict[int, list[int]] = {}
        for number in sorted(self._open):
            path = self._paths[number]
            step = path[level] if len(path) > level else None
            if isinstance(step, int) and path[:level] == here:
                wanted.setdefault(step, []).append(number)
        if not wanted:
            return block_end(self._line, at, len(self._line))
        self._level += 1
        for index, (start, end, stop) in enumerate(_elements(self._line, at)):
            at = stop
            for number in wanted.get(index, ()):
                self._element(number, self._line[start:end])
        return at

    def _element(self, number: int, value: bytes) -> None:
        """Note what the rest of a path leads to in an element of an array."""
        rest = self._paths[number][self._level :]
        self._open.discard(number)
        at = _place(value, rest)
        if at >= 0:
            self._note(number, value, at)

    def _note(self, number: int, data: bytes, at: int) -> None:
        """Note the value that begins at a place."""
        self._open.discard(number)
        try:
            start, end = _value(data, at)
        except BrokenLineError as error:
            self.fault = str(error)
        else:
            self.found[number] = _text(data[start:end])


def _key(data: bytes, at: int) -> tuple[str, int, bool] | None:
    """What may be a key.

    Args:
        at: Behind its opening quote.

    Returns:
        Its text, where to go on, and whether it is a key; None where it cannot be read, or nothing
        follows.
    """
    string = STRING_REST.match(data, at)
    following = after_blanks(data, string.end(), len(data)) if string else -1
    if string is None or following < 0:
        return None
    if data[following] != _COLON:
        return "", following, False
    name = unescaped(data[at : string.end() - 1])
    return None if name is None else (decoded(name), following + 1, True)


def _elements(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Where elements of an array begin and end, and where to go on behind each.

    Stops where the array does or cannot be read on.

    Args:
        at: Its bracket.
    """
    at = after_blanks(data, at + 1, len(data))
    while at >= 0 and data[at] != _ARRAY_END:
        try:
            start, end = _value(data, at)
        except BrokenLineError:
            return
        following = after_blanks(data, end, len(data))
        yield start, end, end if following < 0 else following
        if following < 0 or data[following] != _COMMA:
            return
        at = following + 1


def _place(data: bytes, path: Path) -> int:
    """Where in an element of an array the value at a path begins; -1: nowhere."""
    return _Descent(data, path).run() if path else 0


class _Descent:
    """One look for a path in an element of an array."""

    def __init__(self, data: bytes, path: Path) -> None:
        self._data = data
        self._path = path
        self._level = 0
        self._known = 0  # steps of the path that lead to here
        self._is_entered = True
        self._place = -1

    def run(self) -> int:
        """Where the value begins; -1: nowhere."""
        at = 0
        while at >= 0 and (mark := _MARK_OR_COLON.search(self._data, at)) is not None:
            byte = self._data[mark.start()]
            if byte == _QUOTE:
                at = self._string(mark.end())
            elif byte == _ARRAY:
                at = self._array(mark.start())
            elif byte == _OPEN:
                at = self._object(mark.start())
            elif byte == _CLOSE:
                at = mark.end()
                self._level -= 1
                self._known -= self._level == self._known
            else:
                at = mark.end() if byte == _ARRAY_END else -1
        return self._place

    def _string(self, at: int) -> int:
        """Read what may be a key; where to go on, -1 for nowhere."""
        key = _key(self._data, at)
        if key is None or not key[2]:
            return -1 if key is None else key[1]
        if not 1 <= self._level <= len(self._path):
            return -1
        self._is_entered = key[0] == self._path[self._level - 1]
        if self._is_entered and self._known == self._level - 1:
            self._known += 1
            if self._known == len(self._path):
                self._place = key[1]
                return -1
        return key[1]

    def _object(self, at: int) -> int:
        if not self._is_entered:
            return block_end(self._data, at, len(self._data))
        self._level += 1
        return at + 1

    def _array(self, at: int) -> int:
        """Go into the element that the path names, or behind the array."""
        level, path = self._level, self._path
        step = path[level] if self._known == level < len(path) else None
        if not isinstance(step, int):
            return block_end(self._data, at, len(self._data))
        for index, (start, end, _) in enumerate(_elements(self._data, at)):
            if index == step:
                found = _place(self._data[start:end], path[level + 1 :])
                self._place = start + found if found >= 0 else -1
        return -1


def _value(data: bytes, at: int) -> tuple[int, int]:
    """Where the value at a place begins, behind blanks, and ends.

    Raises:
        BrokenLineError: It cannot be read.
    """
    length = len(data)
    start = after_blanks(data, at, length)
    if start < 0:
        raise BrokenLineError(BROKEN_JSON)
    byte = data[start]
    if byte == _QUOTE:
        string = STRING_REST.match(data, start + 1)
        if string is None:
            raise BrokenLineError(BROKEN_STRING)
        return start, string.end()
    if byte in {_OPEN, _ARRAY}:
        end = block_end(data, start, length)
        if end < 0:
            raise BrokenLineError(BROKEN_OBJECT if byte == _OPEN else BROKEN_ARRAY)
        return start, end
    match = _TOKEN.match(data, start)
    token = match[0] if match else b""
    if token not in _LITERALS and byte not in _NUMBER_STARTS:
        raise BrokenLineError(UNKNOWN_VALUE)
    return start, start + len(token)


def _text(value: bytes) -> str:
    """The label value of a value as it is written."""
    if value == b"null":
        return ""
    if value.startswith(b'"'):
        return string_text(value[1:-1])
    if value.startswith(b"{"):
        return decoded(value)
    return string_text(value)
