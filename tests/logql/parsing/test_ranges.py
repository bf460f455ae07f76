"""Ranges of lines and aggregations over them."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    CompareOp,
    Grouping,
    Json,
    LabelFilter,
    LogRange,
    NumberCondition,
    Pipeline,
    RangeAggregation,
    Unit,
    Unwrap,
)
from appliance.logql.parser import parse
from appliance.model.matcher import Matcher, MatchOp

MINUTE = 60 * 10**9
APP = (Matcher("app", MatchOp.EQUAL, "x"),)
PLAIN, PARSED = Pipeline(APP), Pipeline(APP, (Json(),))
POSITIVE = LabelFilter(NumberCondition("n", CompareOp.GREATER, Unit.NUMBER, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S[5m]", LogRange(PLAIN, 5 * MINUTE)),
        ("(S)[5m]", LogRange(PLAIN, 5 * MINUTE)),
        ("((S[5m]))", LogRange(PLAIN, 5 * MINUTE)),
        ("((S)[5m] offset 1m)", LogRange(PLAIN, 5 * MINUTE, None, MINUTE)),
        ("S[5m] offset -1m", LogRange(PLAIN, 5 * MINUTE, None, -MINUTE)),
        ("S | json [5m]", LogRange(PARSED, 5 * MINUTE)),
        ("S[5m] | json", LogRange(PARSED, 5 * MINUTE)),
        ("S[5m] offset 1m | json", LogRange(PARSED, 5 * MINUTE, None, MINUTE)),
        ("(S | json)[5m] offset 1m", LogRange(PARSED, 5 * MINUTE, None, MINUTE)),
        ("S | unwrap n [5m]", LogRange(PLAIN, 5 * MINUTE, Unwrap("n"))),
        ("S[5m] | unwrap n", LogRange(PLAIN, 5 * MINUTE, Unwrap("n"))),
        ("(S)[5m] offset 1m | unwrap n", LogRange(PLAIN, 5 * MINUTE, Unwrap("n"), MINUTE)),
        (
            "S | json | unwrap duration(n) | n > 0 | n > 0 [5m]",
            LogRange(PARSED, 5 * MINUTE, Unwrap("n", "duration", (POSITIVE, POSITIVE))),
        ),
        ("(S | unwrap bytes(n))[5m]", LogRange(PLAIN, 5 * MINUTE, Unwrap("n", "bytes"))),
    ],
)
def test_ranges(text: str, expected: LogRange) -> None:
    selected = text.replace("S", '{app="x"}')
    assert parse(f"rate({selected})") == RangeAggregation("rate", expected)


def test_parameters_and_groupings() -> None:
    found = parse('quantile_over_time(0.9, {app="x"} | unwrap n [1m]) BY (a, b)')
    expected = LogRange(PLAIN, MINUTE, Unwrap("n"))
    assert found == RangeAggregation("quantile_over_time", expected, 0.9, Grouping(("a", "b")))
    found = parse('max_over_time({app="x"} | unwrap n [1m]) without ()')
    assert found == RangeAggregation("max_over_time", expected, None, Grouping((), is_without=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rate()", "at line 1, col 6: syntax error: unexpected ), expecting NUMBER or { or ("),
        ("rate(S)", "at line 1, col 15: syntax error: unexpected )"),
        ("rate(1 S)", "at line 1, col 8: syntax error: unexpected {, expecting ,"),
        ("rate(1, 2)", "at line 1, col 9: syntax error: unexpected NUMBER, expecting { or ("),
        ("rate((S[5m])[5m])", "at line 0, col 21: syntax error: unexpected RANGE, expecting )"),
        ("rate((S) | json [5m])", "at line 1, col 18: syntax error: unexpected |, expecting RANGE"),
        (
            "rate(S | unwrap 1 [5m])",
            (
                "at line 1, col 25: syntax error: unexpected NUMBER, expecting"
                " IDENTIFIER or BYTES_CONV or DURATION_CONV or DURATION_SECONDS_CONV"
            ),
        ),
        (
            "rate(S | unwrap x(a) [5m])",
            ("at line 1, col 26: syntax error: unexpected (, expecting RANGE or |"),
        ),
        (
            "rate(S[5m] offset 5)",
            ("at line 1, col 27: syntax error: unexpected NUMBER, expecting DURATION"),
        ),
        ("rate(S[5m]) offset 5m", "at line 1, col 21: syntax error: unexpected offset"),
        ("rate(S[5m]) by (a)", ": grouping not allowed for rate aggregation"),
        ("count_over_time(S[5m]) by ()", ": grouping not allowed for count_over_time aggregation"),
        ("sum_over_time(S[5m])", ": invalid aggregation sum_over_time without unwrap"),
        ("bytes_rate(S | unwrap a[5m])", ": invalid aggregation bytes_rate with unwrap"),
        (
            "quantile_over_time(S | unwrap a[5m])",
            ": parameter required for operation quantile_over_time",
        ),
        ("rate(0.5, S[5m])", ": parameter 0.5 not supported for operation rate"),
        (
            "quantile_over_time(0x1F, S | unwrap a[5m])",
            (
                ": invalid parameter for operation quantile_over_time: strconv.ParseFloat: parsing"
                ' "0x1F": invalid syntax'
            ),
        ),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text.replace("S", '{app="x"}'))
    assert str(caught.value).split("\n")[0] == f"parse error {message}"
