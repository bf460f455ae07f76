"""What the metric store is made of, as its upkeep needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.base.clock import Clock
    from appliance.store.database import Database
    from appliance.store.metrics.blocks.series_sets import SeriesSets
    from appliance.store.metrics.head.head import Head
    from appliance.store.metrics.options import MetricStoreOptions
    from appliance.store.metrics.reading.block_reader import BlockReader
    from appliance.store.metrics.records.tables import Records
    from appliance.store.metrics.writing.usage import SeriesUsage
    from appliance.store.registry import Registry


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """All of one file."""

    database: Database
    head: Head
    sets: SeriesSets
    registry: Registry
    usage: SeriesUsage
    records: Records
    blocks: BlockReader
    options: MetricStoreOptions
    clock: Clock
