"""Durations and times that the query's bounds decide."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.promql.durations import resolved
from appliance.promql.parser import parse


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a[step()+1]", "a[11]"),
        ("a[1+(STep()-5)*2]", "a[11]"),
        ("a[1h30m % 1h]", "a[30m]"),
        ("a[2^3^1 * 1m/2]", "a[4m]"),
        ("a[min_of(step()+1,1h)]", "a[11]"),
        ("a[max_of(range(), 1s)] offset -step()", "a[100s] offset -10s"),
        ("a offset -(2 - 5)", "a offset 3s"),
        ("a offset (1 - 1)", "a"),
        ("sum(a @ start()) + -(b @ end() offset step())", "sum(a @ 50) + -(b @ 150 offset 10s)"),
        ("rate(a[1m:step()] @ end())", "rate(a[1m:10s] @ 150)"),
        ("topk(scalar(a offset step()), b)", "topk(scalar(a offset 10s), b)"),
        ("a[1.0004+0]", "a[1s]"),
    ],
)
def test_bounds_are_filled_in(text: str, same: str) -> None:
    found = resolved(parse(text), start_ms=50_000, end_ms=150_000, step_ms=10_000)
    assert found == parse(same)


def test_what_needs_no_bounds_stays_the_same_object() -> None:
    expr = parse("sum(rate(a[5m] offset 1m)) / topk(1, -b or (max_over_time(c[1h:] @ 5)))")
    assert resolved(expr, start_ms=0, end_ms=0, step_ms=0) is expr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a[step()]", "duration must be greater than 0"),
        ("a[5m:-(1)]", "duration must be greater than 0"),
        ("a[1-2]", "duration must be greater than 0"),
        ("a[5m/step()]", "division by zero"),
        ("a[5m%(1-1)]", "modulo by zero"),
        ("a[10^10^10]", "duration is out of range"),
        ("a offset ((0-2)^0.5)", "duration is out of range"),
        ("a offset (0^-1)", "duration is out of range"),
    ],
)
def test_errors_of_instant_queries(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolved(parse(text), start_ms=7, end_ms=7, step_ms=0)
    assert caught.value.message == message
