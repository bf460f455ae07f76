"""What the entries of a query hold: structured metadata and the fields of their lines, with types.

As Loki has it (pkg/querier/queryrange, detected fields): a line is tried as JSON, then as logfmt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes, parse_go_duration
from appliance.lines.label_name import nested_name
from appliance.logql.ast import Json, Logfmt, Pipeline
from appliance.logql.log_query import streams_of
from appliance.logql.rows import ERROR, ERROR_DETAILS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from appliance.logql.request import Request
    from appliance.model.log import Metadata
    from appliance.model.sources import Guard, LogSource

_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)", re.IGNORECASE
)
_BOOLEANS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_MAX_INT = 2**63
_QUANTITIES = (("duration", parse_go_duration), ("bytes", parse_bytes))
_HIDDEN = {ERROR, ERROR_DETAILS, "__preserve_error__"}


@dataclass(slots=True)
class DetectedField:
    """One name and what was found under it.

    Attributes:
        kind: int, float, boolean, duration, bytes or string, going by the last value.
        values: Distinct, in the order in which they were met.
        parsers: What found it in lines; empty for structured metadata.
        path: Keys that lead to it, when it was found in JSON.
    """

    kind: str = "string"
    values: dict[str, None] = field(default_factory=dict)
    parsers: list[str] = field(default_factory=list)
    path: tuple[str, ...] = ()


def detect_fields(
    query: Pipeline, source: LogSource, request: Request, guard: Guard, *, limit: int
) -> dict[str, DetectedField]:
    """Fields of the newest entries of a query, by name.

    Args:
        request: `request.limit` entries are looked at.
        limit: How many fields.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found = _Found(limit)
    read = _Reader(query, source, request, guard)
    failed: set[tuple[int, str]] = set()
    for time_ns, line, metadata, parsed in read(Json()):
        found.add(metadata, None, {})
        if any(name == ERROR for name, _ in parsed):
            failed.add((time_ns, line))
        else:
            found.add(parsed, "json", paths_of(line))
    if failed:
        for time_ns, line, _, parsed in read(Logfmt()):
            if (time_ns, line) in failed:
                found.add(parsed, "logfmt", {})
    return found.fields


class _Reader:
    """Reads the same entries with different parsers at the end of the query."""

    def __init__(self, query: Pipeline, source: LogSource, request: Request, guard: Guard) -> None:
        self._query = query
        self._run: Callable[[Pipeline], Any] = lambda pipeline: streams_of(
            pipeline, source, request, guard
        )

    def __call__(self, parser: Json | Logfmt) -> Iterator[tuple[int, str, Metadata, Metadata]]:
        pipeline = replace(self._query, stages=(*self._query.stages, parser))
        for stream in self._run(pipeline).streams:
            yield from stream.entries


class _Found:
    """Fields as they are met, up to a number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.fields: dict[str, DetectedField] = {}

    def add(
        self, pairs: Metadata, parser: str | None, paths: Mapping[str, tuple[str, ...]]
    ) -> None:
        for name, value in pairs:
            if name in _HIDDEN:
                continue
            known = self.fields.get(name)
            if known is None:
                if len(self.fields) >= self._limit:
                    continue
                known = self.fields[name] = DetectedField()
            known.kind = kind_of(value)
            known.values[value] = None
            if parser is not None and parser not in known.parsers:
                known.parsers.append(parser)
            known.path = known.path or paths.get(name, ())


def paths_of(line: str) -> dict[str, tuple[str, ...]]:
    """Keys that lead to each field of a JSON line, by the name that the field gets."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    pending: list[tuple[Any, str, tuple[str, ...]]] = [(document, "", ())]
    while pending:
        value, prefix, path = pending.pop()
        if isinstance(value, dict):
            for key, child in value.items():
                pending.append((child, nested_name(prefix, key), (*path, key)))
        elif prefix:
            found[prefix] = path
            found[f"{prefix}_extracted"] = path
    return found


def kind_of(value: str) -> str:
    """The type of a value."""
    if _INTEGER.fullmatch(value) and -_MAX_INT <= int(value[:25]) < _MAX_INT:
        return "int"
    if _FLOAT.fullmatch(value):
        return "float"
    if value in _BOOLEANS:
        return "boolean"
    for kind, parse in _QUANTITIES:
        try:
            parse(value)
        except BadInput:
            continue
        return kind
    return "string"
