"""Which label names and values have the most series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Cardinality:
    """Figures of one tenant's series (Prometheus' /api/v1/status/tsdb).

    Attributes:
        chunks: Blocks and groups of the head.
        min_ms, max_ms: Oldest and newest sample; None without any.
        series_by_name: Metric names by number of series.
        values_by_label: Label names by number of distinct values.
        bytes_by_label: Label names by bytes of their values over all series.
        series_by_pair: `name=value` by number of series.
    """

    series: int
    label_pairs: int
    chunks: int
    min_ms: int | None
    max_ms: int | None
    series_by_name: Sequence[tuple[str, int]]
    values_by_label: Sequence[tuple[str, int]]
    bytes_by_label: Sequence[tuple[str, int]]
    series_by_pair: Sequence[tuple[str, int]]
