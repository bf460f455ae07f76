"""Pieces of a text, dictionary-coded without an object for each of them.

Equal pieces are found by hashes of eight bytes at a time, and compared byte by byte with the first
piece of the same hash: what is coded as equal is equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Places = NDArray[np.int64]

#: Bytes behind the text from which eight bytes may be read.
PADDING = 4096
#: Longer pieces are coded one by one.
_LONGEST = 256
_ROUNDS = 3
#: After so many have been asked for one by one, all texts are made.
_ALONE = 64
#: Of the eight bytes read, those of a piece that has n of them.
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)


class SpanTexts(Sequence[str]):
    """Pieces of a text as texts, made when they are looked at: of many fields nobody asks.

    Args:
        text: UTF-8, or all ASCII and decoded.
        starts, ends: int64[piece].
    """

    __slots__ = ("_asked", "_ends", "_made", "_starts", "_text")

    def __init__(self, text: bytes | str, starts: Places, ends: Places) -> None:
        self._text, self._starts, self._ends = text, starts, ends
        self._made: list[str] | None = None
        self._asked = 0

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        self._asked += 1
        if self._made is not None or self._asked > _ALONE or isinstance(index, slice):
            return self.made()[index]
        piece = self._text[int(self._starts[index]) : int(self._ends[index])]
        return piece if isinstance(piece, str) else piece.decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.made())

    def __contains__(self, value: object) -> bool:
        if value == "" and self._made is None:  # asked of every column, and seldom there
            return bool((self._starts == self._ends).any())
        return value in self.made()

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """See `Sequence.index`."""
        return self.made().index(value, start, len(self) if stop is None else stop)  # type: ignore[arg-type]

    def made(self) -> list[str]:
        """All of them."""
        if self._made is None:
            text = self._text
            spans = zip(self._starts.tolist(), self._ends.tolist(), strict=True)
            if isinstance(text, str):
                self._made = [text[start:end] for start, end in spans]
            else:
                self._made = [text[start:end].decode() for start, end in spans]
        return self._made


def words_of(text: bytes) -> Words:
    """The eight bytes at each place of a text: uint64[place], zeros behind its end."""
    padded = np.frombuffer(text + bytes(PADDING + 8), np.uint8)
    return np.ndarray((len(text) + PADDING,), "<u8", padded.data, strides=(1,))


def head_words(words: Words, starts: Places, lengths: Places) -> Words:
    """The first eight bytes of pieces, zeros behind their ends: uint64[piece]."""
    found: Words = words[starts] & _MASKS[np.minimum(lengths, 8)]
    return found


def code_spans(
    text: bytes, words: Words, starts: Places, ends: Places
) -> tuple[NDArray[np.int32], Places]:
    """Codes of pieces of a text.

    Args:
        words: `words_of(text)`.
        starts, ends: int64[piece]; no piece has a NUL.

    Returns:
        codes: int32[piece], equal where pieces are.
        first: int64[code], a piece of each code.
    """
    lengths = ends - starts
    longest = int(lengths.max(initial=0))
    if longest > _LONGEST:
        return _code_slices(text, starts, ends)
    hashes = _hash(words, starts, lengths, longest)
    like = _first_of_each(hashes)
    if longest > 8 and not _are_equal(words, starts, lengths, like):
        return _code_slices(text, starts, ends)
    numbers = np.arange(len(like))
    first = np.flatnonzero(like == numbers)
    numbers[first] = np.arange(len(first))
    return numbers[like].astype(np.int32), first


def _hash(words: Words, starts: Places, lengths: Places, longest: int) -> Words:
    """Hashes of pieces; up to eight bytes they differ where the pieces do."""
    hashes = _mix(head_words(words, starts, lengths))
    for done in range(8, longest, 8):
        left = np.maximum(lengths - done, 0)
        hashes = _mix(hashes ^ (words[starts + done] & _MASKS[np.minimum(left, 8)]))
    return hashes


def _mix(values: Words) -> Words:
    """Multiply and shift; one to one."""
    values = values * np.uint64(0x9E37_79B9_7F4A_7C15)
    values ^= values >> np.uint64(32)
    values *= np.uint64(0xBF58_476D_1CE4_E5B9)
    values ^= values >> np.uint64(29)
    return values


def _first_of_each(hashes: Words) -> Places:
    """For each hash the place of one that is equal, the same for all.

    A table of slots finds it for all but those whose slot another hash has, which try again.
    """
    count = len(hashes)
    like = np.empty(count, dtype=np.int64)
    rest = np.arange(count)
    for turn in range(_ROUNDS):
        bits = max(4, len(rest).bit_length() + 2)
        shift = np.uint64(64 - bits - 7 * turn)
        slots = ((hashes[rest] >> shift) & np.uint64((1 << bits) - 1)).astype(np.int64)
        table = np.empty(1 << bits, dtype=np.int64)
        table[slots] = rest
        found = table[slots]
        like[rest] = found
        rest = rest[hashes[found] != hashes[rest]]
        if not len(rest):
            return like
    first: dict[int, int] = {}
    like[rest] = [
        first.setdefault(value, place)
        for place, value in zip(rest.tolist(), hashes[rest].tolist(), strict=True)
    ]
    return like


def _are_equal(words: Words, starts: Places, lengths: Places, like: Places) -> bool:
    """Whether pieces of equal hashes are equal; those of up to eight bytes and equal length are."""
    if (lengths[like] != lengths).any():
        return False
    others = np.flatnonzero((lengths > 8) & (like != np.arange(len(like))))
    if not len(others):
        return True
    mine, theirs, sizes = starts[others], starts[like[others]], lengths[others]
    for done in range(0, int(sizes.max()), 8):
        masks = _MASKS[np.clip(sizes - done, 0, 8)]
        if ((words[mine + done] ^ words[theirs + done]) & masks).any():
            return False
    return True


def _code_slices(text: bytes, starts: Places, ends: Places) -> tuple[NDArray[np.int32], Places]:
    """The same by way of objects."""
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    pieces = [text[start:end] for start, end in spans]
    place = {piece: at for at, piece in reversed(list(enumerate(pieces)))}
    number = {piece: code for code, piece in enumerate(place)}
    codes = np.fromiter(map(number.__getitem__, pieces), np.int32, len(pieces))
    return codes, np.fromiter(place.values(), np.int64, len(place))
