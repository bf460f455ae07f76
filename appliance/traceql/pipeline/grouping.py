"""by() and coalesce()."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.column import Coded
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.spansets import SpanSets, starts_of

if TYPE_CHECKING:
    from appliance.traceql.column import Column


def group(sets: SpanSets, text: str, column: Column) -> SpanSets:
    """Split each set by the values of its spans; what was first seen first comes first.

    Args:
        text: How the answer names the value.
        column: Values over spans; those that have none are a group of their own.
    """
    if not len(sets):
        return sets
    codes, values = group_codes(column, sets.rows)
    keys = sets.owners * len(values) + codes
    _, first, numbers = np.unique(keys, return_index=True, return_inverse=True)
    seen = np.argsort(first)
    ranks = np.empty(len(seen), dtype=np.int64)
    ranks[seen] = np.arange(len(seen))
    order = np.argsort(ranks[numbers], kind="stable")
    rows, owners, groups = sets.rows[order], sets.owners[order], ranks[numbers][order]
    split = sets.narrowed(rows, owners, starts=starts_of(groups))
    ids = codes[first[seen]].astype(np.int32)
    return split.with_attribute(text, Coded(ids, values))


def coalesce(sets: SpanSets) -> SpanSets:
    """One set for each trace again; nothing is said of it any more."""
    traces = np.repeat(sets.traces, sets.counts)
    order = np.lexsort((sets.rows, traces))
    starts = starts_of(traces)
    return SpanSets(sets.rows[order], np.append(starts, len(traces)), traces[starts])
