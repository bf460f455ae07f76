"""Loki's label text `{a="b", c="d"}`, the rules for stream labels, and `service_name`."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import orjson

from appliance.base.errors import BadInput
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_SERVICE = "unknown_service"
#: Streams with one of these are Loki's own: counts of entries, and their patterns.
_INTERNAL_LABELS = ("__aggregated_metric__", "__pattern__")
#: Where Loki looks for a stream's service, in this order (`discover_service_name`).
SERVICE_LABELS = (
    "service",
    "app",
    "application",
    "app_name",
    "name",
    "app_kubernetes_io_name",
    "container",
    "container_name",
    "k8s_container_name",
    "component",
    "workload",
    "job",
    "k8s_job_name",
)

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_STRING = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|`[^`]*`')
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))",
    re.DOTALL,
)
_SIMPLE = dict(zip("abfnrtv\\\"'", "\a\b\f\n\r\t\v\\\"'", strict=True))


def discover_service(labels: Mapping[str, str]) -> str:
    """The service a stream belongs to, found in its other labels as Loki finds it."""
    for name in SERVICE_LABELS:
        if value := labels.get(name):
            return value
    return UNKNOWN_SERVICE


@functools.lru_cache(maxsize=16384)
def with_service_name(labels: Labels) -> Labels:
    """Labels with `service_name`, found as Loki finds it; else it is `unknown_service`.

    What Loki writes about streams itself, and may be imported from there, belongs to no service.
    """
    if labels.get("service_name") or any(map(labels.get, _INTERNAL_LABELS)):
        return labels
    return labels.extended({"service_name": discover_service(dict(labels))})


@functools.lru_cache(maxsize=16384)
def parse_labels(text: str) -> Labels:
    """Read label text; the same text gives the same object.

    Raises:
        BadInput: With Loki's words for it; `position` is where it went wrong, in characters.
    """
    try:
        labels = _parse(text)
    except BadInput as error:
        at = error.position or 0
        line = text.count("\n", 0, at) + 1
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        place = f"{line}:{column}"
        raise BadInput(
            f"couldn't parse labels: {place}: parse error: {error.message}", position=at
        ) from error
    return labels


@functools.lru_cache(maxsize=16384)
def checked_labels(pairs: tuple[tuple[str, str], ...]) -> Labels:
    """Labels from pairs, their names checked.

    Raises:
        BadInput: A name that is none, with Loki's words for it.
    """
    if all(_NAME.fullmatch(name) for name, _ in pairs):
        return Labels.of(pairs)
    return parse_labels("{" + ", ".join(f"{name}={_quoted(value)}" for name, value in pairs) + "}")


def print_labels(labels: Labels) -> str:
    """Labels as Loki shows them in its messages: `{a="b", c="d"}`."""
    return "{" + ", ".join(f"{name}={_quoted(value)}" for name, value in labels) + "}"


def _quoted(value: str) -> str:
    return orjson.dumps(value).decode()


def _parse(text: str) -> Labels:
    found: dict[str, str] = {}
    at = _expect(text, _blank(text, 0), "{")
    while not text.startswith("}", at):
        name, at = _take(text, at, _NAME, 'identifier or "}"')
        at = _expect(text, at, "=")
        value, at = _take(text, at, _STRING, "string")
        if name in found:
            raise BadInput(f"duplicate label name '{name}' in label set", position=at)
        found[name] = _unquoted(value, at)
        if text.startswith(",", at):
            at = _blank(text, at + 1)
        elif not text.startswith("}", at):
            raise _unexpected(text, at, '"," or "}"')
    at = _blank(text, at + 1)
    if at < len(text):
        raise BadInput(f"unexpected {_shown(text, at)}", position=at)
    return Labels.of(found)


def _take(text: str, at: int, pattern: re.Pattern[str], expected: str) -> tuple[str, int]:
    match = pattern.match(text, at)
    if match is None:
        raise _unexpected(text, at, expected)
    return match[0], _blank(text, match.end())


def _expect(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise _unexpected(text, at, f'"{mark}"')
    return _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _unexpected(text: str, at: int, expected: str) -> BadInput:
    found = _shown(text, at)
    return BadInput(f"unexpected {found} in label set, expected {expected}", position=at)


def _shown(text: str, at: int) -> str:
    """What is found at a position."""
    if at >= len(text):
        return "end of input"
    name = _NAME.match(text, at)
    return f'identifier "{name[0]}"' if name else f'"{text[at]}"'


def _unquoted(quoted: str, at: int) -> str:
    """The value of a Go string literal."""
    inside = quoted[1:-1]
    if quoted[0] == "`" or "\\" not in inside:
        return inside

    def replace(match: re.Match[str]) -> str:
        simple, hexadecimal, octal, short, long, _ = match.groups()
        if simple:
            return _SIMPLE[simple]
        digits = hexadecimal or short or long
        code = int(digits, 16) if digits else int(octal, 8) if octal else -1
        if not 0 <= code < 0xD800 and not 0xDFFF < code <= 0x10FFFF:
            raise BadInput(f"invalid escape {match[0]!r} in a string", position=at)
        return chr(code)

    return _ESCAPE.sub(replace, inside)
