"""LogQL as text, in Loki's form."""

from __future__ import annotations

import pytest

from appliance.logql.parser import parse
from appliance.logql.printer import print_query

SELECTOR = '{app="x"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{app="x",b=~`y`}', '{app="x", b=~"y"}'),
        ('|="a\\""!=`\\d`', '|= "a\\"" != "\\\\d"'),
        ('|="a" or "b" or ip("::1")', '|= "a" or "b" or ip("::1")'),
        ('!="a" or "b"', '!= "a" != "b"'),
        ('|json a="b.c",d|logfmt', '| json a="b.c",d="d" | logfmt'),
        ("|logfmt --keep-empty --strict a|unpack", '| logfmt --strict --keep-empty a="a" | unpack'),
        ('|regexp "(?P<a>.)"|pattern "<a>"', '| regexp "(?P<a>.)" | pattern "<a>"'),
        ('|label_format a=b, c="d"|line_format "e"', '| label_format a=b,c="d" | line_format "e"'),
        ('|decolorize|drop a, b="c"|keep d', '| decolorize | drop a,b="c" | keep d'),
        ("|a=1|b>1.50|c<20KB|d>=90s", "| a==1 | b>1.5 | c<20kB | d>=1m30s"),
        (
            '|a="b" or c!=`d` and (e=ip("::1"), f=~"g.*|h")',
            '| ( a="b" or ( c!="d" , ( e=ip("::1") , f=~"g.*|h" ) ) )',
        ),
        ('|a=~"[bc]+"|d!~`\\d`', "| a=~`[bc]+` | d!~`\\d`"),
    ],
)
def test_log_queries(text: str, expected: str) -> None:
    found = print_query(parse(text if text[0] == "{" else SELECTOR + text))
    assert found == (expected if text[0] == "{" else f"{SELECTOR} {expected}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate(S[90m] offset 1h)", "rate(S[1h30m] offset 1h0m0s)"),
        ("rate(S[7d]|json|unwrap a)", "rate(S | json | unwrap a[1w])"),
        (
            "max_over_time(S|unwrap bytes(a)|a>1[5m])by(a,b)",
            "max_over_time(S | unwrap bytes(a) | a>1[5m]) by (a,b)",
        ),
        ("quantile_over_time(.9, S|unwrap a[5m])", "quantile_over_time(0.9,S | unwrap a[5m])"),
        ("sum(rate(S[5m])) by (a, b)", "sum by (a,b)(rate(S[5m]))"),
        ("sum(rate(S[5m])) by ()", "sum(rate(S[5m]))"),
        ("topk without () (5, rate(S[5m]))", "topk without ()(5,rate(S[5m]))"),
        ("vector(1)+2*vector(3)", "(vector(1.000000) + (2 * vector(3.000000)))"),
        (
            "vector(1) > bool on(a) group_left(b) vector(2)",
            "(vector(1.000000) > bool on (a) group_left (b) vector(2.000000))",
        ),
        (
            "vector(1) - ignoring(a,b) vector(2)",
            "(vector(1.000000) - ignoring (a,b)  vector(2.000000))",
        ),
        ("1e21", "1e+21"),
        ("-0.5", "-0.5"),
        ("0/0", "(0 / 0)"),
        ("-10^999", "(-10 ^ 999)"),
        (
            'label_replace(rate(S[5m]),"a","$1","b",`\\w`)',
            'label_replace(rate(S[5m]),"a","$1","b","\\\\w")',
        ),
        (
            "variants(rate(S[5m]),vector(1)) of (S[5m])",
            "variants(rate(S[5m]), vector(1.000000)) of (S[5m])",
        ),
    ],
)
def test_metric_queries(text: str, expected: str) -> None:
    found = print_query(parse(text.replace("S", SELECTOR)))
    assert found == expected.replace("S", SELECTOR)


def test_brackets_after_an_empty_side_are_no_labels() -> None:
    text = "vector(1) + on (a) group_left () (vector(2) + vector(3))"
    assert parse(print_query(parse(text))) == parse(text)
