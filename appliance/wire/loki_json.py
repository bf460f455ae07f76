"""Answers of Loki's HTTP API as JSON.

Structured metadata and parsed labels are merged into a stream's labels, so that one stream may come
back as several; categorized, they stay apart and each entry has a third element. Sample values
are printed as Prometheus' common library does: shortest decimals, times included.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from appliance.model.value import Matrix, QueryResult, Scalar, Streams, StringValue, Vector
from appliance.wire.api_json import metric, single
from appliance.wire.loki_stats import QueryStats, stats_document
from appliance.wire.numbers import print_float, print_floats
from appliance.wire.remote.labels import show_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata
    from appliance.model.value import Stream

#: A flag of `X-Loki-Response-Encoding-Flags`.
CATEGORIZE = "categorize-labels"
_NO_STATS = QueryStats()
_PIECE_POINTS = 50_000
_MEMO_SIZE = 100_000
_SECOND = 10**9


def result(
    query: QueryResult, stats: QueryStats = _NO_STATS, *, flags: Sequence[str] = ()
) -> bytes:
    """The answer to a query of either kind.

    Args:
        flags: Of `X-Loki-Response-Encoding-Flags`; with `categorize-labels` labels stay apart.
    """
    return b"".join(result_parts(query, stats, flags=flags))


def result_parts(
    query: QueryResult, stats: QueryStats = _NO_STATS, *, flags: Sequence[str] = ()
) -> Iterator[bytes]:
    """The same in pieces, so that a large answer is never whole in memory."""
    warnings = query.annotations.warnings
    remarks = b',"warnings":' + orjson.dumps(warnings) if warnings else b""
    shown = b',"encodingFlags":' + orjson.dumps(flags) if flags else b""
    yield b'{"status":"success"' + remarks + b',"data":{"resultType":"'
    match query.value:
        case Streams(streams):
            yield b'streams"' + shown + b',"result":' + _streams(streams, flags)
        case Vector() as vector:
            yield b'vector"' + shown + b',"result":' + _vector(vector)
        case Matrix() as matrix:
            yield b'matrix"' + shown + b',"result":'
            yield from _matrix_parts(matrix)
        case Scalar(timestamp_ms, value):
            yield b'scalar"' + shown + b',"result":' + single(timestamp_ms, print_float(value))
        case StringValue(timestamp_ms, text):
            yield b'string"' + shown + b',"result":' + single(timestamp_ms, text)
    yield b',"stats":' + orjson.dumps(stats_document(stats)) + b"}}\n"


def strings(names: Sequence[str]) -> bytes:
    """The answer to `labels` and `label/<name>/values`; without any there is no `data`."""
    if not names:
        return b'{"status":"success"}\n'
    return b'{"status":"success","data":' + orjson.dumps(names) + b"}\n"


def series(found: Iterable[Labels]) -> bytes:
    """The answer to `series`."""
    return b'{"status":"success","data":[' + b",".join(map(metric, found)) + b"]}\n"


def tail(
    streams: Sequence[Stream],
    dropped: Sequence[tuple[int, Labels]] = (),
    *,
    flags: Sequence[str] = (),
) -> bytes:
    """A message of `tail`.

    Args:
        dropped: Time and stream of entries that the client was too slow for.
    """
    body = b'{"streams":' + _streams(streams, flags)
    if dropped:
        entries = [
            {"timestamp": str(time_ns), "labels": dict(labels)} for time_ns, labels in dropped
        ]
        body += b',"dropped_entries":' + orjson.dumps(entries)
    if flags:
        body += b',"encodingFlags":' + orjson.dumps(flags)
    return body + b"}"


def legacy_result(query: QueryResult, stats: QueryStats = _NO_STATS) -> bytes:
    """The answer to `/api/prom/query`: streams only, with labels as text."""
    streams = query.value.streams if isinstance(query.value, Streams) else ()
    document = {"streams": _legacy_streams(streams), "stats": stats_document(stats)}
    return orjson.dumps(document) + b"\n"


def legacy_strings(names: Sequence[str]) -> bytes:
    """The answer to `/api/prom/label…`."""
    return orjson.dumps({"values": names} if names else {}) + b"\n"


def legacy_tail(streams: Sequence[Stream], dropped: Sequence[tuple[int, Labels]] = ()) -> bytes:
    """A message of `/api/prom/tail`."""
    document: dict[str, object] = {"streams": _legacy_streams(streams)}
    if dropped:
        document["dropped_entries"] = [
            {"timestamp": _rfc3339(time_ns), "labels": show_labels(labels)}
            for time_ns, labels in dropped
        ]
    return orjson.dumps(document)


# -- streams


def merged(stream: Stream) -> list[tuple[dict[str, str], list[tuple[int, str]]]]:
    """A stream's entries by all their labels: (labels sorted by name, (time, line)…)."""
    groups: dict[tuple[Metadata, Metadata], list[tuple[int, str]]] = {}
    for time_ns, line, metadata, parsed in stream.entries:
        key = metadata, parsed
        if key in groups:
            groups[key].append((time_ns, line))
        else:
            groups[key] = [(time_ns, line)]
    return [
        (_joined(stream.labels, metadata, parsed), entries)
        for (metadata, parsed), entries in groups.items()
    ]


def _joined(labels: Labels, metadata: Metadata, parsed: Metadata) -> dict[str, str]:
    if not metadata and not parsed:
        return dict(labels)
    return dict(sorted((*labels, *metadata, *parsed)))


def _streams(streams: Sequence[Stream], flags: Sequence[str]) -> bytes:
    if CATEGORIZE in flags:
        found: list[dict[str, object]] = [
            {
                "stream": dict(stream.labels),
                "values": [
                    (str(time_ns), line, _categories(metadata, parsed))
                    for time_ns, line, metadata, parsed in stream.entries
                ],
            }
            for stream in streams
        ]
    else:
        found = [
            {"stream": labels, "values": [(str(time_ns), line) for time_ns, line in entries]}
            for stream in streams
            for labels, entries in merged(stream)
        ]
    return orjson.dumps(found)


def _categories(metadata: Metadata, parsed: Metadata) -> Mapping[str, Mapping[str, str]]:
    found = {}
    if metadata:
        found["structuredMetadata"] = dict(metadata)
    if parsed:
        found["parsed"] = dict(parsed)
    return found


def _legacy_streams(streams: Sequence[Stream]) -> list[dict[str, object]]:
    return [
        {
            "labels": show_labels(labels.items()),
            "entries": [{"ts": _rfc3339(time_ns), "line": line} for time_ns, line in entries],
        }
        for stream in streams
        for labels, entries in merged(stream)
    ]


def _rfc3339(time_ns: int) -> str:
    """A time as Go prints it, without trailing zeros."""
    seconds, rest = divmod(time_ns, _SECOND)
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


# -- samples


def _vector(vector: Vector) -> bytes:
    time = _print_time(vector.timestamp_ms)
    items = [
        b'{"metric":' + metric(labels) + b',"value":[' + time + b',"' + value + b'"]}'
        for labels, value in zip(vector.labels, print_floats(vector.values), strict=True)
    ]
    return b"[" + b",".join(items) + b"]"


def _matrix_parts(matrix: Matrix) -> Iterator[bytes]:
    memo: dict[int, bytes] = {}
    pieces: list[bytes] = []
    points = 0
    separator = b"["
    for labels, timestamps_ms, values in matrix.series:
        pieces += [
            separator,
            b'{"metric":',
            metric(labels),
            b',"values":[',
            _points(timestamps_ms, values, memo),
            b"]}",
        ]
        separator = b","
        points += len(values)
        if points >= _PIECE_POINTS:
            yield b"".join(pieces)
            pieces.clear()
            points = 0
    yield b"".join(pieces) + (b"]" if matrix.series else b"[]")


def _points(
    timestamps_ms: NDArray[np.int64], values: NDArray[np.float64], memo: dict[int, bytes]
) -> bytes:
    if not len(values):
        return b""
    times = timestamps_ms.tolist()
    if len(memo) > _MEMO_SIZE:
        memo.clear()
    memo.update((time, _print_time(time)) for time in times if time not in memo)
    pairs = zip(times, print_floats(values), strict=True)
    return b"[" + b'"],['.join([memo[time] + b',"' + value for time, value in pairs]) + b'"]'


def _print_time(time_ms: int) -> bytes:
    return print_float(time_ms / 1000).encode()
