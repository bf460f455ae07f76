"""Log entries that belong to a trace: by structured metadata, by stream labels, or by the line.

Entries are looked for in all streams, in the time of the trace and a little around it. Structured
metadata are read for every chunk of that time; lines only of chunks that may contain the id.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.correlate.trace_ids import is_trace_name
from appliance.lines.metadata import MetadataTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, Metadata
    from appliance.model.sources import Guard, LogSource
    from appliance.traces.window import Window

_HEX = frozenset(b"0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class LogHit:
    """An entry that belongs to the trace.

    Attributes:
        via: `metadata`, `label` or `line`.
    """

    labels: Labels
    timestamp_ns: int
    line: bytes
    metadata: Metadata
    via: str


@dataclass(frozen=True, slots=True)
class TraceLogs:
    """Entries ascending by time; `is_partial`: there are more than were asked for."""

    hits: list[LogHit]
    is_partial: bool


def logs_of_trace(
    source: LogSource, trace_id: bytes, window: Window, *, guard: Guard, limit: int
) -> TraceLogs:
    """The first `limit` entries of a trace.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    forms = id_forms(trace_id)
    plain = frozenset(forms)

    def in_fields(chunk: LogChunk) -> list[LogHit]:
        if any(is_trace_name(name) and value.lower() in plain for name, value in chunk.labels):
            return list(_hits(chunk, np.arange(min(len(chunk), limit + 1)), "label"))
        return list(_hits(chunk, _by_metadata(chunk, plain)[: limit + 1], "metadata"))

    def in_lines(chunk: LogChunk) -> list[LogHit]:
        return list(_hits(chunk, _by_line(chunk, forms)[: limit + 1], "line"))

    found: dict[tuple[Labels, int, bytes], LogHit] = {}
    start_ns, end_ns = window.start_ns, window.end_ns
    needles = {forms[-1].encode(), forms[-1].upper().encode()}
    scans = [
        source.scan((), start_ns, end_ns, guard, work=in_fields),
        *(
            source.scan((), start_ns, end_ns, guard, work=in_lines, needles=(needle,))
            for needle in needles
        ),
    ]
    for hits in _chained(scans):
        for hit in hits:
            found.setdefault((hit.labels, hit.timestamp_ns, hit.line), hit)
        if len(found) > 4 * limit:
            found = {_key(hit): hit for hit in _earliest(found.values(), limit + 1)}
    kept = _earliest(found.values(), limit)
    return TraceLogs(kept, len(found) > len(kept))


def id_forms(trace_id: bytes) -> list[str]:
    """How an id is written: 32 digits, and the 16 of a short one, which are part of the 32."""
    text = trace_id.hex()
    return [text, text[16:]] if text.startswith("0" * 16) else [text]


def _chained(scans: Iterable[Iterator[list[LogHit]]]) -> Iterator[list[LogHit]]:
    for scan in scans:
        yield from scan


def _key(hit: LogHit) -> tuple[Labels, int, bytes]:
    return hit.labels, hit.timestamp_ns, hit.line


def _earliest(hits: Iterable[LogHit], count: int) -> list[LogHit]:
    return heapq.nsmallest(count, hits, key=lambda hit: hit.timestamp_ns)


def _hits(chunk: LogChunk, rows: NDArray[np.int64], via: str) -> Iterator[LogHit]:
    for row in rows.tolist():
        yield LogHit(
            chunk.labels,
            int(chunk.timestamps_ns[row]),
            chunk.line(row),
            chunk.metadata[int(chunk.metadata_ids[row])],
            via,
        )


def _by_metadata(chunk: LogChunk, forms: frozenset[str]) -> NDArray[np.int64]:
    """Rows whose structured metadata name the trace: int64[hit], ascending."""
    table = chunk.metadata
    numbers: set[int] = set()
    if isinstance(table, MetadataTable):
        for name in filter(is_trace_name, table.names):
            column = table.column(name)
            codes = [code for code, text in enumerate(column.values) if text.lower() in forms]
            numbers.update(np.flatnonzero(np.isin(column.codes, codes)).tolist() if codes else ())
    else:
        for number, pairs in enumerate(table):
            if any(is_trace_name(name) and text.lower() in forms for name, text in pairs):
                numbers.add(number)
    if not numbers:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.isin(chunk.metadata_ids, list(numbers)))


def _by_line(chunk: LogChunk, forms: list[str]) -> NDArray[np.int64]:
    """Rows whose lines contain the id, not as a part of a longer number: int64[hit], ascending."""
    text = chunk.text
    places = [
        at
        for form in forms
        for written in {form.encode(), form.upper().encode()}
        for at in _places(text, written)
    ]
    return np.unique(chunk.lines_at(np.array(places, np.int64)))


def _places(text: bytes, written: bytes) -> Iterator[int]:
    at = text.find(written)
    while at >= 0:
        end = at + len(written)
        before = text[at - 1] if at else 0
        after = text[end] if end < len(text) else 0
        if before not in _HEX and after not in _HEX:
            yield at
        at = text.find(written, end)
