"""Which expressions are evaluated at one step only."""

from __future__ import annotations

import pytest

from appliance.promql.durations import resolved
from appliance.promql.invariant import is_invariant
from appliance.promql.parser import parse
from tests.promql.memory_source import loaded, query, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", False),
        ("x @ 10", True),
        ("x @ end()", True),
        ("x @ 10 + y", False),
        ("x @ 10 + y @ 20", True),
        ("(x @ 10)", True),
        ("-x @ 10", True),
        ("1 + 2", True),
        ("pi() * 2", True),
        ("time()", False),
        ("hour(x @ 10)", False),
        ("abs(x @ 10)", True),
        ("timestamp(x @ 10)", True),
        ("timestamp((x @ 10))", True),
        ("timestamp(abs(x @ 10))", False),
        ("x[5m] @ 10", False),
        ("rate(x[5m] @ 10)", True),
        ("predict_linear(x[5m] @ 10, 1)", False),
        ("sum(x @ 10)", True),
        ("topk(scalar(x), x @ 10)", True),
        ("sum_over_time(x[5m:1m])", False),
        ("sum_over_time(x[5m:1m] @ 10)", True),
        ("sum_over_time(x[5m:1m] @ 10) + time()", False),
    ],
)
def test_invariant(text: str, *, expected: bool) -> None:
    expr = resolved(parse(text), start_ms=0, end_ms=60_000, step_ms=1000)
    assert is_invariant(expr) is expected


def test_what_is_invariant_is_loaded_once_and_repeated() -> None:
    source = loaded('load 1m\n x 1 2 3\n y{a="b"} 10 20 30')
    found = query("x @ 60 + on () y", source, ("0", "2m", "1m"))
    assert shown(found) == [({}, [12, 22, 32])]
    found = query("abs(x @ 60) * time()", source, ("0", "2m", "1m"))
    assert shown(found) == [({}, [0, 120, 240])]
