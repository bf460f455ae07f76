from __future__ import annotations

import pytest

from appliance.base.errors import QueryFailed
from tests.promql.range_data import FLOATS, ask, ask_one


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('deriv(c_total{a="1"}[5m])', 1.0),
        ("deriv(steady[5m])", 0.0),
        ('predict_linear(c_total{a="1"}[5m], 60)', 660.0),
        # The line of an older range, prolonged from the step.
        ('predict_linear(c_total{a="1"}[5m] offset 5m, 0)', 600.0),
        ('predict_linear(c_total{a="1"}[5m] @ 300, 0)', 600.0),
        ('double_exponential_smoothing(c_total{a="1"}[5m], 0.5, 0.5)', 600.0),
    ],
)
def test_values(text: str, wanted: float) -> None:
    assert ask_one(text, FLOATS, "10m") == pytest.approx(wanted)


def test_predictions_move_with_the_step_though_the_range_does_not() -> None:
    ((_, values),) = ask(
        'predict_linear(c_total{a="1"}[5m] @ 300, 0)', FLOATS, ("10m", "12m", "1m")
    )
    assert values == pytest.approx([600.0, 660.0, 720.0])


def test_one_sample_makes_no_line() -> None:
    assert ask("deriv(steady[1m])", FLOATS, "10m") == []


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ("0, 0.5", "invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000"),
        ("0.5, 1", "invalid trend factor. Expected: 0 < tf < 1, got: 1.000000"),
    ],
)
def test_factors_of_smoothing(factors: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=message):
        ask(f"double_exponential_smoothing(steady[5m], {factors})", FLOATS, "10m")
