"""Which fields the newest entries of a query have, and their most frequent values.

A line is tried as JSON, then as logfmt, unless the query parses lines itself: then its own fields
count. The entries are read once, and the parsers see no others. Names are those that LogQL's
parsers give, so that a filter can be written with them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from appliance.logql.ast import Json, Logfmt, Pattern, Pipeline, Regexp, Unpack
from appliance.logql.detected import kind_of
from appliance.logql.engine import evaluate
from appliance.logql.request import Request
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.model.log import LogChunk, MetadataColumn, PlainLines
from appliance.model.value import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata
    from appliance.model.sources import Guard, LogSource
    from appliance.model.value import Stream

    #: Labels, line, structured metadata and parsed fields of an entry.
    _Entry = tuple[Labels, str, Metadata, Metadata]

#: So many of a field's values are told, and so many fields.
TOP_VALUES, MOST_FIELDS = 10, 80
#: Values that are told apart per field; more are only counted as one more.
_MOST_DISTINCT = 5000
_LONGEST_VALUE = 500
_HIDDEN = frozenset({ERROR, ERROR_DETAILS, "__preserve_error__", "trace_id_in_line"})
_ORDER = ("label", "metadata", "parsed")
#: Of lines that are no JSON so large a share must have a name for it to be one: prose has `=` too.
_LEAST_SHARE = 0.01
_FOR_EVER_NS = 2**63 - 1
_Made = TypeVar("_Made")


@dataclass(slots=True)
class Field:
    """A name and what was found under it.

    Attributes:
        origin: `label` of a stream, structured `metadata`, or `parsed` out of the line.
        parser: What finds it in lines, `json` or `logfmt`; empty when the query itself does.
        lines: Entries that have it.
    """

    name: str
    origin: str
    parser: str = ""
    lines: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, value: str) -> None:
        """Count an entry."""
        self.lines += 1
        if value in self.values or len(self.values) < _MOST_DISTINCT:
            self.values[value] += 1

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        top = self.values.most_common(TOP_VALUES)
        return {
            "name": self.name,
            "origin": self.origin,
            "parser": self.parser,
            "type": kind_of(top[0][0]) if top else "string",
            "lines": self.lines,
            "cardinality": len(self.values),
            "values": [[value[:_LONGEST_VALUE], count] for value, count in top],
        }


@dataclass(slots=True)
class Fields:
    """What was found in so many entries."""

    lines: int = 0
    by_name: dict[tuple[str, str], Field] = field(default_factory=dict)

    def add(self, pairs: Iterable[tuple[str, str]], origin: str, parser: str = "") -> None:
        """Count the fields of an entry."""
        for name, value in pairs:
            if name in _HIDDEN:
                continue
            known = self.by_name.get((name, origin))
            if known is None:
                known = self.by_name[name, origin] = Field(name, origin, parser)
            known.add(value)

    def as_json(self) -> dict[str, Any]:
        """Labels first, then metadata, then fields of lines; the most frequent of each first."""
        found = sorted(
            self.by_name.values(), key=lambda one: (_ORDER.index(one.origin), -one.lines, one.name)
        )
        return {"lines": self.lines, "fields": [one.as_json() for one in found[:MOST_FIELDS]]}


def find_fields(query: Pipeline, source: LogSource, request: Request, guard: Guard) -> Fields:
    """Fields of the first entries of a query.

    Args:
        request: `request.limit` entries are looked at.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found = Fields()
    if any(isinstance(stage, Json | Logfmt | Pattern | Regexp | Unpack) for stage in query.stages):
        for labels, _, metadata, parsed in _entries(query, source, request, guard):
            found.lines += 1
            found.add(labels, "label")
            found.add(metadata, "metadata")
            found.add(parsed, "parsed")
        return found
    value = evaluate(query, source, request, guard).value
    streams = value.streams if isinstance(value, Streams) else ()
    others: set[str] = set()
    for stream in streams:
        for _, _, _, made in stream.entries:
            found.add(made, "parsed")
    for labels, line, metadata, parsed in _parsed(streams, query, Json(), guard):
        found.lines += 1
        found.add(labels, "label")
        found.add(metadata, "metadata")
        if any(name == ERROR for name, _ in parsed):
            if "=" in line:
                others.add(line)
        else:
            found.add(parsed, "parsed", "json")
    if others:
        _add_logfmt(found, others, _parsed(streams, query, Logfmt(), guard, only=others))
    return found


def _parsed(
    streams: Sequence[Stream],
    query: Pipeline,
    parser: Json | Logfmt,
    guard: Guard,
    *,
    only: Collection[str] | None = None,
) -> Iterable[_Entry]:
    """Entries that were found, read by a parser; `only` has the lines that count, None: all."""
    chunks = [chunk for stream in streams if (chunk := _chunk(stream, only)) is not None]
    entries = sum(map(len, chunks))
    request = Request(0, _FOR_EVER_NS, limit=entries)
    query = replace(query, stages=(parser,))
    return _entries(query, cast("LogSource", _Taken(chunks)), request, guard)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Entries in memory, as far as log queries need a source."""

    chunks: Sequence[LogChunk]

    def scan(
        self, *_: object, work: Callable[[LogChunk], _Made], **_others: object
    ) -> Iterator[_Made]:
        yield from map(work, self.chunks)


def _chunk(stream: Stream, only: Collection[str] | None) -> LogChunk | None:
    """A stream's entries by time, labels of the query's own stages with their metadata."""
    rows = [
        (at, line, metadata)
        for at, line, metadata, _ in stream.entries
        if only is None or line in only
    ]
    if not rows:
        return None
    times, lines, metadata = zip(*sorted(rows, key=itemgetter(0)), strict=True)
    column = MetadataColumn.of(metadata)
    text = PlainLines.of([line.encode() for line in lines])
    return LogChunk(stream.labels, np.array(times, np.int64), text, column.distinct, column.ids)


def _add_logfmt(found: Fields, lines: set[str], entries: Iterable[_Entry]) -> None:
    """Count the fields of lines that are no JSON."""
    fields, known = Fields(), {name for name, _ in found.by_name}
    for _, line, _, parsed in entries:
        if line in lines:
            fields.add(parsed, "parsed", "logfmt")
    least = max(2, _LEAST_SHARE * found.lines)
    for key, one in fields.by_name.items():
        if one.lines >= least and one.name not in known:
            found.by_name[key] = one


def _entries(
    query: Pipeline, source: LogSource, request: Request, guard: Guard
) -> Iterable[_Entry]:
    """Labels, line, metadata and parsed fields of the entries."""
    value = evaluate(query, source, request, guard).value
    if isinstance(value, Streams):
        for stream in value.streams:
            for _, line, metadata, parsed in stream.entries:
                yield stream.labels, line, metadata, parsed
