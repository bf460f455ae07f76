"""Counts of values, of which the rare ones may be forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import LimitExceeded
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.metrics.compare.tally import Tally
from appliance.traceql.static import Static, Type


def texts(*values: str) -> list[Static]:
    return [Static(Type.STRING, value) for value in values]


def tally(kept: int) -> Tally:
    return Tally(2, kept, QueryGuard(QueryLimits(), ManualClock()))


def add(to: Tally, values: list[Static], codes: list[int], steps: list[int]) -> None:
    to.add(values, np.array(codes), np.array(steps), np.ones(len(codes)))


def shown(found: Tally, count: int) -> dict[object, list[float]]:
    return {value.value: counts.tolist() for value, counts in found.most_frequent(count)}


def test_counts_are_by_value_and_step() -> None:
    found = tally(10)
    add(found, texts("a", "b"), [0, 1, 0], [0, 1, 1])
    add(found, texts("b", "a", "a"), [0, 2, 1], [0, 0, 0])
    assert shown(found, 10) == {"a": [3, 1], "b": [1, 1]}
    assert found.totals.tolist() == [4, 2]


def test_the_most_frequent_are_chosen() -> None:
    found = tally(10)
    add(found, texts("a", "b", "c"), [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 0, 0])
    assert shown(found, 2) == {"b": [1, 1], "c": [3, 0]}


def test_rare_values_are_forgotten_but_stay_in_the_total() -> None:
    found = tally(2)
    for number in range(20):
        values = texts("often", f"once {number}", f"also {number}")
        add(found, values, [0, 0, 1, 2], [0, 1, 0, 1])
    assert shown(found, 1) == {"often": [20, 20]}
    assert found.totals.tolist() == [40, 40]


def test_steps_are_counted_whatever_the_values() -> None:
    limits = QueryGuard(QueryLimits(max_samples=100), ManualClock())
    for _ in range(10):
        Tally(10, 10, limits)
    with pytest.raises(LimitExceeded):
        Tally(10, 10, limits)
