"""Answers of Loki's HTTP API.

Streams carry structured metadata merged into their labels, so that one stream may come back as
several; with `categorize` the labels stay apart and each entry has a third element. Sample values
are printed as Prometheus' common library does: shortest decimals, times included.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import orjson

from appliance.model.value import Matrix, QueryResult, Scalar, Streams, StringValue, Vector
from appliance.wire.api_json import metric, single
from appliance.wire.numbers import print_float

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.model.labels import Labels
    from appliance.model.log import Metadata
    from appliance.model.value import Stream

_CHUNKS = {
    "headChunkBytes": 0,
    "headChunkLines": 0,
    "decompressedBytes": 0,
    "decompressedLines": 0,
    "compressedBytes": 0,
    "totalDuplicates": 0,
    "postFilterLines": 0,
    "headChunkStructuredMetadataBytes": 0,
    "decompressedStructuredMetadataBytes": 0,
}
_STORE = {
    "totalChunksRef": 0,
    "totalChunksDownloaded": 0,
    "chunksDownloadTime": 0,
    "queryReferencedStructuredMetadata": False,
    "chunk": _CHUNKS,
    "chunkRefsFetchTime": 0,
    "congestionControlLatency": 0,
    "pipelineWrapperFilteredLines": 0,
}
_CACHE = {
    "entriesFound": 0,
    "entriesRequested": 0,
    "entriesStored": 0,
    "bytesReceived": 0,
    "bytesSent": 0,
    "requests": 0,
    "downloadTime": 0,
    "queryLengthServed": 0,
}
_CACHES = (
    "chunk",
    "index",
    "result",
    "statsResult",
    "volumeResult",
    "seriesResult",
    "labelResult",
    "instantMetricResult",
)
_STATS: dict[str, Any] = {
    "summary": {
        "bytesProcessedPerSecond": 0,
        "linesProcessedPerSecond": 0,
        "totalBytesProcessed": 0,
        "totalLinesProcessed": 0,
        "execTime": 0,
        "queueTime": 0,
        "subqueries": 0,
        "totalEntriesReturned": 0,
        "splits": 0,
        "shards": 0,
        "totalPostFilterLines": 0,
        "totalStructuredMetadataBytesProcessed": 0,
    },
    "querier": {"store": _STORE},
    "ingester": {
        "totalReached": 0,
        "totalChunksMatched": 0,
        "totalBatches": 0,
        "totalLinesSent": 0,
        "store": _STORE,
    },
    "cache": dict.fromkeys(_CACHES, _CACHE),
    "index": {"totalChunks": 0, "postFilterChunks": 0, "shardsDuration": 0},
}


def stats(summary: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The `stats` block of a query's answer; what is not known is zero.

    Args:
        summary: Fields of its `summary`, such as `totalLinesProcessed` and `execTime` (seconds).
    """
    block = copy.deepcopy(_STATS)
    block["summary"].update(summary or {})
    return block


def result(
    query: QueryResult,
    *,
    summary: Mapping[str, float] | None = None,
    categorize: bool = False,
) -> bytes:
    """The answer to a query of either kind.

    Args:
        query: Streams, or what a metric query returned.
        summary: As for `stats`.
        categorize: The client sent `X-Loki-Response-Encoding-Flags: categorize-labels`.
    """
    flags = b',"encodingFlags":["categorize-labels"]' if categorize else b""
    kind, encoded = _value(query, categorize=categorize)
    warnings = query.annotations.warnings
    remarks = b',"warnings":' + orjson.dumps(warnings) if warnings else b""
    return b"".join(
        [
            b'{"status":"success"' + remarks + b',"data":{"resultType":"' + kind,
            b'","result":' + encoded,
            flags,
            b',"stats":' + orjson.dumps(stats(summary)) + b"}}",
        ]
    )


def strings(names: Sequence[str]) -> bytes:
    """The answer to `labels` and `label/<name>/values`; without any there is no `data`."""
    if not names:
        return b'{"status":"success"}'
    return b'{"status":"success","data":' + orjson.dumps(names) + b"}"


def series(found: Iterable[Labels]) -> bytes:
    """The answer to `series`."""
    return b'{"status":"success","data":[' + b",".join(map(metric, found)) + b"]}"


def _value(query: QueryResult, *, categorize: bool) -> tuple[bytes, bytes]:
    match query.value:
        case Streams(streams):
            return b"streams", _streams(streams, categorize=categorize)
        case Vector(timestamp_ms, labels, values):
            samples = zip(labels, values.tolist(), strict=True)
            items = [
                b'{"metric":' + metric(one) + b',"value":' + _sample(timestamp_ms, value) + b"}"
                for one, value in samples
            ]
            return b"vector", b"[" + b",".join(items) + b"]"
        case Matrix() as matrix:
            return b"matrix", _matrix(matrix)
        case Scalar(timestamp_ms, value):
            return b"scalar", _sample(timestamp_ms, value)
        case StringValue(timestamp_ms, text):
            return b"string", single(timestamp_ms, text)


def _matrix(matrix: Matrix) -> bytes:
    items = []
    for labels, timestamps_ms, values in matrix.series:
        samples = map(_sample, timestamps_ms.tolist(), values.tolist())
        encoded = b",".join(samples)
        items.append(b'{"metric":' + metric(labels) + b',"values":[' + encoded + b"]}")
    return b"[" + b",".join(items) + b"]"


def _sample(timestamp_ms: int, value: float) -> bytes:
    return single(timestamp_ms, print_float(value))


def _streams(streams: Sequence[Stream], *, categorize: bool) -> bytes:
    if categorize:
        found = [
            {"stream": dict(stream.labels), "values": [_categorized(*e) for e in stream.entries]}
            for stream in streams
        ]
    else:
        found = [
            {"stream": labels, "values": entries}
            for stream in streams
            for labels, entries in _merged(stream)
        ]
    return orjson.dumps(found)


def _categorized(timestamp_ns: int, line: str, metadata: Metadata) -> list[object]:
    extra = {"structuredMetadata": dict(metadata)} if metadata else {}
    return [str(timestamp_ns), line, extra]


def _merged(stream: Stream) -> list[tuple[dict[str, str], list[list[str]]]]:
    """A stream's entries by their structured metadata, which joins the labels."""
    by_metadata: dict[Metadata, list[list[str]]] = {}
    for timestamp_ns, line, metadata in stream.entries:
        by_metadata.setdefault(metadata, []).append([str(timestamp_ns), line])
    labels = dict(stream.labels)
    return [(labels | dict(metadata), entries) for metadata, entries in by_metadata.items()]
