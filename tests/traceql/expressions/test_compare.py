"""Operators between two values."""

from __future__ import annotations

import math

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.ast import Op
from appliance.traceql.expressions.compare import binary
from appliance.traceql.expressions.distinct import to_static
from appliance.traceql.static import FALSE, NIL, TRUE, Kind, Static, StaticValue, Status, Type

_TYPES = {bool: Type.BOOLEAN, int: Type.INT, float: Type.FLOAT, str: Type.STRING}
MINIMUM, MAXIMUM = -(2**63), 2**63 - 1


def static(value: StaticValue | list[object]) -> Static:
    return NIL if value is None else to_static(value)  # type: ignore[arg-type]  # plain values


def duration(nanoseconds: int) -> Static:
    return Static(Type.DURATION, nanoseconds)


def holds(left: Static, op: str, right: Static) -> bool:
    result = binary(Op(op), left, right)
    assert result in (TRUE, FALSE)
    return result == TRUE


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        ("a", "=", "a", True),
        ("a", "=", "A", False),
        ("a", "!=", "b", True),
        ("b", ">", "a", True),
        ("ab", "<=", "ab", True),
        ("é", ">", "z", True),
        (1, "=", 1, True),
        (1, "=", 1.0, True),
        (1, "!=", 1.0, False),
        (2**53 + 1, "=", 2**53, False),
        (2**53 + 1, "=", float(2**53), True),
        (1.5, ">", 1, True),
        (MINIMUM, "<", MAXIMUM, True),
        (math.nan, "=", math.nan, False),
        (math.nan, "!=", 1, True),
        (math.nan, "<", 1, False),
        (True, "=", True, True),
        (True, "!=", False, True),
        (True, ">", False, False),
        (True, "=", 1, False),
        ("1", "=", 1, False),
        ("1", "!=", 1, False),
        (None, "=", None, False),
        (None, "!=", 1, False),
        (None, "=", 1, False),
        (None, "<", 1, False),
        ("abc", "=~", "a.c", True),
        ("abcd", "=~", "a.c", False),
        ("a\nc", "=~", "a.c", True),
        ("abc", "!~", "b", True),
        (5, "=~", "5", False),
        (5, "!~", "5", False),
    ],
)
def test_comparisons(left: StaticValue, op: str, right: StaticValue, expected: bool) -> None:  # noqa: FBT001 - a table
    assert holds(static(left), op, static(right)) is expected


def test_durations_compare_with_numbers_in_nanoseconds() -> None:
    assert holds(duration(1_000_000_000), "=", static(1_000_000_000))
    assert holds(duration(1_000_000_000), ">", static(9.9e8))
    assert not holds(duration(1), "=", static("1ns"))


def test_statuses_and_kinds_know_only_equality_with_their_kind() -> None:
    error, server = Static(Type.STATUS, Status.ERROR), Static(Type.KIND, Kind.SERVER)
    assert holds(error, "=", error)
    assert holds(error, "!=", Static(Type.STATUS, Status.OK))
    assert not holds(error, "<", Static(Type.STATUS, Status.OK))
    assert not holds(error, "!=", server)
    assert not holds(error, "=", static(0))


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        (["a", "b"], "=", "a", True),
        (["a", "b"], "=", "c", False),
        (["a", "b"], "!=", "a", False),
        (["a", "b"], "!=", "c", True),
        (["ab", "cd"], "=~", "c.", True),
        (["ab", "cd"], "!~", "c.", False),
        (["ab", "cd"], "!~", "x", True),
        ([1, 5], ">", 4, True),
        ([1, 5], "<", 1, False),
        (4, "<", [1, 5], True),
        (6, "<", [1, 5], False),
        ([1, 5], "=", 5.0, True),
        ([True, False], "=", False, True),
        (["a", "b"], "=", 1, False),
        (["a", "b"], "!=", 1, False),
        (["a", "b"], "=", ["a", "b"], False),
        ("a", "=~", ["x", "a|b"], True),
        ("a", "=~", ["x", "("], False),
    ],
)
def test_arrays_compare_by_their_elements(
    left: StaticValue | list[object],
    op: str,
    right: StaticValue | list[object],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert holds(static(left), op, static(right)) is expected


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        (1, "+", 2, 3),
        (7, "/", 2, 3),
        (-7, "/", 2, -3),
        (-7, "%", 3, -1),
        (7, "%", -3, 1),
        (2, "^", 3, 9),
        (2.0, "^", 3, 8.0),
        (-1, "^", 7, 1),
        (41, "^", 3, pow(3, 41, 2**64) - 2**64),
        (MAXIMUM, "+", 1, MINIMUM),
        (MINIMUM, "/", -1, MINIMUM),
        (MAXIMUM, "-", 1, MAXIMUM - 1),
        (1, "+", 0.5, 1.5),
        (7.0, "%", 4, 3.0),
        (1.0, "/", 0, math.inf),
        (4, "^", 0.5, 2.0),
        (1, "/", 0, None),
        (1, "%", 0, None),
        (2, "^", -1, 1),
        ("a", "+", "b", None),
        (1, "+", None, None),
        (1, "+", True, None),
        ([1, 2], "+", 1, None),
    ],
)
def test_arithmetic(
    left: StaticValue | list[object], op: str, right: StaticValue, expected: StaticValue
) -> None:
    assert binary(Op(op), static(left), static(right)) == static(expected)


def test_arithmetic_with_a_duration_gives_a_float_of_nanoseconds() -> None:
    assert binary(Op.MUL, duration(5), static(2)) == Static(Type.FLOAT, 10.0)
    assert binary(Op.ADD, duration(5), duration(2)) == Static(Type.FLOAT, 7.0)


@pytest.mark.parametrize("other", [NIL, FALSE, Static(Type.INT, 1), Static(Type.STRING, "true")])
def test_what_is_no_boolean_is_not_true(other: Static) -> None:
    assert binary(Op.AND, TRUE, other) == FALSE
    assert binary(Op.OR, TRUE, other) == TRUE
    assert binary(Op.OR, other, other) == FALSE


def test_a_broken_expression_is_the_callers() -> None:
    with pytest.raises(BadInput, match="error parsing regexp"):
        binary(Op.REGEX, static("a"), static("("))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, TRUE),
        (1, Static(Type.INT, 1)),
        (1.0, Static(Type.FLOAT, 1.0)),
        ("", Static(Type.STRING, "")),
        (["a", "b"], Static(Type.STRING_ARRAY, ("a", "b"))),
        ([True, False], Static(Type.BOOLEAN_ARRAY, (True, False))),
        ([1.5], Static(Type.FLOAT, 1.5)),
        ([1, 2.0], NIL),
        ([1, True], NIL),
        ([], NIL),
        ([[1]], NIL),
        ({"a": 1}, NIL),
        (b"x", NIL),
        (None, NIL),
    ],
)
def test_attribute_values_have_types(value: object, expected: Static) -> None:
    assert to_static(value) == expected  # type: ignore[arg-type]  # any value there is
