"""Sprig's arithmetic (Masterminds/sprig v3, numeric.go): anything given is read as a number.

Texts are read as spf13/cast reads them: what is no number is 0, and a whole number may be followed
by decimals, which are cut off.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from appliance.base.digits import read_digits
from appliance.base.errors import BadInput
from appliance.gotemplate.values import ANY, Function, Int64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_ITEMS = 1 << 20
_MIN, _MAX = -(1 << 63), (1 << 63) - 1
_INTEGER = re.compile(
    r"([+-]?)(?:0[xX]_?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|0[bB]_?([01]+(?:_[01]+)*)"
    r"|0[oO]?_?([0-7]+(?:_[0-7]+)*)|([1-9][0-9]*(?:_[0-9]+)*|0))"
)
_DECIMAL = re.compile(r"([+-]?[0-9]*)(\.[0-9]*)?")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:_[0-9]+)*)?(?:[0-9]\.?|\.[0-9]+)(?:[0-9]*)(?:[eE][+-]?[0-9]+)?"
    r"|(?i:inf(?:inity)?)|(?i:nan))"
)
_HEX_FLOAT = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+")
_EXACT = Context(prec=1000)
_DIVISION_DIGITS = Decimal(1).scaleb(-16)
_DIVIDE_BY_ZERO = "runtime error: integer divide by zero"


def wrapped(number: int) -> Int64:
    """A whole number as 64 bits keep it."""
    return Int64((number - _MIN) % (1 << 64) + _MIN)


def to_int(value: Any) -> int:
    """The whole number that a value stands for; 0 when it stands for none."""
    if isinstance(value, str):
        return _text_to_int(value)
    if isinstance(value, float):
        is_within = math.isfinite(value) and _MIN <= value <= _MAX
        return int(value) if is_within else _MIN
    return int(value) if isinstance(value, int) else 0


def _text_to_int(text: str) -> int:
    decimals = _DECIMAL.fullmatch(text) if "." in text else None
    if decimals is not None:
        text = decimals[1] if decimals[1] not in {"", "+", "-"} else "0"
    match = _INTEGER.fullmatch(text)
    if match is None:
        return 0
    sign, hexadecimal, binary, octal, plain = match.groups()
    if plain is not None:
        size = read_digits(plain.replace("_", ""))
    elif hexadecimal is not None:
        size = int(hexadecimal.replace("_", ""), 16)
    else:
        size = int(binary, 2) if binary is not None else int(octal.replace("_", ""), 8)
    number = -size if sign == "-" else size
    return number if _MIN <= number <= _MAX else 0


def to_float(value: Any) -> float:
    """The number that a value stands for; 0 when it stands for none."""
    if isinstance(value, str):
        if _FLOAT.fullmatch(value):
            return _finite_or_zero(float(value), value)
        return float.fromhex(value) if _HEX_FLOAT.fullmatch(value) else 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def _finite_or_zero(number: float, text: str) -> float:
    """What is too large for a float is no number."""
    return 0.0 if math.isinf(number) and "i" not in text.lower() else number


def _multiply(first: Any, *others: Any) -> Int64:
    return wrapped(math.prod(map(to_int, others), start=to_int(first)))


def _divide(first: Any, second: Any) -> Int64:
    above, below = to_int(first), to_int(second)
    if not below:
        raise BadInput(_DIVIDE_BY_ZERO)
    size = abs(above) // abs(below)
    return wrapped(size if (above < 0) == (below < 0) else -size)


def _remainder(first: Any, second: Any) -> Int64:
    above, below = to_int(first), to_int(second)
    if not below:
        raise BadInput(_DIVIDE_BY_ZERO)
    size = abs(above) % abs(below)
    return Int64(-size if above < 0 else size)


def _decimals(operate: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., float]:
    """Arithmetic on decimals, one value after the other."""

    def run(first: Any, *others: Any) -> float:
        found = _decimal(to_float(first))
        for other in others:
            found = operate(found, _decimal(to_float(other)))
        return float(found)

    return run


def _decimal(number: float) -> Decimal:
    if not math.isfinite(number):
        shown = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(number)]
        raise BadInput(f"Cannot create a Decimal from {shown}")
    return Decimal(repr(number))


def _quotient(above: Decimal, below: Decimal) -> Decimal:
    """With 16 digits after the point."""
    if not below:
        raise BadInput("decimal division by 0")
    found = _EXACT.divide(above, below)
    return found.quantize(_DIVISION_DIGITS, rounding=ROUND_HALF_UP, context=_EXACT)


def round_to(value: Any, places: int, *options: float) -> float:
    """A number with so many digits after the point; negative ones are rounded down.

    options: From which rest on it is rounded up, 0.5 by default; more of them mean nothing.
    """
    round_on = (*options, 0.5)[0]
    power = float(10**places) if -300 < places < 300 else math.pow(10.0, math.copysign(300, places))
    digit = power * to_float(value)
    if not math.isfinite(digit):
        return digit / power
    up = math.modf(digit)[0] >= round_on
    return float(math.ceil(digit) if up else math.floor(digit)) / power


def _floor(value: Any) -> float:
    number = to_float(value)
    return float(math.floor(number)) if math.isfinite(number) else number


def _ceil(value: Any) -> float:
    number = to_float(value)
    if not math.isfinite(number):
        return number
    return math.copysign(float(math.ceil(number)), number)


def _until(start: int, stop: int, step: int) -> list[int]:
    """As Go's loop: nothing when the step leads away."""
    if not step or (stop < start) != (step < 0):
        return []
    found = range(start, stop, step)
    if not -_MAX_ITEMS < (stop - start) // step < _MAX_ITEMS:
        raise BadInput(f"a list of more than {_MAX_ITEMS} numbers")
    return list(found)


NUMBERS: Mapping[str, Function] = {
    "add": Function((), lambda *values: wrapped(sum(map(to_int, values))), ANY),
    "add1": Function((ANY,), lambda value: wrapped(to_int(value) + 1)),
    "add1f": Function((ANY,), lambda value: _decimals(_EXACT.add)(value, 1.0)),
    "addf": Function((), lambda *values: _decimals(_EXACT.add)(0.0, *values), ANY),
    "atoi": Function(
        ("string",), lambda text: int(text) if re.fullmatch("[+-]?[0-9]+", text) else 0
    ),
    "biggest": Function((ANY,), lambda *values: Int64(max(map(to_int, values))), ANY),
    "ceil": Function((ANY,), _ceil),
    "div": Function((ANY, ANY), _divide),
    "divf": Function((ANY,), _decimals(_quotient), ANY),
    "float64": Function((ANY,), to_float),
    "floor": Function((ANY,), _floor),
    "int": Function((ANY,), to_int),
    "int64": Function((ANY,), lambda value: Int64(to_int(value))),
    "max": Function((ANY,), lambda *values: Int64(max(map(to_int, values))), ANY),
    "maxf": Function((ANY,), lambda *values: max(map(to_float, values)), ANY),
    "min": Function((ANY,), lambda *values: Int64(min(map(to_int, values))), ANY),
    "minf": Function((ANY,), lambda *values: min(map(to_float, values)), ANY),
    "mod": Function((ANY, ANY), _remainder),
    "mul": Function((ANY,), _multiply, ANY),
    "mulf": Function((ANY,), _decimals(_EXACT.multiply), ANY),
    "round": Function((ANY, "int"), round_to, "float64"),
    "sub": Function((ANY, ANY), lambda first, second: wrapped(to_int(first) - to_int(second))),
    "subf": Function((ANY,), _decimals(_EXACT.subtract), ANY),
    "until": Function(("int",), lambda count: _until(0, count, -1 if count < 0 else 1)),
    "untilStep": Function(("int", "int", "int"), _until),
}
