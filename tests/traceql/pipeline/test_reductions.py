"""Sums, averages and extremes of values of all types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from appliance.traceql.ast import AggregateOp
from appliance.traceql.column import Coded, Column
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.pipeline.reductions import Entries, reduce_numbers, reduce_statics
from appliance.traceql.static import NIL, Static, Type

N, F, D, S = Type.INT, Type.FLOAT, Type.DURATION, Type.STRING


def entries_of(sets: list[list[Any]]) -> Entries:
    sizes = [len(values) for values in sets]
    owners = np.repeat(np.arange(len(sets)), sizes)
    present = np.array([value is not None for values in sets for value in values])
    return Entries(np.cumsum([0, *sizes[:-1]]), owners, present)


def listed(column: Column, count: int) -> list[Static]:
    return statics_of(column, np.arange(count))


@pytest.mark.parametrize(
    ("op", "kind", "sets", "expected"),
    [
        ("sum", N, [[1, 2], [None, -5]], [(N, 3), (N, -5)]),
        ("avg", N, [[1, 2], [-5, None], [-1, -2]], [(F, 1.5), (F, -5.0), (F, -1.5)]),
        (
            "min",
            N,
            [[3, None, -2], [2**63 - 1], [-(2**63)]],
            [(N, -2), (N, 2**63 - 1), (N, -(2**63))],
        ),
        ("max", N, [[3, None, -2], [-(2**63)]], [(N, 3), (N, -(2**63))]),
        ("sum", F, [[0.1, 0.2, 0.3], [1e300]], [(F, 0.1 + 0.2 + 0.3), (F, 1e300)]),
        ("avg", F, [[1.0, None, 2.0]], [(F, 1.5)]),
        ("max", F, [[-1.5, None], [2.5, 1.0]], [(F, -1.5), (F, 2.5)]),
        ("avg", D, [[10, 5], [-3, -4]], [(D, 7), (D, -3)]),
        ("sum", D, [[10, 5]], [(D, 15)]),
    ],
)
def test_numbers_of_one_type(
    op: str, kind: Type, sets: list[list[Any]], expected: list[tuple[Type, Any]]
) -> None:
    plain = [value or 0 for values in sets for value in values]
    values = np.array(plain, np.float64 if kind is F else np.int64)
    found = reduce_numbers(AggregateOp(op), kind, values, entries_of(sets))
    assert listed(found, len(sets)) == [Static(*one) for one in expected]


@pytest.mark.parametrize(
    ("op", "sets", "expected"),
    [
        # The first value's type is the sum's; the average counts the others, too.
        ("sum", [[(N, 2), (F, 3.5), (N, 4)], [(F, 3.5), (N, 2)]], [(N, 6), (F, 3.5)]),
        ("avg", [[(N, 2), (F, 3.5)], [(F, 3.5), (N, 2)]], [(F, 1.0), (F, 1.75)]),
        ("avg", [[(D, 9), (N, 1)], [(D, -9), (N, 1)]], [(D, 4), (D, -4)]),
        ("sum", [[None, (S, "a"), (N, 1)], [(N, 1)]], [(S, "a"), (N, 1)]),
        ("max", [[(N, 2), (F, 3.5), (N, 3)], [(F, -1.0)]], [(F, 3.5), (F, -1.0)]),
        ("min", [[(N, 2), None, (F, 3.5)], [(F, 0.5), (N, 1)]], [(N, 2), (F, 0.5)]),
        ("max", [[(N, 2), (S, "b"), (S, "a")]], [(S, "b")]),
        ("sum", [[(N, 1), (N, 1), None]], [(N, 2)]),
    ],
)
def test_values_of_several_types(
    op: str, sets: list[list[Any]], expected: list[tuple[Type, Any]]
) -> None:
    statics = [NIL if one is None else Static(*one) for values in sets for one in values]
    codes = np.arange(len(statics))
    found = reduce_statics(AggregateOp(op), codes, statics, entries_of(sets))
    assert listed(found, len(sets)) == [Static(*one) for one in expected]


def test_equal_values_share_a_code() -> None:
    codes = np.array([0, 1, 0, 0])
    statics = [Static(N, 1), Static(F, 0.5)]
    found = reduce_statics(AggregateOp.SUM, codes, statics, entries_of([[1, 1, 1, 1]]))
    assert isinstance(found, Coded)
    assert listed(found, 1) == [Static(N, 3)]
