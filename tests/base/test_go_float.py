"""Single numbers as Go prints them."""

from __future__ import annotations

import pytest

from appliance.base.go_float import format_value, print_exponent, print_float, print_general


@pytest.mark.parametrize(
    ("value", "fixed", "general", "exponent", "sample"),
    [
        (0.0, "0", "0", "0e+00", "0"),
        (-1.5, "-1.5", "-1.5", "-1.5e+00", "-1.5"),
        (1e6, "1000000", "1e+06", "1e+06", "1000000"),
        (123456789.0, "123456789", "1.23456789e+08", "1.23456789e+08", "123456789"),
        (1e-5, "0.00001", "1e-05", "1e-05", "0.00001"),
        (1e21, "1" + "0" * 21, "1e+21", "1e+21", "1e+21"),
        (1e-7, "0.0000001", "1e-07", "1e-07", "1e-07"),
        (float("inf"), "+Inf", "+Inf", "+Inf", "+Inf"),
        (float("nan"), "NaN", "NaN", "NaN", "NaN"),
    ],
)
def test_formats(value: float, fixed: str, general: str, exponent: str, sample: str) -> None:
    assert print_float(value) == fixed
    assert print_general(value) == general
    assert print_exponent(value) == exponent
    assert format_value(value) == sample
