"""Go's fmt: `printf` with its verbs, `print`, `println` (Go's package fmt, "Printing")."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from appliance.base.go_float import print_exponent, print_float, print_general
from appliance.gotemplate.values import Struct, type_name
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<index0>\[\d+\])?(?P<width>\d+|\*)?"
    r"(?P<point>\.(?P<index1>\[\d+\])?(?P<precision>\d+|\*)?)?(?P<index2>\[\d+\])?(?P<verb>.)?",
    re.DOTALL,
)
#: Wider fields would only fill memory; Go has the same bound.
_MAX_WIDTH = 1_000_000
_SHORTEST = {"e": print_exponent, "f": print_float, "g": print_general}
_BASES = {"b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}


@dataclass(frozen=True, slots=True)
class Spec:
    """One directive: verb, flags, width and precision (None where not given)."""

    verb: str
    flags: str = ""
    width: int | None = None
    precision: int | None = None


PLAIN = Spec("v")


def sprint(values: Sequence[Any]) -> str:
    """`print`: blanks between values that are both no strings."""
    parts: list[str] = []
    for number, value in enumerate(values):
        if number and not (isinstance(value, str) or isinstance(values[number - 1], str)):
            parts.append(" ")
        parts.append(format_value(value))
    return "".join(parts)


def sprintln(values: Sequence[Any]) -> str:
    """`println`: blanks between all values, and a newline."""
    return " ".join(map(format_value, values)) + "\n"


def sprintf(form: str, values: Sequence[Any]) -> str:
    """`printf`."""
    return _Printer(values).run(form)


class _Printer:
    """One run of `printf`: which value is next."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self._next = 0
        self._is_reordered = False
        self._is_bad = False

    def run(self, form: str) -> str:
        text = _DIRECTIVE.sub(self._directive, form)
        if self._is_reordered or self._next >= len(self._values):
            return text
        extra = (
            "<nil>" if value is None else f"{type_name(value)}={format_value(value)}"
            for value in self._values[self._next :]
        )
        return f"{text}%!(EXTRA {', '.join(extra)})"

    def _directive(self, match: re.Match[str]) -> str:
        verb = match["verb"]
        if match[0] in {"%s", "%v"} and self._next < len(self._values):
            value = self._values[self._next]
            if type(value) is str:  # nearly always
                self._next += 1
                return value
        self._is_bad = False
        problems = []
        self._jump(match["index0"])
        width = self._number(match["width"])
        if match["width"] == "*" and width is None:
            problems.append("%!(BADWIDTH)")
        self._jump(match["index1"])
        precision = self._number(match["precision"]) if match["point"] else None
        if match["point"] and match["precision"] is None:
            precision = 0
        elif match["precision"] == "*" and precision is None:
            problems.append("%!(BADPREC)")
        self._jump(match["index2"])
        if verb is None:
            return "".join([*problems, "%!(NOVERB)"])
        if verb == "%":
            return "%"
        flags = match["flags"]
        if width is not None and width < 0:
            flags, width = flags + "-", -width
        return "".join([*problems, self._one(Spec(verb, flags, width, precision))])

    def _one(self, spec: Spec) -> str:
        if self._is_bad:
            return f"%!{spec.verb}(BADINDEX)"
        if self._next >= len(self._values):
            return f"%!{spec.verb}(MISSING)"
        value = self._values[self._next]
        self._next += 1
        return format_value(value, spec)

    def _jump(self, index: str | None) -> None:
        """Go on with another value, `[1]` being the first."""
        if index is not None:
            self._is_reordered = True
            number = int(index[1:-1])
            self._is_bad = not 1 <= number <= len(self._values)
            self._next = self._next if self._is_bad else number - 1

    def _number(self, text: str | None) -> int | None:
        """A width or precision; `*` takes it from the values."""
        if text != "*":
            found = int(text) if text is not None and len(text) < 9 else None
        else:
            value = self._values[self._next] if self._next < len(self._values) else None
            self._next += 1
            is_int = isinstance(value, int) and not isinstance(value, bool)
            found = int(value) if is_int and value is not None else None
        return None if found is None or abs(found) > _MAX_WIDTH else found


def format_value(value: Any, spec: Spec = PLAIN) -> str:
    """One value as a directive says; a verb that does not fit is shown as Go shows it."""
    if spec.verb == "T":
        return _padded(type_name(value), spec)
    if value is None:
        return _padded("<nil>", spec) if spec.verb == "v" else f"%!{spec.verb}(<nil>)"
    if spec.verb == "v" and "+" in spec.flags and not isinstance(value, Struct):
        # Only structs have names to show; numbers show no sign.
        spec = replace(spec, flags=spec.flags.replace("+", ""))
    if spec.verb in "vsqxX" and hasattr(value, "go_string") and not _shows_syntax(value, spec):
        return _text(value.go_string(), spec) or ""
    shown = _by_type(value, spec)
    return _bad(value, spec) if shown is None else shown


def _shows_syntax(value: Any, spec: Spec) -> bool:
    """Whether a map or list is to be shown as Go would write it."""
    return spec.verb == "v" and "#" in spec.flags and isinstance(value, dict | list)


def _bad(value: Any, spec: Spec) -> str:
    return f"%!{spec.verb}({type_name(value)}={format_value(value)})"


def _by_type(value: Any, spec: Spec) -> str | None:
    """None when the verb does not fit."""
    match value:
        case bool():
            return _padded(str(value).lower(), spec) if spec.verb in "vt" else None
        case int():
            return _integer(int(value), spec)
        case float():
            return _float(value, spec)
        case str():
            return _text(value, spec)
    return _composite(value, spec)


def _composite(value: Any, spec: Spec) -> str | None:
    """Maps, slices and structs; the verb goes to what is in them."""
    if isinstance(value, dict):
        pairs = sorted(value.items())
        inner = (f"{format_value(k, spec)}:{format_value(item, spec)}" for k, item in pairs)
        if "#" in spec.flags and spec.verb == "v":
            return f"{type_name(value)}{{{', '.join(inner)}}}"
        return f"map[{' '.join(inner)}]"
    if isinstance(value, list | tuple):
        parts = [format_value(item, spec) for item in value]
        if "#" in spec.flags and spec.verb == "v":
            return f"{type_name(value)}{{{', '.join(parts)}}}"
        return f"[{' '.join(parts)}]"
    if isinstance(value, Struct):
        named = "+" in spec.flags
        plain = replace(spec, flags=spec.flags.replace("+", "")) if named else spec
        fields = (
            (f"{name}:" if named else "") + format_value(item, plain)
            for name, item in value.go_fields.items()
        )
        return f"{'&' * value.go_type.startswith('*')}{{{' '.join(fields)}}}"
    return None


def _padded(text: str, spec: Spec) -> str:
    width = spec.width or 0
    if "-" in spec.flags:
        return text.ljust(width)
    return text.rjust(width, "0" if "0" in spec.flags else " ")


def _text(value: str, spec: Spec) -> str | None:
    value = str(value)
    cut = value if spec.precision is None else value[: spec.precision]
    match spec.verb:
        case "v" | "s":
            return _padded(quote(cut) if "#" in spec.flags and spec.verb == "v" else cut, spec)
        case "q":
            if "#" in spec.flags and "`" not in cut and "\n" not in cut:
                return _padded(f"`{cut}`", spec)
            return _padded(_ascii(quote(cut)) if "+" in spec.flags else quote(cut), spec)
        case "x" | "X":
            prefix = "0x" if "#" in spec.flags else ""
            digits = [f"{byte:02x}" for byte in cut.encode("utf-8", "surrogateescape")]
            found = f" {prefix}".join(digits) if " " in spec.flags else "".join(digits)
            found = prefix + found if found else ""
            return _padded(found if spec.verb == "x" else found.upper(), spec)
    return None


def _ascii(text: str) -> str:
    return "".join(
        char
        if char.isascii()
        else (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
        for char in text
    )


def _integer(value: int, spec: Spec) -> str | None:
    verb = spec.verb
    if verb in "vd":
        return _signed(value < 0, str(abs(value)), spec)
    if verb in _BASES:
        prefix = "0o" if verb == "O" else ""
        if "#" in spec.flags:
            prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb, prefix)
        return _signed(value < 0, format(abs(value), _BASES[verb]), spec, prefix)
    if verb not in "cqU":
        return None
    is_valid = 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000
    char = chr(value) if is_valid else "\N{REPLACEMENT CHARACTER}"
    if verb == "c":
        return _padded(char, replace(spec, flags=spec.flags.replace("0", "")))
    if verb == "q":
        inner = "\\'" if char == "'" else '"' if char == '"' else quote(char)[1:-1]
        return _padded(f"'{inner}'", spec)
    shown = f" '{char}'" if "#" in spec.flags and char.isprintable() else ""
    return _padded(f"U+{value:04X}{shown}", replace(spec, flags=spec.flags.replace("0", "")))


def _signed(is_negative: bool, digits: str, spec: Spec, prefix: str = "") -> str:  # noqa: FBT001 - private
    """A number with its sign; zeros go between the sign and the digits."""
    sign = "-" if is_negative else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
    if spec.precision is not None:
        digits = digits.rjust(spec.precision, "0")
    elif "0" in spec.flags and "-" not in spec.flags:
        digits = digits.rjust((spec.width or 0) - len(sign) - len(prefix), "0")
    return _padded(sign + prefix + digits, replace(spec, flags=spec.flags.replace("0", "")))


def _float(value: float, spec: Spec) -> str | None:
    verb = "g" if spec.verb == "v" else spec.verb
    if verb in "xX" and math.isfinite(value):
        return _padded(_hexadecimal(value, upper=verb == "X"), spec)
    if verb not in "eEfFgGxX":
        return None
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        shown = print_general(value)
        if value != value and "+" in spec.flags:  # noqa: PLR0124 - NaN
            shown = "+" + shown
        return _padded(shown, replace(spec, flags=spec.flags.replace("0", "")))
    digits = format_float(abs(value), verb, spec.precision)
    is_negative = str(value).startswith("-")
    return _signed(is_negative, digits, replace(spec, precision=None))


def _hexadecimal(value: float, *, upper: bool) -> str:
    mantissa, _, exponent = value.hex().partition("p")
    digits = mantissa.rstrip("0").removesuffix(".") if "." in mantissa else mantissa
    text = f"{digits}p{int(exponent):+03d}"
    return text.upper() if upper else text


def format_float(value: float, verb: str, precision: int | None = None) -> str:
    """A number as `%e`, `%f` or `%g` prints it; without a precision `%g` is as short as can be."""
    lower = verb.lower()
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return print_general(value)
    if precision is None and lower == "g":
        shortest: Callable[[float], str] = _SHORTEST["g"]
        text = shortest(value)
    else:
        text = f"{value:.{6 if precision is None else precision}{lower}}"
    return text.upper() if verb.isupper() else text
