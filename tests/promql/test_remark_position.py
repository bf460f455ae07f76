from __future__ import annotations

import pytest

from appliance.promql.ast import Call
from appliance.promql.parser import parse
from appliance.promql.remark_position import argument_position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("rate(x[5m])", 5),
        ("rate((x[5m]))", 6),
        ("rate(x[5m:1m])", 0),
        ("quantile_over_time(2, x[5m])", 19),
    ],
)
def test_position_of_the_first_argument(text: str, position: int) -> None:
    call = parse(text)
    assert isinstance(call, Call)
    assert argument_position(call) == position
