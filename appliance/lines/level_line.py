"""The level that one log line tells, as Loki 3 finds it (pkg/distributor/field_detection.go).

A JSON object tells it in a string under one of some keys, at most two objects deep; a logfmt line
in the value of such a key; anything else, and what these leave open, by the first level's name
that stands in the line as a word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNKNOWN = "unknown"
#: Names of levels in any case, and what they are called.
NAMES: Mapping[bytes, str] = {
    b"trace": "trace",
    b"trc": "trace",
    b"debug": "debug",
    b"dbg": "debug",
    b"info": "info",
    b"inf": "info",
    b"information": "info",
    b"warn": "warn",
    b"wrn": "warn",
    b"warning": "warn",
    b"error": "error",
    b"err": "error",
    b"critical": "critical",
    b"fatal": "fatal",
}
#: Keys and labels that hold a level, the most telling first.
FIELDS = (
    "level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText",
    "lvl", "LVL", "Lvl", "severity_text", "Severity_Text", "SEVERITY_TEXT",
)  # fmt: skip
_RANK: dict[bytes, int] = {}
for _rank, _name in enumerate(FIELDS):
    _RANK.setdefault(_name.lower().encode(), _rank)
#: Words that are looked for in a line.
WORDS = (b"trace", b"debug", b"fatal", b"critical", b"error", b"err", b"warning", b"warn", b"info")
#: What may stand before such a word, and behind it: `misc:error` is none, `error: no file` is.
BEFORE_WORD, BEHIND_WORD = b' \t\n[({"=', b' \t\n[](){}:,!"='
_DEEPEST = 2
_PAIR = re.compile(rb'([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)', re.DOTALL)
_JSON_STRING = re.compile(rb'"([A-Za-z_.]+)"\s*:\s*"((?:[^"\\]|\\.)*)"')


def normal_level(text: str) -> str:
    """A level by its usual name; what is none stays as it is."""
    return NAMES.get(text.encode().lower(), text)


def level_of_severity(text: str) -> str:
    """The level of an OTLP severity number."""
    try:
        number = int(text)
    except ValueError:
        return "info"
    names = ("trace", "debug", "info", "warn", "error", "fatal")
    if number == 0 or number > 4 * len(names):
        return UNKNOWN
    return names[max(0, number - 1) // 4]


def level_of_line(line: bytes) -> str:
    """The level of a line."""
    found = None
    trimmed = line.strip()
    if trimmed[:1] == b"{" and trimmed[-1:] == b"}":
        found = _in_json(trimmed)
    elif b"=" in line:
        found = _in_logfmt(line)
    known = None if found is None else NAMES.get(found.lower())
    return known or level_of_text(line)


def level_of_text(line: bytes) -> str:
    """The level whose name stands in a line as a word, the first of them."""
    low = line.lower()
    found = [(at, NAMES[word]) for word in WORDS if (at := _place_of(word, low)) >= 0]
    return min(found)[1] if found else UNKNOWN


def _place_of(word: bytes, low: bytes) -> int:
    """Where a word stands on its own; -1: nowhere."""
    at = low.find(word)
    while at >= 0:
        end = at + len(word)
        # An empty slice, at either end of the line, is in everything.
        if low[max(0, at - 1) : at] in BEFORE_WORD and low[end : end + 1] in BEHIND_WORD:
            return at
        at = low.find(word, end)
    return -1


def _in_json(line: bytes) -> bytes | None:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        for match in _JSON_STRING.finditer(line):
            if match[1].decode() in FIELDS:
                return match[2]
        return None
    return next(_strings(document, 1), None)


def _strings(document: Any, depth: int) -> Iterator[bytes]:
    """Strings under the keys of interest, in the order of the text."""
    for key, value in document.items():
        if isinstance(value, str) and key in FIELDS:
            yield value.encode()
        elif isinstance(value, dict) and depth < _DEEPEST:
            yield from _strings(value, depth + 1)


def _in_logfmt(line: bytes) -> bytes | None:
    best, rank = None, len(FIELDS)
    for match in _PAIR.finditer(line):
        found = _RANK.get(match[1].lower(), rank)
        if found < rank:
            best, rank = match[2].strip(b'"'), found
    return best
