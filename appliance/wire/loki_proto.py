"""Answers of Loki's HTTP API as protobuf: `queryrange.QueryResponse` (pkg/querier/queryrange).

A client gets it with `Accept: application/vnd.google.protobuf`. Messages are put together by hand:
the samples of a series have the layout of remote write.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.model.value import Matrix, QueryResult, Scalar, Streams, Vector
from appliance.wire.loki_json import CATEGORIZE, merged
from appliance.wire.loki_stats import QueryStats, encode_stats
from appliance.wire.remote.encode import encode_labels, encode_samples, sized, varint
from appliance.wire.remote.labels import show_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import Metadata
    from appliance.model.value import Stream

_SECOND = 10**9
_NO_STATS = QueryStats()
_SUCCESS = sized(0x0A, b"success")
#: Fields of QueryResponse: its status, which is OK, and the kinds of answers.
_OK = sized(0x0A, b"")
_SERIES, _LABELS, _STATS, _PROM, _STREAMS = 0x12, 0x1A, 0x22, 0x2A, 0x32
_VERSION_1 = b"\x18\x01"


def result(
    query: QueryResult,
    stats: QueryStats = _NO_STATS,
    *,
    flags: Sequence[str] = (),
    is_backward: bool = True,
    limit: int = 0,
) -> bytes:
    """The answer to a query of either kind.

    Args:
        flags: As in `loki_json.result`.
        is_backward, limit: What was asked for; a LokiResponse repeats it.

    Raises:
        TypeError: A kind of result that Loki does not have.
    """
    warnings = [text.encode() for text in query.annotations.warnings]
    if isinstance(query.value, Streams):
        streams = _streams(query.value.streams, flags)
        data = sized(0x0A, b"streams") + b"".join(sized(0x12, stream) for stream in streams)
        body = b"".join(
            [
                _SUCCESS + sized(0x12, data),
                b"\x28" + varint(int(is_backward)) + b"\x30" + varint(limit) + b"\x38\x01",
                sized(0x42, encode_stats(stats)),
                *(sized(0x52, text) for text in warnings),
            ]
        )
        return _OK + sized(_STREAMS, body)
    answer = _SUCCESS + sized(0x12, _samples(query))
    answer += b"".join(sized(0x32, text) for text in warnings)
    return _OK + sized(_PROM, sized(0x0A, answer) + sized(0x12, encode_stats(stats)))


def strings(names: Sequence[str]) -> bytes:
    """The answer to `labels` and `label/<name>/values`."""
    data = b"".join(sized(0x12, name.encode()) for name in names)
    return _OK + sized(_LABELS, _SUCCESS + data + _VERSION_1)


def series(found: Iterable[Labels]) -> bytes:
    """The answer to `series`."""
    data = b"".join(sized(0x12, encode_labels(labels)) for labels in found)
    return _OK + sized(_SERIES, _SUCCESS + data + _VERSION_1)


def index_stats(counts: Iterable[int]) -> bytes:
    """The answer to `index/stats`: streams, chunks, bytes and entries."""
    body = b"".join(varint(n << 3) + varint(count) for n, count in enumerate(counts, 1))
    return _OK + sized(_STATS, sized(0x0A, body))


def _samples(query: QueryResult) -> bytes:
    """PrometheusData."""
    value = query.value
    if isinstance(value, Matrix):
        rows = [_row(labels, times, values) for labels, times, values in value.series]
        return sized(0x0A, b"matrix") + b"".join(rows)
    if isinstance(value, Vector):
        times = np.full(len(value.values), value.timestamp_ms, dtype=np.int64)
        rows = [
            _row(labels, times[n : n + 1], value.values[n : n + 1])
            for n, labels in enumerate(value.labels)
        ]
        return sized(0x0A, b"vector") + b"".join(rows)
    if isinstance(value, Scalar):
        times = np.array([value.timestamp_ms], dtype=np.int64)
        return sized(0x0A, b"scalar") + _row(Labels(), times, np.array([value.value]))
    raise TypeError(f"{type(value).__name__} is no result of a metric query")


def _row(labels: Labels, times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """A SampleStream."""
    return sized(0x12, encode_labels(labels) + encode_samples(times, values))


def _streams(streams: Sequence[Stream], flags: Sequence[str]) -> Iterator[bytes]:
    """StreamAdapters: by all labels, or by those of the stream."""
    for stream in streams:
        if CATEGORIZE in flags:
            entries = b"".join(
                _entry(time_ns, line, _pairs(0x1A, metadata) + _pairs(0x22, parsed))
                for time_ns, line, metadata, parsed in stream.entries
            )
            yield sized(0x0A, show_labels(stream.labels).encode()) + entries
            continue
        for labels, found in merged(stream):
            entries = b"".join(_entry(time_ns, line, b"") for time_ns, line in found)
            yield sized(0x0A, show_labels(labels.items()).encode()) + entries


def _entry(time_ns: int, line: str, more: bytes) -> bytes:
    seconds, rest = divmod(time_ns, _SECOND)
    time = b"\x08" + varint(seconds) + (b"\x10" + varint(rest) if rest else b"")
    return sized(0x12, sized(0x0A, time) + sized(0x12, line.encode()) + more)


@functools.lru_cache(maxsize=1024)
def _pairs(tag: int, pairs: Metadata) -> bytes:
    return b"".join(
        sized(tag, sized(0x0A, name.encode()) + sized(0x12, value.encode()))
        for name, value in pairs
    )
