"""A block of text whose lines end in two words: where these are, found for all lines at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEWLINE, _SPACE = 10, 32


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines as places in a text.

    Attributes:
        text: Ends with a newline.
        starts, ends: int64[line], of lines; an end is the newline.
        first, second: int64[line], the spaces before the last two words; both the start of a
            line that has no two spaces.
    """

    text: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @classmethod
    def of(cls, text: bytes) -> Lines:
        """The lines of a text."""
        data = np.frombuffer(text, dtype=np.uint8)
        ends = np.flatnonzero(data == _NEWLINE)
        starts = np.concatenate([[0], ends[:-1] + 1])
        spaces = np.concatenate([[-1, -1], np.flatnonzero(data == _SPACE)])
        at = np.searchsorted(spaces[2:], ends)
        has = spaces[at] >= starts
        first = np.where(has, spaces[at], starts)
        return cls(text, starts, ends, first, np.where(has, spaces[at + 1], starts))

    def __len__(self) -> int:
        return len(self.ends)

    def line(self, number: int) -> bytes:
        """One line, without its newline."""
        return self.text[int(self.starts[number]) : int(self.ends[number])]

    def prefixes(self) -> list[bytes]:
        """What stands before the last two words; empty where there is nothing."""
        text = self.text
        pairs = zip(self.starts.tolist(), self.first.tolist(), strict=True)
        return [text[start:end] for start, end in pairs]

    def words(self, chosen: NDArray[np.bool_]) -> tuple[bytes, bytes]:
        """The last two words of some lines, each followed by a newline."""
        first, second, ends = self.first[chosen], self.second[chosen], self.ends[chosen]
        return self._gather(first + 1, second + 1), self._gather(second + 1, ends + 1)

    def _gather(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> bytes:
        """Pieces of the text; the last byte of each becomes a newline."""
        lengths = ends - starts
        after = np.cumsum(lengths)
        places = np.arange(int(after[-1]) if len(after) else 0)
        places += np.repeat(starts - (after - lengths), lengths)
        found = np.frombuffer(self.text, dtype=np.uint8)[places]
        found[after - 1] = _NEWLINE
        return found.tobytes()
