"""Expressions over columns agree with the same expressions over every row by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op
from appliance.traceql.column import Coded, Column, Constant, Mask, Numbers
from appliance.traceql.expressions.columns import coded_of, present_rows, take, true_rows
from appliance.traceql.expressions.compare import binary
from appliance.traceql.expressions.distinct import Figures, SpanIds, Texts, TraceIds, to_static
from appliance.traceql.expressions.values import as_floats, group_codes, statics_of
from appliance.traceql.expressions.vectors import combine, negated, opposite
from appliance.traceql.static import FALSE, NIL, TRUE, Kind, Static, Status, Type
from appliance.traceql.types import ARITHMETIC
from tests.random_examples import examples

COUNT = 6

integers = st.sampled_from([0, 1, -1, 2, 7, 2**53 + 1, 2**63 - 1, -(2**63)])
floats = st.sampled_from([0.0, 1.0, -1.5, 2.0, 7.0, 1e21, math.inf, math.nan, float(2**53)])
texts = st.sampled_from(["", "a", "b", "a|b", "a.*", "(", "00000000000000ab", "ab"])
scalars = st.one_of(integers, floats, texts, st.booleans())
arrays = st.one_of(
    *(st.lists(one, min_size=2, max_size=3) for one in (integers, floats, texts, st.booleans()))
)
statics = st.one_of(
    st.builds(to_static, scalars),
    st.builds(to_static, arrays),
    st.builds(lambda value: Static(Type.DURATION, value), integers),
    st.sampled_from([NIL, *(Static(Type.STATUS, one) for one in Status)]),
    st.sampled_from([Static(Type.KIND, one) for one in Kind]),
)
rows = st.lists(st.integers(-1, COUNT - 1), min_size=COUNT, max_size=COUNT)


def of_ids(values: Sequence[Static], numbers: list[int]) -> Coded:
    ids = [number if number < len(values) else -1 for number in numbers]
    return Coded(np.array(ids, np.int32), values)


def numbers_column(kind: Type, values: list[float], present: list[bool] | None) -> Numbers:
    array: Any = np.array(values, np.float64 if kind is Type.FLOAT else np.int64)
    return Numbers(kind, array, None if present is None else np.array(present, np.bool_))


def several(strategy: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.lists(strategy, min_size=COUNT, max_size=COUNT)


flags = st.lists(st.booleans(), min_size=COUNT, max_size=COUNT)
columns: st.SearchStrategy[Column] = st.one_of(
    st.builds(Constant, statics),
    st.builds(lambda values: Mask(np.array(values, np.bool_)), flags),
    st.builds(
        lambda values: coded_of(values, np.arange(COUNT)),
        st.lists(statics, min_size=COUNT, max_size=COUNT),
    ),
    st.builds(
        lambda values, ids: of_ids(Texts(values), ids),
        st.lists(texts, unique=True, max_size=4),
        rows,
    ),
    st.builds(
        lambda values, ids: of_ids(Figures(Type.INT, np.array(values, np.int64)), ids),
        st.lists(integers, unique=True, max_size=4),
        rows,
    ),
    st.builds(
        lambda ids: of_ids(SpanIds(np.array([0xAB, 0, 2**64 - 1], np.uint64)), ids),
        rows,
    ),
    st.builds(
        lambda ids: of_ids(TraceIds(np.arange(32, dtype=np.uint8).reshape(2, 16)), ids),
        rows,
    ),
    st.builds(numbers_column, st.just(Type.INT), several(integers), st.none() | flags),
    st.builds(numbers_column, st.just(Type.DURATION), several(integers), st.none() | flags),
    st.builds(numbers_column, st.just(Type.FLOAT), several(floats), st.none() | flags),
)


def rows_of(column: Column) -> list[Static]:
    """The column's values, as the plainest code has them."""
    match column:
        case Constant():
            return [column.value] * COUNT
        case Mask():
            return [TRUE if value else FALSE for value in column.values]
        case Coded():
            return [column.values[number] if number >= 0 else NIL for number in column.ids]
        case Numbers():
            present = [True] * COUNT if column.present is None else column.present.tolist()
            values = column.values.tolist()
            return [
                Static(column.type, value) if here else NIL
                for value, here in zip(values, present, strict=True)
            ]


def same(left: Static, right: Static) -> bool:
    if left.type is right.type is Type.FLOAT:
        one, other = float(left.value), float(right.value)  # type: ignore[arg-type]  # numbers
        return math.isclose(one, other, rel_tol=1e-12) or (math.isnan(one) and math.isnan(other))
    return left == right


def result_of(op: Op, left: Static, right: Static) -> Static:
    try:
        return binary(op, left, right)
    except BadInput:  # a value of an attribute that is no regular expression
        return FALSE


@examples(300)
@given(st.sampled_from(Op), columns, columns)
def test_operators_agree_with_values(op: Op, left: Column, right: Column) -> None:
    pairs = list(zip(rows_of(left), rows_of(right), strict=True))
    if op in {Op.REGEX, Op.NOT_REGEX} and right == Constant(Static(Type.STRING, "(")):
        return  # the query itself is wrong
    result = combine(op, left, right, COUNT)
    expected = [result_of(op, *pair) for pair in pairs]
    if op in ARITHMETIC:
        found = rows_of(result)
        assert all(map(same, found, expected)), (found, expected)
    else:
        assert true_rows(result, COUNT).tolist() == [one == TRUE for one in expected]


@examples(200)
@given(columns)
def test_signs_agree_with_values(column: Column) -> None:
    opposites = {TRUE: FALSE, FALSE: TRUE}
    values = rows_of(column)
    assert rows_of(negated(column, COUNT)) == [opposites.get(value, NIL) for value in values]
    for found, value in zip(rows_of(opposite(column, COUNT)), values, strict=True):
        is_number = value.type in {Type.INT, Type.FLOAT, Type.DURATION}
        expected = (
            binary(Op.SUB, Static(Type.INT, 0), Static(Type.INT, value.value))
            if (is_number and value.type is not Type.FLOAT)
            else NIL
        )
        if value.type is Type.FLOAT:
            assert same(found, Static(Type.FLOAT, -float(value.value)))  # type: ignore[arg-type]  # a number
        elif is_number:
            assert found == Static(value.type, expected.value)
        else:
            assert found == NIL


@examples(300)
@given(columns, rows)
def test_reshaping_keeps_values(column: Column, wanted: list[int]) -> None:
    values = rows_of(column)
    chosen = np.array(wanted)
    expected = [values[row] if row >= 0 else NIL for row in wanted]
    found = rows_of(take(column, chosen))
    assert all(map(same, found, expected))
    assert present_rows(column, COUNT).tolist() == [value != NIL for value in values]
    assert true_rows(column, COUNT).tolist() == [value == TRUE for value in values]


@examples(300)
@given(columns, st.lists(st.integers(0, COUNT - 1), max_size=8))
def test_codes_and_statics_of_rows(column: Column, wanted: list[int]) -> None:
    values = rows_of(column)
    chosen = np.array(wanted, np.int64)
    expected = [values[row] for row in wanted]
    assert all(map(same, statics_of(column, chosen), expected))
    codes, distinct = group_codes(column, chosen)
    assert all(same(distinct[code], value) for code, value in zip(codes, expected, strict=True))
    plain = [value for value in distinct if not same(value, Static(Type.FLOAT, math.nan))]
    assert len(set(plain)) == len(plain)
    assert set(codes.tolist()) == set(range(len(distinct))) or not isinstance(column, Coded)


@examples(200)
@given(columns)
def test_floats_of_numbers_only(column: Column) -> None:
    found, present = as_floats(column, COUNT)
    numeric = {Type.INT, Type.FLOAT, Type.DURATION}
    for value, number, has_one in zip(rows_of(column), found, present, strict=True):
        assert has_one == (value.type in numeric)
        if has_one:
            assert same(Static(Type.FLOAT, float(number)), Static(Type.FLOAT, float(value.value)))  # type: ignore[arg-type]  # a number
        else:
            assert math.isnan(number)
