"""Arithmetic in templates."""

from __future__ import annotations

import math

import pytest

from appliance.gotemplate.sprig.numbers import round_to, to_float, to_int
from tests.gotemplate.sprig.drawing import drawn

_MIN = -(1 << 63)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", 12), ("-3", -3), ("+7", 7), ("007", 7), ("0x10", 16), ("0b101", 5), ("0o17", 15),
        ("1_000", 1000), ("2.5", 2), (".5", 0), ("-.5", 0), ("-2.9", -2), ("1e3", 0), ("08", 0),
        ("", 0), ("bad", 0), ("NaN", 0), ("9223372036854775808", 0), ("1.2.3", 0),
        (2.9, 2), (-2.9, -2), (math.nan, _MIN), (1e300, _MIN), (True, 1), (None, 0), ([], 0),
    ],
)  # fmt: skip
def test_whole_numbers(value: object, number: int) -> None:
    assert to_int(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", 12.0), ("-3.25", -3.25), (".5", 0.5), ("1e3", 1000.0), ("1_0.5", 10.5),
        ("+Inf", math.inf), ("-infinity", -math.inf), ("0x1p4", 16.0), ("1e999", 0.0), ("", 0.0),
        ("bad", 0.0), ("1e", 0.0), (7, 7.0), (True, 1.0), (None, 0.0), ({}, 0.0),
    ],
)  # fmt: skip
def test_floats(value: object, number: float) -> None:
    assert to_float(value) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ add }} {{ add 1 2 3 }} {{ add1 4 }} {{ sub 5 7 }} {{ mul 2 3 4 }}", "0 6 5 -2 24"),
        ("{{ div 7 2 }} {{ div -7 2 }} {{ mod 7 3 }} {{ mod -7 3 }}", "3 -3 1 -1"),
        ("{{ div 7 .empty }}", "error calling div: runtime error: integer divide by zero"),
        ("{{ mod 7 0 }}", "error calling mod: runtime error: integer divide by zero"),
        ("{{ add 9223372036854775807 1 }}", "-9223372036854775808"),
        ("{{ addf 0.1 0.2 }} {{ subf 5.5 2 1.5 }} {{ mulf 1.5 2 }}", "0.3 2 3"),
        ("{{ divf 10 4 }} {{ divf 1 3 }}", "2.5 0.3333333333333333"),
        ("{{ divf 1 0 }}", "error calling divf: decimal division by 0"),
        ('{{ addf "NaN" }}', "error calling addf: Cannot create a Decimal from NaN"),
        (
            "{{ max 1 5 3 }} {{ min 4 2 9 }} {{ maxf 1.5 2.5 }} {{ minf 1.5 .number }}",
            "5 2 2.5 1.5",
        ),
        ("{{ ceil 1.2 }} {{ floor .number }} {{ ceil -1.5 }} {{ floor -1.5 }}", "2 12 -1 -2"),
        ("{{ round 1.2345 2 }} {{ round 123.5555 3 }} {{ round 2.4 0 .2 }}", "1.23 123.556 3"),
        ("{{ .number | int }} {{ .number | float64 }} {{ int64 .number }}", "12 12.75 12"),
        ('{{ "2.5" | float64 | int | add 10 }} {{ atoi "12" }} {{ atoi "x" }}', "12 12 0"),
        ("{{ until 3 }} {{ untilStep 3 0 -2 }} {{ untilStep 0 3 -1 }}", "[0 1 2] [3 1] []"),
        ("{{ trunc (add 1 2) .name }}", "wrong type for value; expected int; got int64"),
    ],
)
def test_arithmetic(text: str, expected: str) -> None:
    assert drawn(text) == expected


def test_negative_numbers_are_rounded_down() -> None:
    assert round_to(-1.5, 0) == -2.0
    assert round_to(-1.2, 0) == -2.0
    assert math.isnan(round_to("nan", 2))
