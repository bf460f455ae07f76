"""Aggregation over series: sum, avg, min, max, count, stddev, stdvar; others go to `ranking`."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.logql.metric.frame import Frame
from appliance.logql.metric.ranking import limited, ordered
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.logql.ast import Grouping, VectorAggregation

_NAME = itemgetter(0)


def aggregate(node: VectorAggregation, frame: Frame) -> Frame:
    """What an aggregation makes of series.

    `approx_topk` is exact here.
    # Differs from Loki: there it is an estimate, has to be switched on, and has no range queries.

    Raises:
        BadInput: There is no such aggregation.
    """
    codes, groups = grouped(frame.labels, node.grouping)
    if node.op in {"topk", "bottomk", "approx_topk"}:
        count = int(node.parameter or 0)
        return limited(frame, codes, count, is_bottom=node.op == "bottomk")
    if node.op in {"sort", "sort_desc"}:
        return ordered(frame, is_descending=node.op == "sort_desc")
    if not len(frame):
        return frame
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(groups)))
    values, present = frame.values[order], frame.present[order]
    counts = np.add.reduceat(present, starts, axis=0, dtype=np.int64)
    with np.errstate(all="ignore"):
        found = _reduced(node.op, values, present, starts=starts, counts=counts)
    return Frame(groups, found, counts > 0)


def grouped(
    labels: Sequence[Labels], grouping: Grouping | None
) -> tuple[NDArray[np.int64], list[Labels]]:
    """The group of each series, int64[series], and the labels of the groups."""
    number: dict[Labels, int] = {}
    names = frozenset(grouping.labels if grouping else ())
    is_without = grouping is not None and grouping.is_without
    is_kept = names.isdisjoint if is_without else names.issuperset
    codes = []
    for one in labels:
        kept = one
        if not is_kept(map(_NAME, one)):
            kept = Labels(pair for pair in one if (pair[0] in names) != is_without)
        codes.append(number.setdefault(kept, len(number)))
    return np.array(codes, dtype=np.int64), list(number)


def _reduced(
    op: str,
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    *,
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """float64[group, step] of rows sorted by group."""
    if op == "count":
        return counts.astype(np.float64)
    if op in {"min", "max"}:
        shown = np.where(present, values, np.nan)
        extreme = np.fmin if op == "min" else np.fmax
        least: NDArray[np.float64] = extreme.reduceat(shown, starts, axis=0)
        return least
    total: NDArray[np.float64] = np.add.reduceat(np.where(present, values, 0.0), starts, axis=0)
    if op == "sum":
        return total
    if op == "avg":
        # Loki's running mean meets Inf - Inf as soon as an infinite value is not the last one.
        infinite = np.add.reduceat(np.isinf(values) & present, starts, axis=0, dtype=np.int64)
        return np.where(infinite > 1, np.nan, total / counts)
    if op not in {"stddev", "stdvar"}:
        raise BadInput(f"unsupported vector aggregation operation: {op}")
    variance = _variance(values, present, starts=starts, counts=counts)
    return np.sqrt(variance) if op == "stddev" else variance


def _variance(
    values: NDArray[np.float64],
    present: NDArray[np.bool_],
    *,
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The mean square distance from the mean: float64[group, step].

    Distances are from the group's least value first, so that equal values have none.
    """
    sizes = np.diff(starts, append=len(values))
    shown = np.where(present, values, np.nan)
    base = np.repeat(np.fmin.reduceat(shown, starts, axis=0), sizes, axis=0)
    shifted = np.where(present, values - base, 0.0)
    mean = np.repeat(np.add.reduceat(shifted, starts, axis=0) / counts, sizes, axis=0)
    distance = np.where(present, shifted - mean, 0.0)
    found: NDArray[np.float64] = np.add.reduceat(distance * distance, starts, axis=0) / counts
    return found
