"""Sizes and limits of the log store."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.headroom import MAX_HEAD_BYTES


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How entries are kept.

    Attributes:
        chunk_bytes: Text of a stream that makes a chunk.
        max_age_seconds: A stream is sealed so long after its first unsealed entry.
        head_bytes: Memory of the head over which the largest streams are sealed.
        max_head_bytes: Memory of the head over which writes are refused.
        inbox_bytes: Bytes of inbox rows over which the streams that keep the oldest are sealed.
        cache_bytes: Decoded columns of chunks kept in memory, half of it lines.
        filter_bytes: Token filters kept in memory.
        threads: Threads that queries read chunks in; None: one per core, at most four.
        max_streams: Streams a tenant may have.
    """

    chunk_bytes: int = 1 << 20
    max_age_seconds: float = 1800.0
    head_bytes: int = 64 << 20
    max_head_bytes: int = MAX_HEAD_BYTES
    inbox_bytes: int = 64 << 20
    cache_bytes: int = 64 << 20
    filter_bytes: int = 16 << 20
    threads: int | None = None
    max_streams: int = 100_000
