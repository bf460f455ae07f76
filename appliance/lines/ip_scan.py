"""Addresses of version 4 in a text, found all together by where dots stand.

What `ip_range` reads line by line depends on what stands before an address; where nothing near it
can be taken for a part of one, both find the same. Other places are doubtful.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOT, _ZERO, _NEWLINE = ord("."), ord("0"), ord("\n")
_DIGITS = 3
_LARGEST_OCTET = 255
#: What an address may be part of when it stands right before it.
_NEARBY = np.zeros(256, dtype=bool)
_NEARBY[list(b"0123456789abcdefABCDEF:.")] = True
_IS_DIGIT = np.zeros(256, dtype=bool)
_IS_DIGIT[list(b"0123456789")] = True


class Places(NamedTuple):
    """Where addresses of a range stand.

    Attributes:
        certain: int64[place], positions in the text.
        doubtful: int64[place], where there may be one; the line has to be read.
    """

    certain: NDArray[np.int64]
    doubtful: NDArray[np.int64]


def addresses(text: bytes, first: int, last: int) -> Places:
    """Addresses from `first` to `last`, both included; every line that has one has a place."""
    data = np.frombuffer(text, np.uint8)
    dots = np.flatnonzero(data == _DOT)
    gaps = np.diff(dots)
    fits = (gaps > 1) & (gaps <= _DIGITS + 1)
    dots = dots[np.flatnonzero(fits[:-1] & fits[1:])] if len(dots) > 2 else dots[:0]
    second, second_end = _octet(data, dots)
    third, third_end = _octet(data, second_end)
    fourth, end = _octet(data, third_end)
    read = (second >= 0) & (third >= 0) & (fourth >= 0)
    read &= (_at(data, second_end) == _DOT) & (_at(data, third_end) == _DOT)
    dots, end = dots[read], end[read]
    rest = (second[read] << 16) | (third[read] << 8) | fourth[read]
    return _in_range(data, dots, end, rest, bounds=(first, last))


def _in_range(
    data: NDArray[np.uint8],
    dots: NDArray[np.int64],
    end: NDArray[np.int64],
    rest: NDArray[np.int64],
    *,
    bounds: tuple[int, int],
) -> Places:
    """Places of addresses by what stands before their first dots: one to three digits."""
    hit = np.zeros(len(dots), dtype=bool)
    certain = np.zeros(len(dots), dtype=bool)
    octet, scale = np.zeros(len(dots), dtype=np.int64), 1
    are_digits = np.ones(len(dots), dtype=bool)
    for back in range(1, _DIGITS + 1):
        digit = _at(data, dots - back)
        are_digits &= _IS_DIGIT[digit]
        octet, scale = octet + (digit.astype(np.int64) - _ZERO) * scale, scale * 10
        address = (octet << 24) | rest
        found = are_digits & (octet <= _LARGEST_OCTET)
        found &= (bounds[0] <= address) & (address <= bounds[1])
        hit |= found
        is_clear = ~_NEARBY[_at(data, dots - back - 1)] & ((digit != _ZERO) | (back == 1))
        certain |= found & is_clear
    certain &= ~_NEARBY[_at(data, end)] & ~_has_leading_zero(data, dots, end)
    return Places(dots[certain], dots[hit & ~certain])


def _octet(
    data: NDArray[np.uint8], dots: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers behind dots, -1 where there is none up to 255, and where they end."""
    value = np.zeros(len(dots), dtype=np.int64)
    end = dots + 1
    is_open = np.ones(len(dots), dtype=bool)
    for ahead in range(1, _DIGITS + 1):
        digit = _at(data, dots + ahead)
        is_open = is_open & _IS_DIGIT[digit]
        value = np.where(is_open, value * 10 + digit.astype(np.int64) - _ZERO, value)
        end = end + is_open
    wrong = (end == dots + 1) | (value > _LARGEST_OCTET)
    return np.where(wrong, -1, value), end


def _has_leading_zero(
    data: NDArray[np.uint8], dots: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether an octet behind the first dot may begin with a zero it does not need."""
    found = np.zeros(len(dots), dtype=bool)
    for ahead in range(int((end - dots).max(initial=0))):
        inside = dots + ahead + 2 < end
        is_zero = (_at(data, dots + ahead) == _DOT) & (_at(data, dots + ahead + 1) == _ZERO)
        found |= inside & is_zero & _IS_DIGIT[_at(data, dots + ahead + 2)]
    return found


def _at(data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Bytes at places; a newline where there is none."""
    if not len(places) or (places.min() >= 0 and places.max() < len(data)):
        return data[places]
    outside = (places < 0) | (places >= len(data))
    return np.where(outside, np.uint8(_NEWLINE), data[np.where(outside, 0, places)])
