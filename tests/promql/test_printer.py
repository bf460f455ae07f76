"""PromQL as text."""

from __future__ import annotations

import pytest

from appliance.promql.parser import parse
from appliance.promql.printer import pretty, print_expr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("up  {c=~`d\\d`, a = 'b'}", 'up{a="b",c=~"d\\\\d"}'),
        ('{"up"}', '{__name__="up"}'),
        ('{"a.b",\'c.d\'="e"}', '{"c.d"="e",__name__="a.b"}'),
        ("up[90s] offset -3600", "up[1m30s] offset -1h"),
        ("up offset 1d1h @ 5", "up @ 5.000 offset 1d1h"),
        ("up[5m] smoothed @ end()", "up[5m] smoothed @ end()"),
        ("up offset 5m anchored", "up anchored offset 5m"),
        ("up[1h:5] @ start()", "up[1h:5s] @ start()"),
        ("up[5m+1:(step()*2)]", "up[5m + 1:(step() * 2)]"),
        ("up offset +step()", "up offset step()"),
        ("up offset -(MIN_OF(1,2m))", "up offset -(min_of(1, 2m))"),
        ("(1.0)", "(1)"),
        ("-inf", "-Inf"),
        ("1e25", "10000000000000000000000000"),
        ("1e-7", "0.0000001"),
        ("1001ms + -90s", "1s1ms + -1m30s"),
        ("'a\"'", '"a\\""'),
        (r"'a\xc5z\u00e9'", r'"a\xc5zé"'),
        (r"'\ufffd'", r'"\ufffd"'),
        ("sum(a) by (b,'c.d')", 'sum by (b, "c.d") (a)'),
        ("sum by () (a)", "sum(a)"),
        ("sum without() (a)", "sum without () (a)"),
        ("topk( 1,a)", "topk(1, a)"),
        ("a == bool on() group_left b", "a == bool on () group_left () b"),
        ("a*ignoring() group_right(x) b", "a * ignoring () group_right (x) b"),
        ("a*ignoring() b", "a * b"),
        ("a+fill(1e6)b", "a + fill (1e+06) b"),
        ("a+fill_right(-1)b", "a + fill_right (-1) b"),
        ("a+fill_left(NaN)fill_right(2)b", "a + fill_left (NaN) fill_right (2) b"),
        ("a</1", "a </ 1"),
        ("- ( a )", "-(a)"),
        ("a ATAN2 b", "a atan2 b"),
    ],
)
def test_canonical_text(text: str, printed: str) -> None:
    assert print_expr(parse(text)) == printed
    assert print_expr(parse(printed)) == printed


LONG = "a" * 60
SUM = f"sum by (job) (rate({LONG}[5m]))"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("sum(a)", "sum(a)"),
        (
            f"topk(5, {SUM} / {LONG})",
            f"topk(\n  5,\n    {SUM}\n  /\n    {LONG}\n)",
        ),
        (f"-({SUM} > {LONG})", f"-(\n    {SUM}\n  >\n    {LONG}\n)"),
        (
            f"clamp({SUM} > {LONG}, 1, 2)",
            f"clamp(\n    {SUM}\n  >\n    {LONG},\n  1,\n  2\n)",
        ),
        (
            f"max_over_time(({SUM} > {LONG})[5m:])",
            f"max_over_time(\n  (\n      {SUM}\n    >\n      {LONG}\n  )[5m:]\n)",
        ),
        (
            f"a + on(x) max_over_time({LONG}[5m:]) + {LONG}",
            f"  a + on (x) max_over_time({LONG}[5m:])\n+\n  {LONG}",
        ),
    ],
)
def test_long_expressions_are_broken_into_lines(text: str, printed: str) -> None:
    assert pretty(parse(text)) == printed
