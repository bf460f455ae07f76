"""Single numbers as Go's strconv prints them, which several contracts fix to the last byte.

`FormatFloat(v, 'f', -1)` and its kin, and the variant of Prometheus' `jsonutil.MarshalFloat`, which
changes to an exponent below 1e-6 and from 1e21 on. `wire/numbers.py` prints whole rows.
"""

from __future__ import annotations

from decimal import Decimal

#: Go's shortest %g has an exponent below and from these sizes on.
_FIXED_FROM, _EXPONENT_FROM = 1e-4, 1e6


def print_float(value: float) -> str:
    """Go's `FormatFloat(value, 'f', -1, 64)`: the shortest digits, never an exponent."""
    text = repr(float(value))
    if text.endswith(".0"):
        return text[:-2]
    if "e" in text:
        return format(Decimal(text), "f")
    return _SPECIAL.get(text, text)


def print_general(value: float) -> str:
    """Go's `FormatFloat(value, 'g', -1, 64)`: an exponent below 1e-4 and from 1e6 on."""
    text = repr(float(value))
    size = abs(value)
    if text in _SPECIAL or size == 0 or _FIXED_FROM <= size < _EXPONENT_FROM:
        return _SPECIAL.get(text, text.removesuffix(".0"))
    _, digits, power = Decimal(text).normalize().as_tuple()
    shown = "".join(map(str, digits))
    exponent = int(power) + len(shown) - 1
    point = "." if len(shown) > 1 else ""
    return f"{'-' if value < 0 else ''}{shown[0]}{point}{shown[1:]}e{exponent:+03d}"


def print_exponent(value: float) -> str:
    """Go's `FormatFloat(value, 'e', -1, 64)`: the shortest digits, always an exponent."""
    text = repr(float(value))
    if text in _SPECIAL:
        return _SPECIAL[text]
    sign, digits, power = Decimal(text).normalize().as_tuple()
    shown = "".join(map(str, digits))
    exponent = 0 if shown == "0" else int(power) + len(shown) - 1
    point = "." if len(shown) > 1 else ""
    return f"{'-' if sign else ''}{shown[0]}{point}{shown[1:]}e{exponent:+03d}"


_SPECIAL = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}


def format_value(value: float) -> str:
    """A sample's value as Prometheus' query answers print it."""
    size = abs(value)
    if size != 0 and (size < 1e-6 or 1e21 <= size < float("inf")):
        mantissa, _, exponent = repr(float(value)).partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+03d}"
    return print_float(value)
