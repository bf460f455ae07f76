"""JSON as Go writes it."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import BUILTINS
from appliance.gotemplate.json_text import to_json
from appliance.gotemplate.times import Duration, Time
from appliance.gotemplate.values import Struct


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-5, "-5"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        ('a<b>&\u2028\t"\\é', '"a\\u003cb\\u003e\\u0026\\u2028\\t\\"\\\\é"'),
        ({"b": 1, "a": [None, {}]}, '{"a":[null,{}],"b":1}'),
        (Struct("x", {"B": 1, "A": "y"}, {"B": "b"}), '{"b":1,"A":"y"}'),
        (Time(1_704_164_645_678_000_000), '"2024-01-02T03:04:05.678Z"'),
        (Duration(5), "5"),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert to_json(value) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("inf"), "json: unsupported value: +Inf"),
        (BUILTINS["len"], "json: unsupported type: func"),
        (object(), "json: unsupported type: object"),
    ],
)
def test_what_has_no_json(value: Any, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        to_json([value])
    assert caught.value.message == message
