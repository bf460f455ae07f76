"""Which lines of a chunk contain something, found in the whole text at once.

The text is split at a string, or searched from hit to hit; one binary search maps places to lines.
A hit that reaches over the end of its line is none, so that line is looked at by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.re2 import NO_SPAN, Pattern
from appliance.lines.ip_range import IpRange
from appliance.lines.ip_scan import addresses
from appliance.logql.stages.required_text import required_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import LogChunk

#: Anchors of the whole text, and flags taken back, mean another thing in many lines at once.
_OF_ONE_LINE = re.compile(r"\\[AzQ]|\(\?[a-zA-Z]*-|\(\?[a-zA-Z]*m")
#: With so few rows of a chunk left, each is looked at by itself.
_FEW = 16
#: A text that all matches of an expression have is looked for when it is this long, and, going by
#: the beginning of the chunk, in no more than one of so many lines.
_SHORTEST, _RARE, _SAMPLE_BYTES = 3, 8, 32 << 10
_NEWLINE = 10


class TextTest:
    """Lines that contain a string.

    Args:
        text: Not empty.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text

    def line(self, line: bytes) -> bool:
        """Whether a line contains it."""
        return self._text in line

    def chunk(self, chunk: LogChunk) -> NDArray[np.bool_]:
        """Which lines of a chunk contain it: bool[entry]."""
        if b"\n" in self._text:  # could reach over the end of a line
            return _each(self.line, [chunk.line(row) for row in range(len(chunk))])
        mask = np.zeros(len(chunk), dtype=bool)
        pieces = chunk.text.split(self._text)
        if len(pieces) > 1:
            lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
            places = np.cumsum(lengths[:-1] + len(self._text)) - len(self._text)
            mask[chunk.lines_at(places)] = True
        return mask


class RegexTest:
    """Lines in which a regular expression is found.

    Raises:
        BadInput: It is none.
    """

    def __init__(self, text: str) -> None:
        self._pattern = Pattern(text)
        self._required = required_text(text).encode()
        self._many = None if _OF_ONE_LINE.search(text) else Pattern(text, multi_line=True)

    def line(self, line: bytes) -> bool:
        """Whether it is found in a line."""
        return self._pattern.spans(line, 0, len(line))[0] != NO_SPAN

    def chunk(self, chunk: LogChunk) -> NDArray[np.bool_]:
        """In which lines of a chunk it is found: bool[entry]."""
        many, text = self._many, chunk.text
        mask = self._possible(chunk)
        if mask is not None and np.count_nonzero(mask) * _RARE <= len(chunk):
            rows = np.flatnonzero(mask)
            mask[rows] = _each(self.line, [chunk.line(row) for row in rows.tolist()])
            return mask
        if many is None or _newlines(text) != len(chunk):
            return _each(self.line, [chunk.line(row) for row in range(len(chunk))])
        mask = np.zeros(len(chunk), dtype=bool)
        spans, at, size, hits = many.spans, 0, len(text), []
        while at < size:
            start, end = spans(text, at, size)[0]
            if not 0 <= start < size:
                break
            at = text.index(b"\n", start) + 1
            if end < at or self._within(text, start, at - 1):
                hits.append(start)
        mask[chunk.lines_at(np.array(hits, dtype=np.int64))] = True
        return mask

    def _possible(self, chunk: LogChunk) -> NDArray[np.bool_] | None:
        """Lines with a text that all matches have: bool[entry]; None: too many to look."""
        required = self._required
        if len(required) < _SHORTEST:
            return None
        sample = chunk.text[:_SAMPLE_BYTES]
        lines = len(sample) * len(chunk) // max(1, len(chunk.text))
        if sample.count(required) * _RARE > lines + _RARE:
            return None
        return TextTest(required).chunk(chunk)

    def _within(self, text: bytes, start: int, newline: int) -> bool:
        """Whether the line of a hit that reaches over its end has one that does not."""
        return self.line(text[text.rfind(b"\n", 0, start) + 1 : newline])


class IpTest:
    """Lines in which an address of a range stands.

    Raises:
        BadInput: It is no range.
    """

    def __init__(self, text: str) -> None:
        self._range = IpRange(text)

    def line(self, line: bytes) -> bool:
        """Whether one stands in a line."""
        return self._range.is_in(line)

    def chunk(self, chunk: LogChunk) -> NDArray[np.bool_]:
        """In which lines of a chunk one stands: bool[entry]."""
        bounds = self._range.v4_bounds
        if bounds is None:
            return _each(self.line, [chunk.line(row) for row in range(len(chunk))])
        places = addresses(chunk.text, *bounds)
        mask = np.zeros(len(chunk), dtype=bool)
        mask[chunk.lines_at(places.certain)] = True
        for row in np.unique(chunk.lines_at(places.doubtful)).tolist():
            mask[row] = mask[row] or self.line(chunk.line(row))
        return mask


LineTest = TextTest | RegexTest | IpTest


def tested(
    chunk: LogChunk, index: NDArray[np.int64], tests: Sequence[LineTest]
) -> NDArray[np.bool_]:
    """Which of some entries of a chunk pass any of the tests: bool[row].

    index: int64[row], ascending.
    """
    if len(index) * _FEW < len(chunk):
        lines = [chunk.line(row) for row in index.tolist()]
        return _each(lambda line: any(test.line(line) for test in tests), lines)
    mask = tests[0].chunk(chunk)
    for test in tests[1:]:
        mask |= test.chunk(chunk)
    return mask if len(index) == len(chunk) else mask[index]


def _newlines(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _NEWLINE))


def _each(test: Callable[[bytes], bool], lines: Sequence[bytes]) -> NDArray[np.bool_]:
    return np.fromiter(map(test, lines), dtype=bool, count=len(lines))
