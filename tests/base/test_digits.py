"""Decimal digits that somebody else wrote."""

from __future__ import annotations

import pytest

from appliance.base.digits import cut_fraction, read_digits
from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_go_duration


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0" * 5000 + "42", 42),
        ("-" + "0" * 5000, 0),
        ("9" * 5000, 10**300),
        ("-" + "9" * 5000, -(10**300)),
    ],
)
def test_any_number_of_digits(text: str, number: int) -> None:
    assert read_digits(text) == number


def test_durations_of_any_number_of_digits() -> None:
    assert cut_fraction("1" * 5000) == "1" * 300
    assert parse_go_duration("0." + "5" * 5000 + "s") == 555_555_555
    with pytest.raises(BadInput, match="invalid duration"):
        parse_go_duration("9" * 5000 + "s")
