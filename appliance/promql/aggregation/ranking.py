"""topk and bottomk (promql/engine.go, aggregationK).

Where the k-th value is not tied, the choice is made for all steps at once. Where it is, Prometheus'
choice depends on how its heap happens to be laid out; that heap is then built as there
(Go's container/heap), so that the same series come out for the same order of input.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.annotations import info_histogram_ignored
from appliance.promql.frame import Frame
from appliance.promql.go_format import general

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.promql.aggregation.input import Input

#: The bounds of what Prometheus takes for an int64.
_LARGEST = 9223372036854774784
_LEAST = -9223372036854775808
#: Go sorts up to so many elements by insertion, which keeps the order of equal ones.
_INSERTION = 12

#: A value to order by (negated for bottomk, so that the largest is wanted) and its row.
_Entry = tuple[float, int]


def topk(data: Input) -> Frame:
    """The k largest of each group."""
    return _ranked(data, 1.0)


def bottomk(data: Input) -> Frame:
    """The k least of each group."""
    return _ranked(data, -1.0)


def counts_of(parameters: NDArray[np.float64], rows: int) -> NDArray[np.int64] | None:
    """int64[step]: k of topk, bottomk and limitk, 0 to `rows`; None when it is never positive.

    Raises:
        QueryFailed: A parameter is NaN or does not fit.
    """
    greatest, least = float(np.max(parameters)), float(np.min(parameters))
    if greatest < 1:
        return None
    if math.isnan(greatest):
        raise QueryFailed("Parameter value is NaN")
    if least <= _LEAST:
        raise QueryFailed(f"Scalar value {general(least)} underflows int64")
    if greatest >= _LARGEST:
        raise QueryFailed(f"Scalar value {general(greatest)} overflows int64")
    return np.clip(parameters, 0, rows).astype(np.int64)


def _ranked(data: Input, sign: float) -> Frame:
    frame = data.frame
    counts = counts_of(data.parameters, len(frame.labels))
    if counts is None:
        return Frame.empty(len(data.parameters))
    wanted = counts > 0
    if (frame.is_histogram & wanted).any():
        info_histogram_ignored(data.context.remarks, data.expr.position, data.expr.op)
    present = frame.is_float & wanted
    keys = frame.values * sign
    if len(counts) == 1:
        return _ordered(data, keys[:, 0], (present[:, 0], int(counts[0])))
    kept = np.zeros_like(present)
    for group in range(data.groups.count):
        data.context.guard.check()
        members = data.groups.members(group)
        kept[members] = _chosen(keys[members], present[members], counts)
    return replace(frame, present=kept, histograms=None).pruned()


def _ordered(data: Input, keys: NDArray[np.float64], more: tuple[NDArray[np.bool_], int]) -> Frame:
    """At a single step: the chosen of each group, best first."""
    present, count = more
    rows: list[int] = []
    for group in range(data.groups.count):
        members = data.groups.members(group)
        members = members[present[members]]
        entries = list(zip(keys[members].tolist(), members.tolist(), strict=True))
        rows.extend(row for _, row in _best_first(_heap(entries, count)))
    found = data.frame.take(np.array(rows, dtype=np.intp))
    return replace(found, histograms=None)


def _chosen(
    keys: NDArray[np.float64], present: NDArray[np.bool_], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """bool[row, step]: which rows of a group are among the best."""
    there = np.count_nonzero(present, axis=0)
    if (there <= counts).all():
        return present
    # By step in one piece each; NaN is the least of all values.
    columns = np.where(present & ~np.isnan(keys), keys, -np.inf).T.copy()
    threshold = _thresholds(columns, np.minimum(counts, len(keys)))
    kept: NDArray[np.bool_] = present & (columns >= threshold[:, np.newaxis]).T
    tied = np.flatnonzero(np.count_nonzero(kept, axis=0) > counts)
    for step in tied.tolist():
        rows = np.flatnonzero(present[:, step])
        entries = list(zip(keys[rows, step].tolist(), rows.tolist(), strict=True))
        kept[:, step] = False
        kept[[row for _, row in _heap(entries, int(counts[step]))], step] = True
    return kept


def _thresholds(columns: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64[step]: the k-th largest value of each step; columns: float64[step, row]."""
    size = columns.shape[1]
    places = size - np.maximum(counts, 1)
    wanted = np.unique(places)
    ordered = np.partition(columns, wanted, axis=1)
    found: NDArray[np.float64] = ordered[np.arange(len(columns)), places]
    return found


def _heap(entries: Sequence[_Entry], count: int) -> list[_Entry]:
    """Prometheus' heap of the `count` largest, the least of them first."""
    heap: list[_Entry] = []
    if count < 1:
        return heap
    for entry in entries[:count]:
        heap.append(entry)
        _sift_up(heap)
    if len(entries) <= count:
        return heap
    least = heap[0][0]
    for entry in entries[count:]:
        if entry[0] > least or (least != least and entry[0] == entry[0]):  # noqa: PLR0124 - NaN
            heap[0] = entry
            _sift_down(heap)
            least = heap[0][0]
    return heap


def _less(one: float, other: float) -> bool:
    return one != one or one < other  # noqa: PLR0124 - NaN is the least


def _sift_up(heap: list[_Entry]) -> None:
    place = len(heap) - 1
    while place:
        parent = (place - 1) // 2
        if not _less(heap[place][0], heap[parent][0]):
            return
        heap[place], heap[parent] = heap[parent], heap[place]
        place = parent


def _sift_down(heap: list[_Entry]) -> None:
    place, size = 0, len(heap)
    while (child := 2 * place + 1) < size:
        if child + 1 < size and _less(heap[child + 1][0], heap[child][0]):
            child += 1
        if not _less(heap[child][0], heap[place][0]):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


def _best_first(heap: list[_Entry]) -> list[_Entry]:
    """A heap sorted as Go's sort.Sort does with few elements; equal ones keep their order."""
    if len(heap) > _INSERTION or not any(key != key for key, _ in heap):  # noqa: PLR0124
        return sorted(heap, key=lambda entry: (entry[0] != entry[0], -entry[0]))
    found = list(heap)
    for end in range(1, len(found)):
        place = end
        while place and _less(found[place - 1][0], found[place][0]):
            found[place - 1], found[place] = found[place], found[place - 1]
            place -= 1
    return found
