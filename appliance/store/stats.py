"""What a signal's store says about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Figures of one signal.

    Attributes:
        received_total: Items (samples, entries, spans) appended since the start.
        active: Series, streams or services known.
        disk_bytes: Bytes of the database file, write-ahead log included.
        head_items: Items not yet in a sealed block.
        blocks: Sealed blocks.
        last_received_ms: Clock time of the last append, None before the first.
        tenants: Tenants that have sent something.
    """

    received_total: int
    active: int
    disk_bytes: int
    head_items: int
    blocks: int
    last_received_ms: int | None
    tenants: tuple[str, ...] = ()
