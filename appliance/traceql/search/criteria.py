"""Find traces by what one of their spans is like; all conditions are array comparisons."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import AttributeValue, Dictionary, SpanColumns

_STATUS_ERROR = 2
#: Span kinds as Jaeger and Tempo spell them, by OTLP number.
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True, slots=True)
class SpanCriteria:
    """What a span has to be like; None and empty mean any.

    Attributes:
        tags: Attribute values as text, looked up in the span's and the resource's attributes;
            `error`, `span.kind` and `otel.status_code` are looked up in the span's own fields.
        min_duration_ns, max_duration_ns: Both included.
    """

    service: str | None = None
    operation: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace in a list.

    Attributes:
        root_service, root_name: Of the span without a parent; of the first span when none is here.
        duration_ns: From the first start to the last end.
        errors: Spans whose status is an error.
    """

    trace_id: bytes
    root_service: str
    root_name: str
    start_ns: int
    duration_ns: int
    spans: int
    errors: int


def find_traces(
    source: SpanSource,
    criteria: SpanCriteria,
    start_ns: int,
    end_ns: int,
    *,
    limit: int,
    guard: Guard,
) -> list[bytes]:
    """Ids of traces with a matching span that starts in [start_ns, end_ns), newest first.

    Reads no further than it has to: blocks come newest first, after the head.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    newest: dict[bytes, int] = {}
    for number, columns in enumerate(source.scan(start_ns, end_ns, guard)):
        guard.check()
        starts = columns.numbers("start_ns")
        if number and len(newest) >= limit:
            last = heapq.nlargest(limit, newest.values())[-1]
            if last >= starts.max(initial=last):
                break
        rows = np.flatnonzero(
            matching(columns, criteria) & (starts >= start_ns) & (starts < end_ns)
        )
        for trace_id, start in _latest(columns, rows, limit):
            newest[trace_id] = max(newest.get(trace_id, start), start)
    ordered = sorted(newest, key=lambda trace_id: newest[trace_id], reverse=True)
    return ordered[:limit]


def matching(columns: SpanColumns, criteria: SpanCriteria) -> NDArray[np.bool_]:
    """Which spans satisfy the criteria: bool[span]."""
    mask = np.ones(columns.count, dtype=bool)
    if criteria.service is not None:
        mask &= _equal(columns.services(), criteria.service)
    if criteria.operation is not None:
        mask &= _equal(columns.names(), criteria.operation)
    if criteria.min_duration_ns is not None:
        mask &= columns.numbers("duration_ns") >= criteria.min_duration_ns
    if criteria.max_duration_ns is not None:
        mask &= columns.numbers("duration_ns") <= criteria.max_duration_ns
    for key, value in criteria.tags.items():
        mask &= _has_tag(columns, key, value)
    return mask


def summarize(
    source: SpanSource, start_ns: int, end_ns: int, *, limit: int, guard: Guard
) -> list[TraceSummary]:
    """The newest traces that start in [start_ns, end_ns); each as far as one block shows it."""
    found: dict[bytes, TraceSummary] = {}
    for columns in source.scan(start_ns, end_ns, guard):
        guard.check()
        starts = columns.numbers("start_ns")
        rows = np.flatnonzero((starts >= start_ns) & (starts < end_ns))
        wanted = [trace_id for trace_id, _ in _latest(columns, rows, limit)]
        for summary in _summaries(columns, wanted):
            known = found.get(summary.trace_id)
            if known is None or summary.spans > known.spans:
                found[summary.trace_id] = summary
        if len(found) >= limit:
            break
    return sorted(found.values(), key=lambda item: item.start_ns, reverse=True)[:limit]


def _summaries(columns: SpanColumns, trace_ids: list[bytes]) -> Iterator[TraceSummary]:
    keys = _keys(columns)
    starts, durations = columns.numbers("start_ns"), columns.numbers("duration_ns")
    parents, statuses = columns.numbers("parent_id"), columns.numbers("status")
    names, services = columns.names(), columns.services()
    for trace_id in trace_ids:
        key = np.frombuffer(trace_id, dtype="V16")[0]
        rows = np.flatnonzero(keys == key)
        roots = rows[parents[rows] == 0]
        root = int(roots[0]) if len(roots) else int(rows[np.argmin(starts[rows])])
        begin = int(starts[rows].min())
        yield TraceSummary(
            trace_id,
            str(services.values[services.ids[root]]) if services.ids[root] >= 0 else "",
            str(names.values[names.ids[root]]),
            begin,
            int((starts[rows] + durations[rows]).max()) - begin,
            len(rows),
            int((statuses[rows] == _STATUS_ERROR).sum()),
        )


def _latest(columns: SpanColumns, rows: NDArray[np.int64], limit: int) -> list[tuple[bytes, int]]:
    """Trace ids of some rows with their newest start, the newest `limit` of them."""
    starts = columns.numbers("start_ns")[rows]
    order = np.argsort(-starts, kind="stable")
    ids = columns.trace_ids()
    found: dict[bytes, int] = {}
    for row, start in zip(rows[order].tolist(), starts[order].tolist(), strict=True):
        found.setdefault(ids[row].tobytes(), start)
        if len(found) >= limit:
            break
    return list(found.items())


def _keys(columns: SpanColumns) -> NDArray[np.void]:
    """Trace ids as comparable items: V16[span]."""
    ids = np.ascontiguousarray(columns.trace_ids())
    keys: NDArray[np.void] = ids.view("V16").reshape(columns.count)
    return keys


def _equal(column: Dictionary, wanted: str) -> NDArray[np.bool_]:
    ids = [number for number, value in enumerate(column.values) if _text(value) == wanted]
    if len(ids) == 1:
        mask: NDArray[np.bool_] = column.ids == ids[0]
        return mask
    return np.isin(column.ids, ids)


def _has_tag(columns: SpanColumns, key: str, value: str) -> NDArray[np.bool_]:
    mask = np.zeros(columns.count, dtype=bool)
    for scope in ("span", "resource"):
        column = columns.attribute(scope, key)
        if column is not None:
            mask |= _equal(column, value)
    statuses = columns.numbers("status")
    if key == "error" and value in {"true", "false"}:
        mask |= (statuses == _STATUS_ERROR) == (value == "true")
    elif key == "otel.status_code" and value in {"OK", "ERROR"}:
        mask |= statuses == (1 if value == "OK" else _STATUS_ERROR)
    elif key == "span.kind" and value in KINDS:
        mask |= columns.numbers("kind") == KINDS.index(value)
    return mask


def _text(value: AttributeValue) -> str:
    """An attribute's value as tags spell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
