from __future__ import annotations

import math

import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.wire.exposition.line import is_openmetrics, parse_metadata, parse_sample


@pytest.mark.parametrize(
    ("line", "labels", "value", "timestamp_ms"),
    [
        ("up 1", {"__name__": "up"}, 1, None),
        ("a:b{} 2.5", {"__name__": "a:b"}, 2.5, None),
        ('m{a="x",b="y",} 3', {"__name__": "m", "a": "x", "b": "y"}, 3, None),
        ('m { a = "x" , b = "y" } \t 3 ', {"__name__": "m", "a": "x", "b": "y"}, 3, None),
        ("m 1 1700000000123", {"__name__": "m"}, 1, 1700000000123),
        ("m 1 -5", {"__name__": "m"}, 1, -5),
        (r'm{a="q\"b\\n\nx\d"} 1', {"__name__": "m", "a": 'q"b\\n\nx\\d'}, 1, None),
        (
            'm{a="with space # {and} this"} 1',
            {"__name__": "m", "a": "with space # {and} this"},
            1,
            None,
        ),
        ('{"my.metric",a="b"} 1', {"__name__": "my.metric", "a": "b"}, 1, None),
        ('{a="b","my.metric"} 1', {"__name__": "my.metric", "a": "b"}, 1, None),
        ('m{"a.b"="c",empty=""} 1', {"__name__": "m", "a.b": "c"}, 1, None),
        ('m{a="ünï"} +Inf', {"__name__": "m", "a": "ünï"}, math.inf, None),
    ],
)
def test_parse_sample_reads_series_value_and_time(
    line: str, labels: dict[str, str], value: float, timestamp_ms: int | None
) -> None:
    sample = parse_sample(line)

    assert sample.labels == Labels.of(labels)
    assert sample.value == value
    assert sample.timestamp_ms == timestamp_ms


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "expected a metric name, got the end"),
        ("1up 1", "expected a metric name, got '1up 1'"),
        ("up", "expected a value, got the end"),
        ("up one", "'one' is not a number"),
        ("up 1 2 3", "expected the end of the line, got '3'"),
        ("up 1 2.5", "expected a timestamp in milliseconds, got '2.5'"),
        ("up 1 99999999999999999999", "expected a timestamp"),
        ('m{a="x" 1', "expected , or }, got '1'"),
        ("m{a=x} 1", "expected a quoted string, got 'x} 1'"),
        ('m{a:b="x"} 1', "expected =, got"),
        ('m{a="x",a="y"} 1', "label name 'a' is not unique"),
        ('m{__name__="x"} 1', "label name '__name__' is not unique"),
        ('m{"n"} 1', "expected =, got"),
        ('{a="x"} 1', "expected a metric name"),
        ('m{a="x', "expected a quoted string"),
        ('m{a="x"} 1 # {t="1"} 1', "expected"),
    ],
)
def test_parse_sample_says_what_is_wrong(line: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_sample(line)

    assert message in caught.value.message


def test_openmetrics_times_are_seconds_and_exemplars_are_read_over() -> None:
    sample = parse_sample('m{a="b"} 5 1.5 # {trace_id="x"} 0.67 1.6', openmetrics=True)

    assert sample.value == 5
    assert sample.timestamp_ms == 1500
    assert not sample.is_plain


@pytest.mark.parametrize(
    "line", ['m 5 # {t="x"}', 'm 5 # {t="x"} y', "m 5 NaN", 'm 5 # {"x"} 1 2 3']
)
def test_openmetrics_broken_exemplars_and_times_are_refused(line: str) -> None:
    with pytest.raises(BadInput):
        parse_sample(line, openmetrics=True)


@pytest.mark.parametrize(
    ("line", "plain"),
    [("a 1", True), ('a{b="c d"} 1', True), ("a\t1", False), ("a 1 ", False), ("a 1 5", False)],
)
def test_plain_lines_end_their_series_at_the_last_space(line: str, *, plain: bool) -> None:
    assert parse_sample(line).is_plain is plain


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# HELP m some text", ("help", "m", "some text")),
        (r"# HELP m a\\b\nc\"d", ("help", "m", 'a\\b\nc\\"d')),
        ("# HELP m", ("help", "m", "")),
        ("# TYPE m counter", ("type", "m", "counter")),
        ("#\tTYPE  m\tuntyped", ("type", "m", "unknown")),
        ('# TYPE "my.metric" gauge', ("type", "my.metric", "gauge")),
        ("# a remark", None),
        ("#TYPE m nonsense", None),
    ],
)
def test_parse_metadata(line: str, found: tuple[str, str, str] | None) -> None:
    assert parse_metadata(line) == found


@pytest.mark.parametrize(
    ("line", "openmetrics"),
    [
        ("# TYPE m nonsense", False),
        ("# TYPE m info", False),
        ("# remark", True),
        ("# HELP 1m x", False),
    ],
)
def test_parse_metadata_refuses(line: str, *, openmetrics: bool) -> None:
    with pytest.raises(BadInput):
        parse_metadata(line, openmetrics=openmetrics)


def test_openmetrics_knows_more_types_and_units() -> None:
    assert parse_metadata("# TYPE m info", openmetrics=True) == ("type", "m", "info")
    assert parse_metadata("# UNIT m_seconds seconds", openmetrics=True) == (
        "unit",
        "m_seconds",
        "seconds",
    )


def test_is_openmetrics_looks_at_the_media_type_only() -> None:
    assert is_openmetrics("Application/OpenMetrics-Text; version=1.0.0")
    assert not is_openmetrics("text/plain; x=application/openmetrics-text")
    assert not is_openmetrics("")
