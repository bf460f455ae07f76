"""Decimal digits that somebody else wrote; Python's `int` refuses more than 4,300 of them."""

from __future__ import annotations

#: Far beyond 64 bits, and fine for powers of ten as floats.
_MOST_DIGITS = 300


def read_digits(text: str) -> int:
    """A whole number, perhaps with a sign; of more than 300 digits it is 10³⁰⁰, as good as any."""
    if len(text) <= _MOST_DIGITS:
        return int(text)
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").lstrip("0") or "0"
    return sign * (int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS)


def cut_fraction(digits: str) -> str:
    """Digits behind a point, as many as can make a difference to a float, and more."""
    return digits[:_MOST_DIGITS]
