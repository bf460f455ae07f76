"""Groups by several fields."""

from __future__ import annotations

import numpy as np

from appliance.traceql.metrics.groups import Coding, Values, grouped
from appliance.traceql.static import NIL, TRUE, Static, Type


def coding(codes: list[int], size: int) -> Coding:
    values = [Static(Type.INT, value) for value in range(size)]
    return Coding(np.array(codes, dtype=np.int64), values)


def test_without_fields_all_spans_are_one_group() -> None:
    groups = grouped([], 3)
    assert (groups.count, groups.codes.tolist()) == (1, [0, 0, 0])
    assert grouped([], 0).count == 0


def test_groups_are_what_occurs_together() -> None:
    groups = grouped([coding([3, 1, 3, 1], 5), coding([0, 2, 0, 1], 3)], 4)
    found = [tuple(int(part[code]) for part in groups.parts) for code in groups.codes.tolist()]
    assert found == [(3, 0), (1, 2), (3, 0), (1, 1)]
    assert groups.count == 3


def test_fields_with_many_values_cost_no_more_than_spans() -> None:
    many = np.arange(50_000, dtype=np.int64)
    values = [Static(Type.INT, value) for value in many.tolist()]
    groups = grouped([Coding(many, values), Coding(many[::-1].copy(), values)], len(many))
    assert groups.count == len(many)
    assert [int(part[groups.codes[7]]) for part in groups.parts] == [7, 49_992]


def test_values_are_numbered_once_and_by_type() -> None:
    values = Values()
    one, other, flag = Static(Type.INT, 1), Static(Type.FLOAT, 1.0), TRUE
    assert values.numbers([one, other, flag, one]).tolist() == [0, 1, 2, 0]
    assert values.numbers([other, NIL]).tolist() == [1, 3]
    assert values.statics == [one, other, flag, NIL]


def test_values_that_are_not_wanted_are_not_remembered() -> None:
    values = Values()
    one, other = Static(Type.INT, 1), Static(Type.INT, 2)
    values.numbers([one])
    assert values.numbers([other, one], only_known=True).tolist() == [-1, 0]
    assert values.statics == [one]
