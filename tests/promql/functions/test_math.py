"""Functions of single values, and clamps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.promql.functions.clamp import maximum, minimum
from tests.promql.memory_source import loaded, query, shown

DATA = loaded("""
    load 1m
        x{a="1"} -2.5 Inf NaN -0 3.5
        h {{schema:0 count:1 sum:1 buckets:[1]}}x4
""")
STEPS = ("0", "4m", "1m")


def values_of(text: str) -> list[float]:
    ((_, values),) = shown(query(text, DATA, STEPS))
    return values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(x)", [2.5, math.inf, math.nan, 0, 3.5]),
        ("ceil(x)", [-2, math.inf, math.nan, 0, 4]),
        ("floor(x)", [-3, math.inf, math.nan, 0, 3]),
        ("sgn(x)", [-1, 1, math.nan, 0, 1]),
        ("round(x)", [-2, math.inf, math.nan, 0, 4]),
        ("round(x, 5)", [0, math.inf, math.nan, 0, 5]),
        ("sqrt(x)", [math.nan, math.inf, math.nan, 0, 3.5**0.5]),
        ("ln(x)", [math.nan, math.inf, math.nan, -math.inf, math.log(3.5)]),
        ("clamp(x, -1, 2)", [-1, 2, math.nan, 0, 2]),
        ("clamp_min(x, 1)", [1, math.inf, math.nan, 1, 3.5]),
        ("clamp_max(x, 1)", [-2.5, 1, math.nan, 0, 1]),
        ("clamp(x, time() / 60 - 1, 2)", [-1, 2, math.nan, 2]),
        ("deg(x)", [-143.2394487827058, math.inf, math.nan, 0, 200.53522829578813]),
        ("rad(x)", [-0.04363323129985824, math.inf, math.nan, 0, 0.061086523819801536]),
        ("sinh(x * 284)", [-math.inf, math.inf, math.nan, 0, math.inf]),
        ("cosh(x * -200)", [math.cosh(500), math.inf, math.nan, 1, math.cosh(700)]),
        ("atanh(x)", [math.nan, math.nan, math.nan, 0, math.nan]),
    ],
)
def test_each_float_is_mapped(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(values_of(text), expected, rtol=1e-12)


def test_names_go_and_histograms_are_left_out() -> None:
    assert shown(query('abs({__name__=~"x|h"})', DATA, "0")) == [({"a": "1"}, [2.5])]


def test_clamp_gives_nothing_between_swapped_bounds() -> None:
    assert shown(query("clamp(x, 5, -5)", DATA, STEPS)) == []


def test_pi_is_a_scalar() -> None:
    assert values_of("pi()") == [math.pi] * 5


def test_scalars_have_a_least_and_a_greatest() -> None:
    assert values_of("min_of(time(), 90)") == [0, 60, 90, 90, 90]
    assert values_of("max_of(time(), 90)") == [90, 90, 120, 180, 240]


@pytest.mark.parametrize(
    ("one", "other", "most", "least"),
    [
        (math.inf, math.nan, math.inf, math.nan),
        (-math.inf, math.nan, math.nan, -math.inf),
        (1.0, math.nan, math.nan, math.nan),
        (0.0, -0.0, 0.0, -0.0),
        (-0.0, -0.0, -0.0, -0.0),
        (1.0, 2.0, 2.0, 1.0),
    ],
)
def test_extremes_are_those_of_go(one: float, other: float, most: float, least: float) -> None:
    for left, right in [(one, other), (other, one)]:
        pair = np.array([left]), np.array([right])
        assert repr(maximum(*pair)[0]) == repr(np.float64(most))
        assert repr(minimum(*pair)[0]) == repr(np.float64(least))
