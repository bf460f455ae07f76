"""Which label names and values of a tenant have the most series."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from appliance.model.cardinality import Cardinality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.store.label_index import LabelIndex

_NAME = "__name__"


def count(
    index: LabelIndex, *, limit: int, chunks: int, window: tuple[int, int] | None
) -> Cardinality:
    """Figures of one tenant.

    Args:
        limit: Entries of each ranking.
        window: Oldest and newest sample; None without any.
    """
    series_by_name: list[tuple[str, int]] = []
    values_by_label, bytes_by_label, pairs = [], [], []
    label_pairs = 0
    for name, sizes in index.sizes():
        values_by_label.append((name, len(sizes)))
        label_pairs += len(sizes)
        used = sum(len(value.encode()) * size for value, size in sizes)
        bytes_by_label.append((name, used))
        pairs += [(f"{name}={value}", size) for value, size in _top(sizes, limit)]
        if name == _NAME:
            series_by_name = _top(sizes, limit)
    min_ms, max_ms = window if window is not None else (None, None)
    return Cardinality(
        len(index),
        label_pairs,
        chunks,
        min_ms,
        max_ms,
        series_by_name,
        _top(values_by_label, limit),
        _top(bytes_by_label, limit),
        _top(pairs, limit),
    )


def _top(items: Iterable[tuple[str, int]], limit: int) -> list[tuple[str, int]]:
    """The largest, in descending order; equal ones by name."""
    return heapq.nsmallest(limit, items, key=lambda item: (-item[1], item[0]))
