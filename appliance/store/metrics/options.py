"""Settings of the metric store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricStoreOptions:
    """How samples are kept; the defaults suit a server with some hundred thousand series.

    Attributes:
        block_series, block_columns: Most rows and columns of a sealed block.
        span_ms: A head that covers more time, or holds data for longer, is sealed.
        head_bytes: Memory of the head; over it the largest groups are sealed early.
        max_head_bytes: Memory of the head over which writes are refused.
        loose_samples: Loose samples in the head that make their sealing due.
        cache_bytes: Blocks kept for the next query, decoded or only opened.
        series_per_tenant: Most series a tenant may have.
        max_exemplars: Most exemplars of a tenant; the oldest to come go first.
        forget_after_ms: A series without data stays known so long after it was last named.
    """

    block_series: int = 64
    block_columns: int = 480
    span_ms: int = 2 * 3600 * 1000
    head_bytes: int = 512 << 20
    max_head_bytes: int = 1536 << 20
    loose_samples: int = 4_000_000
    cache_bytes: int = 64 << 20
    series_per_tenant: int = 2_000_000
    max_exemplars: int = 100_000
    forget_after_ms: int = 15 * 60 * 1000
