"""Bounds as label values."""

from __future__ import annotations

import math

import pytest

from appliance.wire.exposition.bounds import normalised_bound, print_bound


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (1, "1.0"),
        (0.5, "0.5"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (999999.0, "999999.0"),
        (1e6, "1e+06"),
        (1050000.05, "1.05000005e+06"),
        (-2.5e7, "-2.5e+07"),
        (1e22, "1e+22"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_bounds_are_printed_as_go_does(value: float, text: str) -> None:
    assert print_bound(float(value)) == text


@pytest.mark.parametrize(("text", "normal"), [("1e3", "1000.0"), ("x", "x"), ("+Inf", "+Inf")])
def test_texts_that_are_no_numbers_stay(text: str, normal: str) -> None:
    assert normalised_bound(text) == normal
