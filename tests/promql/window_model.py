"""Windows of random series, and what plain Python makes of each of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from appliance.model.labels import Labels
from appliance.model.sample import SeriesGroup, filled_absent
from appliance.promql.frame import Ranges
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import Windows
from tests.random_examples import examples

Samples = list[tuple[int, float]]
#: From a window's samples, its start and its end to a value; None for none.
Naive = Callable[[Samples, int, int], float | None]
Kernel = Callable[[Windows], tuple[NDArray[np.float64], NDArray[np.bool_]]]

#: How often a kernel is tried.
few = examples(40)
PLAIN = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
COUNTERS = st.integers(0, 50).map(float)
ODD = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, 1e-300, 1e100, -1e100])


@dataclass(frozen=True)
class Case:
    """Series as {time: value}, in groups that share their times, and the steps' ranges."""

    groups: list[list[dict[int, float]]]
    ends: list[int]
    length: int

    def ranges(self) -> Ranges:
        ends = np.array(self.ends, dtype=np.int64)
        groups = [_group(members) for members in self.groups]
        return Ranges(groups, ends - self.length, ends, "", [None] * len(groups))

    def series(self) -> Iterator[dict[int, float]]:
        for members in self.groups:
            yield from members


def _group(members: list[dict[int, float]]) -> SeriesGroup:
    times = sorted({time for member in members for time in member})
    values = filled_absent((len(members), len(times)))
    for row, member in enumerate(members):
        for column, time in enumerate(times):
            if time in member:
                values[row, column] = member[time]
    labels = [Labels.of({"row": str(row)}) for row in range(len(members))]
    return SeriesGroup(labels, np.array(times, dtype=np.int64), values)


@st.composite
def cases(draw: st.DrawFn, values: st.SearchStrategy[float] = PLAIN | ODD) -> Case:
    """Groups of few and of many series, with and without gaps, some steps repeated."""
    groups = []
    for size in draw(st.lists(st.sampled_from([1, 2, 10]), min_size=1, max_size=3)):
        times = sorted(draw(st.sets(st.integers(1, 120), min_size=1, max_size=25)))
        rows = []
        for _ in range(size):
            numbers = draw(st.lists(values, min_size=len(times), max_size=len(times)))
            gaps = draw(st.sets(st.sampled_from(times))) if draw(st.booleans()) else set()
            rows.append(
                {
                    time * 1000: number
                    for time, number in zip(times, numbers, strict=True)
                    if time not in gaps
                }
            )
        groups.append(rows)
    ends = sorted(draw(st.lists(st.integers(0, 130), min_size=1, max_size=6)))
    return Case(groups, [end * 1000 for end in ends], draw(st.integers(1, 90)) * 1000)


def computed(case: Case, kernel: Kernel, reach: Reach | None = None) -> list[list[float | None]]:
    """[series][step]: what a kernel says."""
    found = case.ranges()
    shape = (sum(len(group.labels) for group in found.groups), len(case.ends))
    values, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for piece in pieces(found, reach or Reach()):
        values[piece.rows], present[piece.rows] = kernel(piece)
    return [
        [value if there else None for value, there in zip(row, marks, strict=True)]
        for row, marks in zip(values.tolist(), present.tolist(), strict=True)
    ]


def expected(
    case: Case, naive: Naive, *, wider: tuple[int, int] = (0, 0)
) -> list[list[float | None]]:
    """[series][step]: what plain Python says; wider: how far windows reach to either side."""
    return [
        [
            naive(
                [
                    (time, value)
                    for time, value in sorted(series.items())
                    if end - case.length - wider[0] < time <= end + wider[1]
                ],
                end - case.length,
                end,
            )
            for end in case.ends
        ]
        for series in case.series()
    ]


def assert_alike(
    found: list[list[float | None]], wanted: list[list[float | None]], tolerance: float = 1e-7
) -> None:
    """Compare, NaN equal to NaN."""
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert (one is None) == (other is None), (one, other)
            if one is None or other is None or (math.isnan(one) and math.isnan(other)):
                continue
            assert one == other or math.isclose(one, other, rel_tol=tolerance), (one, other)


def per_window(kernel: Callable[[Windows], NDArray[np.float64]], at_least: int = 1) -> Kernel:
    """A kernel that has a value for every window of so many samples."""
    return lambda piece: (kernel(piece), piece.counts >= at_least)


def of_values(function: Callable[[list[float]], float], at_least: int = 1) -> Naive:
    """A model that looks at values only."""

    def naive(samples: Samples, _start: int, _end: int) -> float | None:
        return function([value for _, value in samples]) if len(samples) >= at_least else None

    return naive


def kahan(values: list[float]) -> tuple[float, float]:
    """Prometheus' compensated sum: the sum and what it has lost."""
    total = rest = 0.0
    for value in values:
        new = total + value
        if math.isinf(new):
            rest = 0.0
        elif abs(total) >= abs(value):
            rest += (total - new) + value
        else:
            rest += (value - new) + total
        total = new
    return total, rest
