"""The `stats` block of answers to Loki's queries (pkg/logqlmodel/stats): JSON and protobuf.

What this server does not have, such as ingesters and caches, is zero.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from appliance.wire.remote.encode import sized, varint


@dataclass(frozen=True, slots=True)
class QueryStats:
    """What a query cost.

    Attributes:
        exec_seconds, queue_seconds: Time of evaluation, and before it began.
        chunks, lines: What was looked at.
        text_bytes: Text and structured metadata that was read.
        metadata_bytes: Structured metadata thereof.
        post_filter_lines: Entries that passed all stages.
        entries: Entries or series returned.
    """

    exec_seconds: float = 0.0
    queue_seconds: float = 0.0
    chunks: int = 0
    lines: int = 0
    text_bytes: int = 0
    metadata_bytes: int = 0
    post_filter_lines: int = 0
    entries: int = 0

    def per_second(self, count: int) -> int:
        """A count by the time of evaluation."""
        return int(count / self.exec_seconds) if self.exec_seconds > 0 else 0


_NO_OBJECTS = dict.fromkeys(
    (
        "prePredicateDecompressedRows",
        "prePredicateDecompressedBytes",
        "prePredicateDecompressedStructuredMetadataBytes",
        "postPredicateRows",
        "postPredicateDecompressedBytes",
        "postPredicateStructuredMetadataBytes",
        "postFilterRows",
        "pagesScanned",
        "pagesDownloaded",
        "pagesDownloadedBytes",
        "pageBatches",
        "totalRowsAvailable",
        "totalPageDownloadTime",
    ),
    0,
)
_NO_CACHE = dict.fromkeys(
    (
        "entriesFound",
        "entriesRequested",
        "entriesStored",
        "bytesReceived",
        "bytesSent",
        "requests",
        "downloadTime",
        "queryLengthServed",
    ),
    0,
)
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
_INDEX = {
    "totalChunks": 0,
    "postFilterChunks": 0,
    "shardsDuration": 0,
    "usedBloomFilters": False,
    "totalStreams": 0,
    "chunkRefsLookupTime": 0,
    "bloomFilterTime": 0,
}


def stats_document(stats: QueryStats) -> dict[str, Any]:
    """The block as a JSON document."""
    return {
        "summary": {
            "bytesProcessedPerSecond": stats.per_second(stats.text_bytes),
            "linesProcessedPerSecond": stats.per_second(stats.lines),
            "totalBytesProcessed": stats.text_bytes,
            "totalLinesProcessed": stats.lines,
            "execTime": stats.exec_seconds,
            "queueTime": stats.queue_seconds,
            "subqueries": 0,
            "totalEntriesReturned": stats.entries,
            "splits": 0,
            "shards": 0,
            "totalPostFilterLines": stats.post_filter_lines,
            "totalStructuredMetadataBytesProcessed": stats.metadata_bytes,
        },
        "querier": {"store": _store(stats)},
        "ingester": {
            "totalReached": 0,
            "totalChunksMatched": 0,
            "totalBatches": 0,
            "totalLinesSent": 0,
            "store": _NO_STORE,
        },
        "cache": dict.fromkeys(_CACHES, _NO_CACHE),
        "index": _INDEX,
    }


def _store(stats: QueryStats) -> dict[str, Any]:
    return {
        "totalChunksRef": stats.chunks,
        "totalChunksDownloaded": stats.chunks,
        "chunksDownloadTime": 0,
        "queryReferencedStructuredMetadata": False,
        "queryUsedV2Engine": False,
        "chunk": {
            "headChunkBytes": 0,
            "headChunkLines": 0,
            "decompressedBytes": stats.text_bytes,
            "decompressedLines": stats.lines,
            "compressedBytes": 0,
            "totalDuplicates": 0,
            "postFilterLines": stats.post_filter_lines,
            "headChunkStructuredMetadataBytes": 0,
            "decompressedStructuredMetadataBytes": stats.metadata_bytes,
        },
        "chunkRefsFetchTime": 0,
        "congestionControlLatency": 0,
        "pipelineWrapperFilteredLines": 0,
        "dataobj": _NO_OBJECTS,
    }


_NO_STORE = _store(QueryStats())


def encode_stats(stats: QueryStats) -> bytes:
    """The block as a `stats.Result`."""
    summary = _numbers(
        {
            1: stats.per_second(stats.text_bytes),
            2: stats.per_second(stats.lines),
            3: stats.text_bytes,
            4: stats.lines,
        }
    )
    summary += b"\x29" + struct.pack("<d", stats.exec_seconds)
    summary += b"\x31" + struct.pack("<d", stats.queue_seconds)
    summary += _numbers({8: stats.entries, 11: stats.post_filter_lines, 12: stats.metadata_bytes})
    chunk = _numbers(
        {
            6: stats.text_bytes,
            7: stats.lines,
            10: stats.post_filter_lines,
            12: stats.metadata_bytes,
        }
    )
    store = _numbers({1: stats.chunks, 2: stats.chunks}) + sized(0x22, chunk)
    return sized(0x0A, summary) + sized(0x12, sized(0x0A, store))


def _numbers(fields: dict[int, int]) -> bytes:
    return b"".join(varint(number << 3) + varint(value) for number, value in fields.items())
