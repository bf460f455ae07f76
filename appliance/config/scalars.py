"""Kinds of single values: how the text of a YAML scalar becomes a value of the wanted type."""

from __future__ import annotations

import re
from enum import Enum
from typing import Protocol, Self, TypeVar, runtime_checkable
from urllib.parse import urlsplit

from appliance.base.duration import parse_duration, print_duration
from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.config.secret import Secret

E = TypeVar("E", bound=Enum)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGTPE]?)(i?)B?", re.IGNORECASE)
_PREFIXES = " KMGTPE"
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@runtime_checkable
class TextScalar(Protocol):
    """A type whose values are written as one piece of text in a file."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The value.

        Raises:
            BadInput: The text does not stand for one.
        """
        ...


class Duration(int):
    """A span of time in milliseconds, written as `15s` or `1h30m`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Milliseconds of a Prometheus duration."""
        return cls(parse_duration(text))

    @property
    def seconds(self) -> float:
        """The same span in seconds."""
        return self / 1000

    def __str__(self) -> str:
        return print_duration(int(self))


class GoDuration(Duration):
    """A span of time as Go reads it, such as `1.5h` or `1h2m0.5s`, in whole milliseconds."""

    __slots__ = ()
    _PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")
    _UNITS_MS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6}  # noqa: RUF012 - read only

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Milliseconds of a Go duration; days and weeks, as Loki also takes them, are accepted."""
        parts = cls._PART.findall(text)
        if text and "".join(number + unit for number, unit in parts) == text:
            return cls(round(sum(float(number) * cls._UNITS_MS[unit] for number, unit in parts)))
        return cls(parse_duration(text))


class GoTimeout(GoDuration):
    """A span of time as Go itself reads it: no days, and a unit unless it is 0."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Milliseconds of a Go duration."""
        if text != "0" and not re.fullmatch(rf"(?:{cls._PART.pattern})+", text):
            message = f"time: invalid duration {text!r}; write for example 10s, 1m30s or 1.5h"
            raise BadInput(message)
        return super().from_text(text)


class ByteSize(int):
    """A number of bytes, such as `64MB`, `20GiB` or `1024`; KB is 1,024 as in Prometheus."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The number of bytes."""
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            raise BadInput(f"not a size: {text!r}; write for example 512KB, 64MB or 20GB")
        power = _PREFIXES.index(match[2].upper() or " ")
        return cls(round(float(match[1]) * 1024**power))


class SizeWithUnit(ByteSize):
    """A number of bytes written with its unit, as Prometheus wants it; `0` means none."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The number of bytes."""
        if text != "0" and text.strip().isdecimal():
            raise BadInput(f"{text!r} has no unit; write {text}B, or use KB, MB or GB")
        return super().from_text(text)


class Uint(int):
    """A whole number that is not negative."""

    __slots__ = ()


class Regex(str):
    """A regular expression in RE2 syntax, checked."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The expression, unchanged."""
        Pattern(text)
        return cls(text)


class Utf8Name(str):
    """A label name of Prometheus 3: any text but the empty one."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The name."""
        if not text:
            raise BadInput('"" is not a valid label name')
        return cls(text)


class LabelName(str):
    """A label name in the classic alphabet, `[a-zA-Z_][a-zA-Z0-9_]*`."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The name."""
        if not _LABEL_NAME.fullmatch(text):
            raise BadInput(f"{text!r} is not a valid label name")
        return cls(text)


class Url(str):
    """An absolute http or https address."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The address, unchanged."""
        check_url(text)
        return cls(text)


class SecretUrl(Secret):
    """An absolute http or https address that holds a token; never shown."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> SecretUrl:
        """The address."""
        check_url(text, secret=True)
        return cls(text)


def check_url(text: str, *, secret: bool = False) -> None:
    """Refuse what is not an absolute http or https address.

    Raises:
        BadInput: It is not; the address is not quoted when it is secret.
    """
    shown = "<secret>" if secret else repr(text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise BadInput(f"not an address: {shown}") from error
    if parts.scheme not in {"http", "https"}:
        scheme = "" if secret else f" {parts.scheme!r}"
        raise BadInput(f"unsupported scheme{scheme} for URL {shown}; write http://… or https://…")
    if not parts.hostname:
        raise BadInput(f"missing host for URL {shown}; write for example http://host:port/path")


def parse_int(text: str) -> int:
    """An integer as YAML 1.1 writes it, with `_`, `0x`, `0o`, `0b` and leading `0` for octal.

    Raises:
        BadInput: Not an integer.
    """
    if not _INT.fullmatch(text):
        raise BadInput(f"not an integer: {text!r}")
    plain = text.replace("_", "")
    sign, digits = (plain[0], plain[1:]) if plain[0] in "+-" else ("", plain)
    try:
        base = 8 if len(digits) > 1 and digits[0] == "0" and digits.isdigit() else 0
        return int(sign + digits, base)
    except ValueError as error:
        raise BadInput(f"not an integer: {text!r}") from error


def parse_uint(text: str) -> Uint:
    """An integer that is not negative.

    Raises:
        BadInput: Not one.
    """
    number = parse_int(text)
    if number < 0:
        raise BadInput(f"{text} is negative; write 0 or more")
    return Uint(number)


def parse_float(text: str) -> float:
    """A number as YAML 1.1 writes it, with `.inf` and `.nan`.

    Raises:
        BadInput: Not a number.
    """
    if _INT.fullmatch(text):
        return float(parse_int(text))
    lower = text.lower().replace("_", "")
    if lower.lstrip("+-") in {".inf", ".nan"}:
        lower = lower.replace(".", "")
    try:
        return float(lower)
    except ValueError as error:
        raise BadInput(f"not a number: {text!r}") from error


def parse_bool(text: str) -> bool:
    """A truth value that YAML 1.1 has recognised as one."""
    return text.lower() in {"true", "yes", "on", "y"}


def parse_choice(choices: type[E], text: str) -> E:
    """The member of an enumeration with this value.

    Raises:
        BadInput: There is none; the message lists what there is.
    """
    for member in choices:
        if str(member.value) == text:
            return member
    names = ", ".join(str(member.value) for member in choices)
    raise BadInput(f"unknown value {text!r}; one of {names}")
