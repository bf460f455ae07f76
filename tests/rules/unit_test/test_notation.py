"""The notation of series."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import is_stale
from appliance.promql.histograms.text import print_test_expression
from appliance.rules.unit_test.notation import parse_metric, parse_series

INF = math.inf


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 -2 +3 .5 1e3 Inf -Inf", [1, -2, 3, 0.5, 1000, INF, -INF]),
        ("1+2x3", [1, 3, 5, 7]),
        ("-1-1x2 ", [-1, -2, -3]),
        ("0x3 7", [0, 0, 0, 0, 7]),
        ("_ _x2 1", [None, None, None, 1]),
        ("5m", [300]),
        ("", []),
    ],
)
def test_values(text: str, values: list[float | None]) -> None:
    assert parse_series(f"up {text}") == (Labels.of({"__name__": "up"}), values)


def test_sums_are_taken_one_after_the_other() -> None:
    assert parse_series("up 0+0.1x3")[1][-1] == 0.1 + 0.1 + 0.1


def test_staleness_markers() -> None:
    _, (value,) = parse_series("up stale")
    assert isinstance(value, float)
    assert is_stale(np.array([value])).all()


def test_histograms() -> None:
    _, values = parse_series(
        "h {{schema:1 sum:1 count:3 buckets:[1 2] offset:-1}}+{{schema:1 count:1 buckets:[1]}}x1"
        " {{count:1}}x1"
    )
    shown = [print_test_expression(v) for v in values if isinstance(v, Histogram)]
    assert shown == [
        "{{schema:1 count:3 sum:1 offset:-1 buckets:[1 2]}}",
        "{{schema:1 count:4 sum:1 offset:-1 buckets:[1 3]}}",
        "{{count:1}}",
        "{{count:1}}",
    ]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('up{a="b", c=""}', {"__name__": "up", "a": "b"}),
        ('{"a.b", "c d"="e"}', {"__name__": "a.b", "c d": "e"}),
        ('{a="}{"}', {"a": "}{"}),
        ("{}", {}),
    ],
)
def test_metrics(text: str, labels: dict[str, str]) -> None:
    assert parse_metric(text) == Labels.of(labels)
    assert parse_series(f"{text} 1") == (Labels.of(labels), [1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("up 1 2 foo", '1:8: parse error: unexpected identifier "foo" in series values,'),
        ('up{a=~"b"} 1', '1:5: parse error: unexpected <op:=~> in label set, expected "="'),
        ("up 1+ 2", '1:6: parse error: unexpected " " in series values'),
        ("up 1+1 2", '1:7: parse error: unexpected " " in series values'),
        ("up 1x-1", "1:6: parse error: unexpected <op:-> in series values"),
        ("up 1x2.5", "1:6: parse error: invalid repetition in series values: strconv.ParseUint:"),
        ("up 1,2", "1:5: parse error: unexpected character in series sequence: ','"),
        ('up{a="b" 1', "1:10: parse error: unexpected character inside braces"),
        ("h {{foo:1}}", 'bad histogram descriptor found: "foo"'),
        (" 1 2", "1:2: parse error: unexpected number"),
        ("h {{schema:1}}+{{schema:0}}x2", "1:3: parse error: error combining histograms"),
        ("up 1x999999999999", "1:6: parse error: more than"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_series(text)
    assert caught.value.message.startswith(message)
