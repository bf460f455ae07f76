"""One JSON line, read as Loki reads it (grafana/jsonparser, `ObjectEach`).

This reader is lenient where Loki's is: it stops at the end of the first object, takes any token
that begins like a number for one, and what was read before a line breaks counts. It goes through a
line from left to right without recursion, in time linear in its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.lines.escapes import Escapes
from appliance.lines.label_name import decoded, nested_name, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The errors, in the words of Loki's library.
BROKEN_JSON = "Malformed JSON error"
BROKEN_STRING = "Value is string, but can't find closing '\"' symbol"
BROKEN_ARRAY = "Value is array, but can't find closing ']' symbol"
BROKEN_OBJECT = "Value looks like object, but can't find closing '}' symbol"
BROKEN_ESCAPE = "Encountered an invalid escape sequence in a string"
UNKNOWN_VALUE = "Unknown value type"

_BLANK = re.compile(rb"[ \n\r\t]*+")
#: From the first byte of a string's content to behind its closing quote.
STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_FIELD = re.compile(
    rb'[ \n\r\t]*+"([^"\\]*+(?:\\.[^"\\]*+)*+)"[ \n\r\t]*+:[ \n\r\t]*+'  # key
    rb'(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"'  # string
    rb'|([^ \n\r\t,}\]{\["][^ \n\r\t,}\]]*+)'  # number, true, false, null
    rb"|(?=[{\[]))"  # object, array
    rb"(?:[ \n\r\t]*+(,))?+",
    re.DOTALL,
)
_MARKS = {
    ord("{"): (re.compile(rb'["{}]'), ord("}")),
    ord("["): (re.compile(rb'["\[\]]'), ord("]")),
}
_QUOTE, _COLON, _COMMA, _OPEN, _CLOSE, _ARRAY = b'":,{}['
_NUMBER_STARTS = frozenset(b"0123456789-")
#: Loki's library joins any two codes of which the second is not below the low surrogates.
_ESCAPES = Escapes(
    {code: bytes((byte,)) for code, byte in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True)},
    is_pair=lambda _, low: low >= 0xDC00,
    half=None,
)
_LITERALS = frozenset([b"true", b"false", b"null"])
#: The key under which promtail's pack stage puts the line.
PACKED_ENTRY = "_entry"
#: Objects deeper than this are not read. Differs from Loki, which has no bound.
DEEPEST = 1024


class BrokenLineError(Exception):
    """A line that cannot be read on; the message is what is wrong."""


def after_blanks(data: bytes, at: int, end: int) -> int:
    """Where the next token begins; -1 when there is none before `end`."""
    match = _BLANK.match(data, at, end)
    found = match.end() if match else end
    return found if found < end else -1


def block_end(data: bytes, at: int, end: int) -> int:
    """Behind the bracket that closes the one at `at`; -1 when there is none before `end`."""
    pattern, close = _MARKS[data[at]]
    level, position = 0, at
    while (mark := pattern.search(data, position, end)) is not None:
        position = mark.end()
        if data[mark.start()] == _QUOTE:
            string = STRING_REST.match(data, position, end)
            if string is None:
                return -1
            position = string.end()
        elif data[mark.start()] == close:
            level -= 1
            if level == 0:
                return position
        else:
            level += 1
    return -1


def unescaped(data: bytes) -> bytes | None:
    """The content of a JSON string; None when an escape sequence in it is invalid."""
    return _ESCAPES.read(data) if b"\\" in data else data


def string_text(content: bytes) -> str:
    """The label value of a string's content; empty when an escape sequence in it is invalid."""
    found = unescaped(content)
    return "" if found is None else value_text(found)


class _Closers:
    """Where the objects of a line end, found in one pass over the line."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ends: dict[int, int] | None = None

    def end(self, at: int, end: int) -> int:
        """Behind the `}` that closes the `{` at `at`; -1 when there is none before `end`."""
        if self._ends is None:
            self._ends = self._scan(at)
        if at not in self._ends:  # it lies in what looks like a string from further left
            return block_end(self._data, at, end)
        found = self._ends[at]
        return found if found <= end else -1

    def _scan(self, start: int) -> dict[int, int]:
        data, position, opened = self._data, start, []
        ends: dict[int, int] = {}
        pattern, _ = _MARKS[_OPEN]
        while (mark := pattern.search(data, position)) is not None:
            position = mark.end()
            byte = data[mark.start()]
            if byte == _OPEN:
                opened.append(mark.start())
                ends[mark.start()] = -1
            elif byte == _CLOSE:
                if opened:
                    ends[opened.pop()] = position
            else:
                string = STRING_REST.match(data, position)
                if string is None:
                    break
                position = string.end()
        return ends


class _Reader:
    """Where in a line the reader is: within an object, before a key or before its end.

    Attributes:
        at, end: The rest of the object, or of the line at the top.
        prefix: The name of the object.
        outer: What `at`, `end` and `prefix` are behind each of the objects that it is in.
    """

    __slots__ = ("after_comma", "at", "closers", "end", "enters", "line", "outer", "prefix")

    def __init__(self, line: bytes, enters: Callable[[str], bool] | None) -> None:
        self.line, self.enters = line, enters
        self.end = len(line)
        self.at = after_blanks(line, 0, self.end)
        if self.at < 0 or line[self.at] != _OPEN:
            raise BrokenLineError(BROKEN_OBJECT)
        self.at += 1
        self.prefix = ""
        self.outer: list[tuple[int, int, str]] = []
        self.closers = _Closers(line)
        self.after_comma = False

    def fields(self) -> Iterator[tuple[str, str]]:
        """Label names and values from here to the end."""
        for _, name, string, token in self.items():
            if string is not None:
                yield name, _string(string)
            elif token is not None and token != b"null":
                yield name, decoded(token)

    def items(self) -> Iterator[tuple[str, str, bytes | None, bytes | None]]:
        """Key, label name, and the value: the content of a string, or a token, or neither."""
        line = self.line
        while True:
            match = _FIELD.match(line, self.at, self.end)
            if match is None:
                if not self._end_object():
                    return
                continue
            content, string, token, comma = match.groups()
            key = self._key(content)
            name = nested_name(self.prefix, key)
            self.at = match.end()
            if token is not None and token not in _LITERALS and token[0] not in _NUMBER_STARTS:
                raise BrokenLineError(UNKNOWN_VALUE)
            if string is None and token is None and self._enter(name):
                continue
            yield key, name, string, token
            self.after_comma = comma is not None
            if comma is None and not self._leave():
                return

    def _key(self, content: bytes) -> str:
        key = unescaped(content)
        if key is None:
            raise BrokenLineError(BROKEN_ESCAPE)
        return decoded(key)

    def _enter(self, name: str) -> bool:
        """Go into the object here, or behind it, or behind an array; whether it was gone into."""
        if self.line[self.at] == _ARRAY:
            stop = block_end(self.line, self.at, self.end)
            if stop < 0:
                raise BrokenLineError(BROKEN_ARRAY)
        else:
            stop = self.closers.end(self.at, self.end)
            if stop < 0 or len(self.outer) >= DEEPEST:
                raise BrokenLineError(BROKEN_OBJECT)
            if self.enters is None or self.enters(name):
                self.outer.append((stop, self.end, self.prefix))
                self.at, self.end, self.prefix, self.after_comma = self.at + 1, stop, name, False
                return True
        self.at = stop
        return False

    def _end_object(self) -> bool:
        """Leave the object that ends here; whether there is more to read."""
        at = after_blanks(self.line, self.at, self.end)
        if at < 0:
            raise BrokenLineError(BROKEN_ARRAY if self.after_comma else BROKEN_JSON)
        if self.line[at] != _CLOSE:
            raise BrokenLineError(_fault(self.line, at, self.end))
        if not self.outer:
            return False
        self.at, self.end, self.prefix = self.outer.pop()
        return self._leave()

    def _leave(self) -> bool:
        """Go on behind a value; whether there is more to read."""
        while True:
            at = after_blanks(self.line, self.at, self.end)
            if at < 0:
                raise BrokenLineError(BROKEN_ARRAY)
            if self.line[at] != _CLOSE:
                break
            if not self.outer:
                return False
            self.at, self.end, self.prefix = self.outer.pop()
        if self.line[at] != _COMMA:
            raise BrokenLineError(BROKEN_OBJECT)
        self.at, self.after_comma = at + 1, True
        return True


def walk(line: bytes, enters: Callable[[str], bool] | None = None) -> Iterator[tuple[str, str]]:
    """Fields of a line in their order: label name and value. Names may come more than once.

    Objects are flattened, arrays and null left out, numbers are kept as written. A name may be
    empty, which is a name of nothing.

    Args:
        enters: Whether to look into an object of that name; None means always.

    Raises:
        BrokenLineError: Where the line breaks; what came before that holds.
    """
    return _Reader(line, enters).fields()


def packed_fields(line: bytes) -> tuple[list[tuple[str, str]], bytes | None]:
    """The strings at the top of a line by key, and what `_entry` is, which is not among them.

    Raises:
        BrokenLineError: The line breaks.
    """
    found: list[tuple[str, str]] = []
    entry = None
    for key, _, string, _ in _Reader(line, lambda _: False).items():
        if string is None:
            continue
        if key == PACKED_ENTRY:
            entry = unescaped(string)
            if entry is None:
                raise BrokenLineError(BROKEN_ESCAPE)
        else:
            found.append((key, _string(string)))
    return found, entry


def _string(content: bytes) -> str:
    if content.isascii() and b"\\" not in content:
        return content.decode("ascii")
    return string_text(content)


def _fault(line: bytes, at: int, end: int) -> str:
    """What is wrong with what should be a key and its value."""
    if line[at] != _QUOTE:
        return BROKEN_OBJECT
    string = STRING_REST.match(line, at + 1, end)
    if string is None:
        return BROKEN_JSON
    if unescaped(line[at + 1 : string.end() - 1]) is None:
        return BROKEN_ESCAPE
    at = after_blanks(line, string.end(), end)
    if at < 0 or line[at] != _COLON:
        return BROKEN_JSON
    at = after_blanks(line, at + 1, end)
    if at < 0:
        return BROKEN_JSON
    return BROKEN_STRING if line[at] == _QUOTE else UNKNOWN_VALUE
