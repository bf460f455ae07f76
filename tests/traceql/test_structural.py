"""Structural operators."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.traceql.ast import SpansetOp
from appliance.traceql.block import Block
from appliance.traceql.structural import Forest, Side, relate, union
from tests.spans import PlainColumns, PlainSpan

#: Row by row: a root with two branches, a second root, an orphan and its child.
#:   0 ─ 1 ─ 2 ─ 3     4 below 0     5 a root     6 an orphan ─ 7
_PARENTS = [0, 1, 2, 3, 1, 0, 99, 7]


def forest(*, is_split: bool = False) -> Forest:
    spans = [
        PlainSpan(1, number + 1, parent=parent, start_ns=number)
        for number, parent in enumerate(_PARENTS)
    ]
    return Forest(Block(PlainColumns(spans)), is_split)


def side(*rows: int, units: list[int] | None = None) -> Side:
    return Side(np.array(rows, np.int64), np.array(units or [0] * len(rows), np.int64))


EVERY = tuple(range(8))


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        ((0,), ">", EVERY, [1, 4]),
        (EVERY, ">", EVERY, [1, 2, 3, 4]),
        ((1, 4), "<", EVERY, [0]),
        ((3,), "<", (0, 1), []),
        ((0,), ">>", EVERY, [1, 2, 3, 4]),
        ((1,), ">>", EVERY, [2, 3]),
        (EVERY, ">>", EVERY, [1, 2, 3, 4]),
        ((3,), "<<", EVERY, [0, 1, 2]),
        ((2, 5), "<<", EVERY, [0, 1]),
        ((1,), "~", EVERY, [4]),
        ((1, 4), "~", (1,), [1]),
        ((1,), "~", (1,), []),
        ((0,), "~", EVERY, [5]),  # roots are siblings
        ((6,), ">", EVERY, []),  # no root reaches it
        ((7,), "<<", EVERY, []),
        ((6, 7), "~", EVERY, []),
        ((0,), "!>", EVERY, [0, 2, 3, 5, 6, 7]),
        ((), "!>", (1, 2), [1, 2]),
        ((1,), "!<", (0, 4), [4]),
        ((0,), "!>>", EVERY, [0, 5, 6, 7]),
        ((3,), "!<<", (0, 1, 5, 7), [5, 7]),
        ((1,), "!~", (1, 4, 5), [1, 5]),
        ((0, 2), "&>", (1, 4, 5), [0, 1, 4]),
        ((3, 4), "&<", (0, 1), [0, 4]),
        ((0, 4, 5), "&>>", (2, 3), [0, 2, 3]),
        ((2, 4), "&<<", (0, 5), [0, 2, 4]),
        ((1, 2), "&~", (4, 5), [1, 4]),
        ((1,), "&>", (), []),
    ],
)
def test_operators_yield_related_spans(
    left: tuple[int, ...], op: str, right: tuple[int, ...], expected: list[int]
) -> None:
    for is_split in (False, True):
        found = relate(SpansetOp(op), side(*left), side(*right), forest=forest(is_split=is_split))
        assert found.rows.tolist() == expected
        assert found.units.tolist() == [0] * len(expected)


@pytest.mark.parametrize(
    ("op", "expected"),
    [(">", [3]), ("<", [2]), (">>", [2, 3]), ("<<", [0, 2]), ("~", []), ("&>>", [0, 2, 3])],
)
def test_spans_of_different_units_are_not_related(op: str, expected: list[int]) -> None:
    both = side(0, 2, 3, 1, 4, units=[3, 3, 3, 7, 8])
    found = relate(SpansetOp(op), both, both, forest=forest(is_split=True))
    assert found.rows.tolist() == expected
    assert set(found.units.tolist()) <= {3}


def test_a_union_has_each_span_once_by_unit_and_row() -> None:
    found = union(side(4, 1, units=[0, 1]), side(0, 4, 2, units=[0, 0, 1]))
    assert found.rows.tolist() == [0, 4, 1, 2]
    assert found.units.tolist() == [0, 0, 1, 1]
