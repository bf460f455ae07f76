"""Numbers that labels hold, as `unwrap` reads them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.lines.numbers import read_all, read_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12.0),
        ("-1.50", -1.5),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1_000", 1000.0),
        ("0x1p-2", 0.25),
        ("0x_1_0p0", 16.0),
        ("-0", -0.0),
        ("Inf", math.inf),
        ("-infinity", -math.inf),
        ("nan", math.nan),
    ],
)
def test_numbers_are_read_as_go_does(text: str, expected: float) -> None:
    found = read_number(text)
    np.testing.assert_equal(found, expected)
    assert math.copysign(1, found) == math.copysign(1, expected)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1,5", "0x10", "+nan", "\u0661", ".", "1e", "true"]
)
def test_what_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_number(text)
    assert caught.value.message == f'strconv.ParseFloat: parsing "{text}": invalid syntax'


def test_numbers_that_are_too_great() -> None:
    for text in ("1e400", "-1e400", "0x1p99999"):
        with pytest.raises(BadInput, match="value out of range"):
            read_number(text)


@pytest.mark.parametrize(
    "texts",
    [
        ["1", "2.5", "-3e2"],
        ["1", "-0", "-0.0"],
        ["1,2", "3"],
        ["[1", "2]"],
        ["true", "1"],
        ['"1"', "2"],
        [" 1", "2"],
        ["01", "2"],
        ["1e999", "2"],
        [],
    ],
)
def test_many_texts_are_read_as_each_alone(texts: list[str]) -> None:
    numbers, wrong = read_all(texts, read_number)
    for at, text in enumerate(texts):
        try:
            expected, message = read_number(text), None
        except BadInput as error:
            expected, message = 0.0, error.message
        np.testing.assert_array_equal(numbers[at], expected)
        assert math.copysign(1, numbers[at]) == math.copysign(1, expected)
        assert (wrong.get(at) if wrong is not None else None) == message
