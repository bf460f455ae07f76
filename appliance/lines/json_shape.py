"""What JSON lines of one form have in common, and where in each of them its values are.

Lines of one program mostly differ in their values alone. A `Shape` is learnt from a line that
orjson can read; another line has it when all bytes between the values are the same, and its values
are strings without escapes, or numbers, `true`, `false` and `null` where the first line has one of
these. Such a line is valid JSON, and nothing of it has to be read to know where its values are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

from appliance.lines.label_name import nested_name
from appliance.lines.spans import PADDING, head_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.lines.spans import Words

    Places = NDArray[np.int64]

#: Lines with more are no shape: to compare them in so many places takes as long as to read them.
_MOST_QUOTES = 1000
#: Instead of the number of a quote: the line's first byte, and the place behind its last one.
_START, _END = -1, -2
#: A piece between strings that has at most one scalar.
_OUTSIDE = re.compile(rb"([ \t:,{}\[\]]*)([^ \t:,{}\[\]]*)([ \t:,{}\[\]]*)")
_SCALAR = rb"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"
_IS_SCALAR = re.compile(_SCALAR)
_ARE_SCALARS = re.compile(rb"(?:" + _SCALAR + rb"\n)*+")
_LITERALS = tuple(
    np.uint64(int.from_bytes(word, "little")) for word in (b"true", b"null", b"false")
)
_NULL = _LITERALS[1]
_ZERO, _NIBBLES = np.uint64(ord("0")), np.uint64(0xF0F0_F0F0_F0F0_F0F0)
_THREES, _SIXES = np.uint64(0x3030_3030_3030_3030), np.uint64(0x0606_0606_0606_0606)


class _At(NamedTuple):
    """A place in a line: so many bytes from one of its quotes, its start or its end."""

    anchor: int
    offset: int

    def plus(self, count: int) -> _At:
        return _At(self.anchor, self.offset + count)


class Value(NamedTuple):
    """A value of a shape; `name` is None where it is of no label."""

    name: str | None
    start: _At
    end: _At
    is_scalar: bool


class Text(NamedTuple):
    """A text of lines, and where the quotes in it are.

    Attributes:
        starts, ends: int64[line]; newlines excluded.
        quotes: int64[quote]; places.
        first: int64[line], which quote is the line's first one.
    """

    text: bytes
    words: Words
    starts: Places
    ends: Places
    quotes: Places
    first: Places

    def places(self, at: _At, rows: Places) -> Places:
        """Where a place is in some lines."""
        if at.anchor == _START:
            return self.starts[rows] + at.offset
        if at.anchor == _END:
            return self.ends[rows] + at.offset
        found: Places = self.quotes[self.first[rows] + at.anchor] + at.offset
        return found


class Shape:
    """See the module's docstring.

    Attributes:
        quotes: How many a line has.
        values: Those of labels, of each name one.
    """

    def __init__(
        self, quotes: int, fixed: Sequence[tuple[_At, bytes]], values: list[Value]
    ) -> None:
        self.quotes = quotes
        self.values = [value for value in values if value.name]
        self._scalars = [value for value in values if value.is_scalar]
        self._checks = [check for at, data in fixed for check in _checks(at, data)]
        at, data = fixed[-1]
        self._close = at.plus(len(data))

    def match(self, text: Text, rows: Places) -> Places:
        """Which of some lines have the shape; all have its number of quotes."""
        for at, mask, word in self._checks:
            found = text.words[text.places(at, rows)]
            wrong = (found if mask is None else found & mask) != word
            if wrong.any():
                rows = rows[~wrong]
        rows = rows[text.places(self._close, rows) == text.ends[rows]]
        for value in self._scalars:
            good = _are_scalars(text, text.places(value.start, rows), text.places(value.end, rows))
            if not good.all():
                rows = rows[good]
        return rows

    @staticmethod
    def spans(value: Value, text: Text, rows: Places) -> tuple[Places, Places, Places]:
        """Rows of lines of this shape that have a value, with its start and end."""
        starts, ends = text.places(value.start, rows), text.places(value.end, rows)
        if value.is_scalar:
            absent = head_words(text.words, starts, ends - starts) == _NULL
            if absent.any():
                return rows[~absent], starts[~absent], ends[~absent]
        return rows, starts, ends


def learn(line: bytes) -> Shape | None:
    """The shape of a line that has no backslash; None when it has none."""
    if line.count(b'"') > _MOST_QUOTES:
        return None
    try:
        if orjson.loads(line).__class__ is not dict:
            return None
    except orjson.JSONDecodeError:
        return None
    pieces = line.split(b'"')
    reader = _Learner()
    for number, piece in enumerate(pieces):
        if number % 2:
            reader.read_string(piece, is_key=pieces[number + 1].lstrip(b" \t").startswith(b":"))
        elif not reader.read_outside(piece, is_last=number == len(pieces) - 1):
            return None
    names = [value.name for value in reader.values if value.name]
    if len(pieces) == 1 or len(set(names)) < len(names) or reader.run_bytes >= PADDING:
        return None
    return Shape(len(pieces) - 1, reader.fixed, reader.values)


class _Learner:
    """Goes through a line from quote to quote.

    Attributes:
        fixed: What is the same in all lines, and where.
        run_bytes: Length of the longest of these.
    """

    def __init__(self) -> None:
        self.fixed: list[tuple[_At, bytes]] = []
        self.values: list[Value] = []
        self.run_bytes = 0
        self._quotes = 0
        self._at, self._run = _At(_START, 0), b""
        #: Names of the objects that are open, None for arrays and what is in them.
        self._open: list[str | None] = []
        self._name: str | None = None

    def read_string(self, piece: bytes, *, is_key: bool) -> None:
        """Read a string, from behind its first quote to before its last one."""
        self._run += b'"'
        self._quotes += 1
        if is_key:
            prefix = self._open[-1]
            self._name = None if prefix is None else nested_name(prefix, piece.decode())
            self._run += piece
        else:
            start, end = self._end_run(), _At(self._quotes, 0)
            self.values.append(Value(self._name, start, end, is_scalar=False))
            self._at = end
        self._run += b'"'
        self._quotes += 1

    def read_outside(self, piece: bytes, *, is_last: bool) -> bool:
        """Read what is between strings; whether that could be done."""
        match = _OUTSIDE.fullmatch(piece)
        if match is None:
            return False
        before, scalar, after = match.groups()
        self._nest(before)
        self._run += before
        if scalar:
            start, anchor = self._end_run(), _END if is_last else self._quotes
            end = _At(anchor, -len(after))
            self.values.append(Value(self._name, start, end, is_scalar=True))
            self._at, self._run = end, after
            self._nest(after)
        if is_last:
            self._end_run()
        return True

    def _nest(self, marks: bytes) -> None:
        for mark in marks:
            if mark == ord("{"):
                self._open.append(self._name if self._open else "")
            elif mark == ord("["):
                self._open.append(None)
                self._name = None
            elif mark in b"}]":
                self._open.pop()
                # The next value of an array has no name, that of an object gets one by its key.
                self._name = None

    def _end_run(self) -> _At:
        """Note what is fixed up to here; where that is."""
        self.fixed.append((self._at, self._run))
        self.run_bytes = max(self.run_bytes, len(self._run))
        here, self._run = self._at.plus(len(self._run)), b""
        return here


def _checks(at: _At, data: bytes) -> Iterator[tuple[_At, np.uint64 | None, np.uint64]]:
    """Where which eight bytes have to be; with a mask when fewer do."""
    if len(data) < 8:
        if data:
            mask = np.uint64((1 << 8 * len(data)) - 1)
            yield at, mask, np.uint64(int.from_bytes(data, "little"))
        return
    for offset in {*range(0, len(data) - 7, 8), len(data) - 8}:
        yield at.plus(offset), None, np.uint64(int.from_bytes(data[offset : offset + 8], "little"))


def _are_scalars(text: Text, starts: Places, ends: Places) -> NDArray[np.bool_]:
    """Which pieces are numbers, `true`, `false` or `null`: bool[piece]."""
    lengths = ends - starts
    good = lengths > 0
    head = head_words(text.words, starts, np.maximum(lengths, 0))
    plain = good & (lengths <= 8) & _are_digits(head, lengths)
    plain &= (lengths == 1) | ((head & np.uint64(0xFF)) != _ZERO)
    if plain.all():
        return plain
    rest = np.flatnonzero(good & ~plain)
    is_literal = np.isin(head[rest], _LITERALS) & (lengths[rest] <= 5)
    plain[rest[is_literal]] = True
    rest = rest[~is_literal]
    if len(rest):
        long = rest[(lengths[rest] > 8) & (lengths[rest] <= 16)]
        tail = head_words(text.words, starts[long] + 8, lengths[long] - 8)
        eight = np.full(len(long), 8)
        digits = _are_digits(head[long], eight) & _are_digits(tail, lengths[long] - 8)
        plain[long[digits & ((head[long] & np.uint64(0xFF)) != _ZERO)]] = True
        rest = rest[~plain[rest]]
    if len(rest):
        spans = zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)
        pieces = [text.text[start:end] for start, end in spans]
        joined = b"\n".join([*pieces, b""])
        match = _ARE_SCALARS.match(joined)
        are_all = match is not None and match.end() == len(joined)
        plain[rest] = are_all or [_IS_SCALAR.fullmatch(piece) is not None for piece in pieces]
    return plain


def _are_digits(head: Words, lengths: Places) -> NDArray[np.bool_]:
    """Which of some words, zeros behind their lengths, are digits up to there."""
    full = head | (_THREES << (np.clip(lengths, 0, 7).astype(np.uint64) * np.uint64(8)))
    full = np.where(lengths >= 8, head, full)
    found: NDArray[np.bool_] = ((full & _NIBBLES) == _THREES) & (
        ((full + _SIXES) & _NIBBLES) == _THREES
    )
    return found
