"""The grammar of one line of an exposition.

    sample   = series value [timestamp] [exemplar]
    series   = name | [name] "{" [pair {"," pair} [","]] "}"
    pair     = (label | quoted) "=" quoted | quoted        (a quoted string alone is the name)
    exemplar = "# " "{" … "}" value [timestamp]            (OpenMetrics only)
    metadata = "# " ("HELP" | "TYPE" | "UNIT") " " (name | quoted) " " text

Timestamps are milliseconds in the text format, seconds with a fraction in OpenMetrics. Lines of a
family of type histogram or summary have their `le` or `quantile` normalised (`bounds`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import intern
from typing import NoReturn

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.wire.exposition.bounds import BOUND_LABELS, normalised_bound
from appliance.wire.numbers import parse_float

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_QUOTED = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
_BLANK = re.compile(r"[ \t]*")
_TOKEN = re.compile(r"[^ \t\n{]+")
_EXEMPLAR = re.compile(r"# \{")
_MILLISECONDS = re.compile(r"[+-]?[0-9]+")
_PAIR = r'[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"'
_COMMON = re.compile(
    rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{((?:{_PAIR}(?:,{_PAIR})*,?)?)\}})? ([^ \t\n{{]+)"
)
_COMMON_PAIR = re.compile(r'([^=,]+)="([^"]*)"')
_ESCAPE = re.compile(r'\\([\\n"])')
_META = re.compile(
    r'#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^ \t"]+)(?:[ \t]+(.*))?', re.DOTALL
)

_TYPES = frozenset(["counter", "gauge", "histogram", "summary"])
_TYPES_OPENMETRICS = _TYPES | {"gaugehistogram", "info", "stateset"}
_MAX_MS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ExposedExemplar:
    """An exemplar as exposed: it may have no time of its own."""

    labels: Labels
    value: float
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample line.

    Attributes:
        labels: With `__name__`.
        value: NaN is the ordinary NaN.
        timestamp_ms: As exposed, or None.
        is_plain: The line has neither timestamp nor exemplar: the series ends at its last space.
    """

    labels: Labels
    value: float
    timestamp_ms: int | None
    is_plain: bool
    exemplar: ExposedExemplar | None = None


def is_openmetrics(content_type: str) -> bool:
    """Whether a Content-Type announces OpenMetrics; anything else is read as the text format."""
    return content_type.partition(";")[0].strip().lower() == "application/openmetrics-text"


def parse_sample(line: str, *, openmetrics: bool = False, kind: str = "") -> Sample:
    """Read one sample line, without its newline.

    Args:
        line: The text.
        openmetrics: Whether it is OpenMetrics.
        kind: The type of its family; `histogram` and `summary` have bounds that are normalised.

    Raises:
        BadInput: What was expected and what was found; `position` is the column, from 0.
    """
    match = _COMMON.fullmatch(line)
    if match is None:
        return _Reader(line, openmetrics=openmetrics, kind=kind).sample()
    name, inside, value = match.groups()
    pairs = _COMMON_PAIR.findall(inside) if inside else []
    return Sample(_labels(name, pairs, kind), parse_float(value.encode()), None, is_plain=True)


def parse_exemplar(text: str) -> ExposedExemplar:
    """Read an exemplar from its opening brace to the end of the line.

    Raises:
        BadInput: What was expected and what was found.
    """
    reader = _Reader("# " + text, openmetrics=True, kind="")
    exemplar = reader.exemplar()
    if reader.at < len(reader.line):
        reader.refuse("the end of the line")
    return exemplar


def parse_metadata(line: str, *, openmetrics: bool = False) -> tuple[str, str, str] | None:
    """Read a comment.

    Returns:
        (`help`, `type` or `unit`, metric name, text), or None for any other comment.

    Raises:
        BadInput: A type nobody knows; in OpenMetrics also a comment that is not metadata.
    """
    match = _META.fullmatch(line)
    if match is None:
        if openmetrics:
            raise BadInput(f"expected HELP, TYPE, UNIT or EOF after #, got {line!r}")
        return None
    kind, name, text = match[1].lower(), match[2], match[3] or ""
    if name.startswith('"'):
        name = _unescaped(name[1:-1])
    elif _NAME.fullmatch(name) is None:
        raise BadInput(f"{name!r} is not a metric name; quote it if it is meant to be one")
    if kind == "type":
        text = _metric_type(text.strip(" \t"), openmetrics=openmetrics)
    elif kind == "help":
        text = _unescaped(text) if openmetrics else _help_text(text)
    elif openmetrics and text and not name.endswith("_" + text):
        raise BadInput(f"unit {text!r} not a suffix of metric {name!r}")
    return kind, name, text


def _metric_type(text: str, *, openmetrics: bool) -> str:
    if text in (_TYPES_OPENMETRICS if openmetrics else _TYPES):
        return text
    if text == ("unknown" if openmetrics else "untyped"):
        return "unknown"
    raise BadInput(f"invalid metric type {text!r}")


def _help_text(text: str) -> str:
    return re.sub(r"\\([\\n])", lambda match: "\n" if match[1] == "n" else "\\", text)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _labels(name: str, pairs: list[tuple[str, str]], kind: str) -> Labels:
    """Labels of a series; strings are interned, since targets repeat each other's."""
    if kind in BOUND_LABELS:
        bound = BOUND_LABELS[kind]
        pairs = [(one, normalised_bound(text) if one == bound else text) for one, text in pairs]
    found = {intern(label): intern(value) for label, value in pairs}
    if len(found) < len(pairs) or "__name__" in found:
        names = [*(label for label, _ in pairs), "__name__"]
        twice = next(one for one in names if names.count(one) > 1)
        raise BadInput(f"label name {twice!r} is not unique")
    found["__name__"] = intern(name)
    return Labels.of(found)


class _Reader:
    """One pass over one line."""

    def __init__(self, line: str, *, openmetrics: bool, kind: str) -> None:
        self.line = line
        self.openmetrics = openmetrics
        self.kind = kind
        self.at = 0

    def sample(self) -> Sample:
        labels = self.series()
        self.blank()
        start = self.at
        value = self.number(self.take(_TOKEN, "a value"))
        self.blank()
        timestamp_ms = None
        if self.at < len(self.line) and self.line[self.at] != "#":
            timestamp_ms = self.timestamp()
            self.blank()
        exemplar = None
        if self.openmetrics and self.line.startswith("# {", self.at):
            exemplar = self.exemplar()
        if self.at < len(self.line):
            self.refuse("the end of the line")
        is_plain = timestamp_ms is None and exemplar is None and self.line[start - 1] == " "
        is_plain = is_plain and not self.line.endswith((" ", "\t"))
        return Sample(labels, value, timestamp_ms, is_plain, exemplar)

    def series(self) -> Labels:
        match = _NAME.match(self.line)
        name = ""
        if match:
            name, self.at = match[0], match.end()
        self.blank()
        pairs: list[tuple[str, str]] = []
        if self.line.startswith("{", self.at):
            self.at += 1
            name = self.pairs(pairs, name)
        if not name:
            self.refuse("a metric name")
        return _labels(name, pairs, self.kind)

    def pairs(self, pairs: list[tuple[str, str]], name: str) -> str:
        """Read up to and including the closing brace; returns the metric's name."""
        while True:
            self.blank()
            if self.line.startswith("}", self.at):
                self.at += 1
                return name
            quoted = self.line.startswith('"', self.at)
            label = self.quoted() if quoted else self.take(_LABEL, "a label name or }")
            self.blank()
            if self.line.startswith("=", self.at):
                self.at += 1
                self.blank()
                pairs.append((label, self.quoted()))
            elif quoted and not name:
                name = label
            else:
                self.refuse("=")
            self.blank()
            if self.line.startswith(",", self.at):
                self.at += 1
            elif not self.line.startswith("}", self.at):
                self.refuse(", or }")

    def timestamp(self) -> int:
        at = self.at
        text = self.take(_TOKEN, "a timestamp")
        if self.openmetrics:
            seconds = self.number(text)
            if not abs(seconds) < _MAX_MS / 1000:  # NaN is refused as well
                raise BadInput(f"invalid timestamp {text!r}", position=at)
            return int(seconds * 1000)
        if _MILLISECONDS.fullmatch(text) is None or len(text) > 20 or abs(int(text)) > _MAX_MS:
            raise BadInput(f"expected a timestamp in milliseconds, got {text!r}", position=at)
        return int(text)

    def exemplar(self) -> ExposedExemplar:
        self.take(_EXEMPLAR, "the exemplar's labels")
        pairs: list[tuple[str, str]] = []
        self.pairs(pairs, "exemplar")
        self.blank()
        value = self.number(self.take(_TOKEN, "the exemplar's value"))
        self.blank()
        timestamp_ms = self.timestamp() if self.at < len(self.line) else None
        return ExposedExemplar(Labels.of(pairs), value, timestamp_ms)

    def number(self, text: str) -> float:
        try:
            return parse_float(text.encode())
        except BadInput as error:
            raise BadInput(error.message, position=self.at) from error

    def quoted(self) -> str:
        return _unescaped(self.take(_QUOTED, "a quoted string")[1:-1])

    def take(self, pattern: re.Pattern[str], expected: str) -> str:
        match = pattern.match(self.line, self.at)
        if match is None:
            self.refuse(expected)
        self.at = match.end()
        return match[0]

    def blank(self) -> None:
        match = _BLANK.match(self.line, self.at)
        if match:
            self.at = match.end()

    def refuse(self, expected: str) -> NoReturn:
        rest = self.line[self.at : self.at + 20]
        found = repr(rest) if rest else "the end of the line"
        raise BadInput(f"expected {expected}, got {found}", position=self.at)
