"""topk and bottomk, in order and with ties, at one step and at many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.promql.aggregation import aggregate
from appliance.promql.ast import Aggregate, NumberLiteral
from appliance.promql.frame import Frame
from tests.promql.vectors import NAN, VECTOR, cells, context, frame, frames, shown, texts


def run(op: str, vector: Frame, count: float | list[float], *grouping: str, **more: Any) -> Frame:
    """topk or the like; count: for all steps, or for each."""
    steps = vector.values.shape[1]
    param = np.full(steps, count) if isinstance(count, float | int) else np.array(count)
    expr = Aggregate(op, VECTOR, NumberLiteral(0.0), grouping)
    return aggregate(expr, vector, param.astype(np.float64), more.get("around") or context(steps))


class _Heap(list[tuple[float, Labels]]):
    """Go's container/heap, the least first; NaN is the least."""

    def less(self, one: int, other: int) -> bool:
        return math.isnan(self[one][0]) or self[one][0] < self[other][0]

    def swap(self, one: int, other: int) -> None:
        self[one], self[other] = self[other], self[one]

    def push(self, entry: tuple[float, Labels]) -> None:
        self.append(entry)
        at = len(self) - 1
        while at and self.less(at, (at - 1) // 2):
            self.swap(at, (at - 1) // 2)
            at = (at - 1) // 2

    def fix(self) -> None:
        at = 0
        while (child := 2 * at + 1) < len(self):
            child += child + 1 < len(self) and self.less(child + 1, child)
            if not self.less(child, at):
                return
            self.swap(child, at)
            at = child


def _heap_model(op: str, samples: list[tuple[Labels, float]], count: int) -> list[Labels]:
    """Prometheus' loop over the samples of a group; then its sort, by insertion."""
    heap = _Heap()
    for labels, value in samples:
        key = value if op == "topk" else -value
        if len(heap) < count:
            heap.push((key, labels))
        elif heap[0][0] < key or (math.isnan(heap[0][0]) and not math.isnan(key)):
            heap[0] = (key, labels)
            heap.fix()
    for end in range(1, len(heap)):
        at = end
        while at and heap.less(at - 1, at):
            heap.swap(at - 1, at)
            at -= 1
    return [labels for _, labels in heap]


@given(
    rows=frames(most=18),
    op=st.sampled_from(["topk", "bottomk"]),
    counts=st.lists(st.integers(-1, 5), min_size=3, max_size=3),
)
def test_the_same_series_as_with_a_heap(
    rows: list[tuple[Labels, list[Any]]], op: str, counts: list[int]
) -> None:
    if not rows:
        return
    found = dict(cells(run(op, frame(rows), [float(count) for count in counts], "a")))
    for step, count in enumerate(counts):
        groups: dict[str, list[tuple[Labels, float]]] = {}
        for labels, values in rows:
            if values[step] is not None:
                groups.setdefault(labels.get("a"), []).append((labels, values[step]))
        wanted = {
            labels
            for samples in groups.values()
            for labels in (_heap_model(op, samples, count) if count > 0 else [])
        }
        assert {labels for labels, values in found.items() if values[step] is not None} == wanted


@given(rows=frames(most=18), op=st.sampled_from(["topk", "bottomk"]), count=st.integers(1, 5))
def test_at_one_step_the_best_come_first(
    rows: list[tuple[Labels, list[Any]]], op: str, count: int
) -> None:
    samples = [(labels, values[0]) for labels, values in rows if values[0] is not None]
    if not samples:
        return
    vector = frame([(labels, values[:1]) for labels, values in rows])
    found = list(run(op, vector, float(count)).labels)
    assert found == _heap_model(op, samples, min(count, len(rows)))


def test_nan_comes_last() -> None:
    vector = frame({'m{a="1"}': [1], 'm{a="2"}': [NAN], 'm{a="3"}': [2]})
    assert list(shown(run("topk", vector, 3))) == ['m{a="3"}', 'm{a="1"}', 'm{a="2"}']
    assert list(shown(run("bottomk", vector, 3))) == ['m{a="1"}', 'm{a="3"}', 'm{a="2"}']
    assert list(shown(run("topk", vector, 9999999999))) == ['m{a="3"}', 'm{a="1"}', 'm{a="2"}']


def test_groups_come_in_the_order_of_their_first_series() -> None:
    vector = frame({'m{a="2",b="1"}': [1], 'm{a="1",b="1"}': [5], 'm{a="2",b="2"}': [9]})
    assert list(shown(run("topk", vector, 1, "a"))) == ['m{a="2",b="2"}', 'm{a="1",b="1"}']


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (NAN, "Parameter value is NaN"),
        (math.inf, "Scalar value +Inf overflows int64"),
        (1e19, "Scalar value 1e+19 overflows int64"),
        ([1.0, -1e19], "Scalar value -1e+19 underflows int64"),
    ],
)
@pytest.mark.parametrize("op", ["topk", "bottomk", "limitk"])
def test_counts_that_are_none(op: str, count: float | list[float], message: str) -> None:
    steps = len(count) if isinstance(count, list) else 1
    with pytest.raises(QueryFailed) as caught:
        run(op, frame({"m": [1] * steps}), count)
    assert str(caught.value) == message


def test_counts_below_one_give_nothing() -> None:
    around = context(1)
    vector = frame({"m": ["count:3 sum:5 buckets:[3]"], "n": [1]})
    assert not run("topk", vector, 0.9, around=around).labels
    assert not run("topk", vector, -1e30, around=around).labels
    assert texts(around) == []


def test_histograms_are_ignored_with_an_info_at_the_aggregation() -> None:
    around = context(2, text="topk(1, x)")
    vector = frame({"m": ["count:3 sum:5 buckets:[3]", 4], "n": [1, 2]})
    assert shown(run("topk", vector, 1, around=around)) == {"m{}": [None, 4.0], "n{}": [1.0, None]}
    assert texts(around) == ["PromQL info: ignored histogram in topk aggregation (1:1)"]
