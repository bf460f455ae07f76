"""Help for queries in another language."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.logql.parser import parse

PROMQL = "this looks like PromQL: "


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "avg by (status) (nginx_request_duration_seconds)",
            ("1, col 18: syntax error: unexpected IDENTIFIER"),
            PROMQL + "nginx_request_duration_seconds would be a metric; ",
        ),
        ("up", "1, col 1: syntax error: unexpected IDENTIFIER", PROMQL + "up would be a metric; "),
        (
            "rate(http_requests_total[5m])",
            ("1, col 6: syntax error: unexpected IDENTIFIER, expecting NUMBER or { or ("),
            PROMQL + "http_requests_total would be a metric; ",
        ),
        (
            "histogram_quantile(0.9, sum(rate({app=`x`}[5m])))",
            ("1, col 1: syntax error: unexpected IDENTIFIER"),
            PROMQL + "histogram_quantile is not a function of LogQL; LogQL has"
            " quantile_over_time with unwrap instead",
        ),
        (
            "{app=shop}",
            "1, col 6: syntax error: unexpected IDENTIFIER, expecting STRING",
            'write the text in quotes: ="shop"',
        ),
        (
            "{app=`x`} |= error",
            "1, col 14: syntax error: unexpected IDENTIFIER, expecting STRING or ip",
            'write the text in quotes: |="error"',
        ),
        (
            '{app=`x`} | json | level > "40"',
            "1, col 28: syntax error: unexpected STRING",
            "write a number, a duration or a size without quotes: > 40",
        ),
        (
            "sum(rate({app=`x`}[5m])) / up",
            "1, col 28: syntax error: unexpected IDENTIFIER",
            PROMQL + "up would be a metric; ",
        ),
        (
            "sum(rate({app=`x`}[5m]))[5m]",
            "0, col 25: syntax error: unexpected RANGE",
            PROMQL + "LogQL has no subqueries",
        ),
        ('{job="nginx"} | = "5"', "1, col 17: syntax error: unexpected =", "did you mean `|=`?"),
        (
            '{job="nginx"} | ~ "5"',
            "1, col 19: syntax error: unexpected STRING",
            "did you mean `|~`?",
        ),
        (
            '{job="nginx"} ! = "5"',
            "1, col 15: syntax error: unexpected IDENTIFIER",
            "did you mean `!=`?",
        ),
        ('app="x"', "1, col 1: syntax error: unexpected IDENTIFIER", 'did you mean {app="x"}?'),
        (
            "cuont_over_time({app=`x`}[5m])",
            "1, col 1: syntax error: unexpected IDENTIFIER",
            "did you mean count_over_time?",
        ),
    ],
)
def test_second_lines(text: str, first: str, second: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    lines = str(caught.value).split("\n")
    assert lines[0] == f"parse error at line {first}"
    assert lines[1].startswith(second)


@pytest.mark.parametrize(
    "text", ['{app="x"} foo', "vector(abc)", '{app="x"} | logfmt --bogus', "xyzzy(1)", "; up"]
)
def test_no_idea(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
