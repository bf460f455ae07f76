"""Delimited protobuf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.histogram import CUSTOM_SCHEMA, Histogram, ResetHint
from appliance.model.sample import MetricMetadata, is_histogram, unbox_histograms
from appliance.wire.exposition import ParseOptions, Scrape, ScrapeParser
from tests.wire.exposition.protobuf import (
    COUNTER,
    GAUGE,
    GAUGE_HISTOGRAM,
    HISTOGRAM,
    PROTO,
    SUMMARY,
    UNTYPED,
    delimited,
    family,
    instant,
    pairs,
)

NATIVE: dict[str, Any] = {
    "count": 7,
    "sum": 12.5,
    "schema": 3,
    "zero_threshold": 0.001,
    "zero_count": 1,
    "positive_span": [{"offset": 2, "length": 2}, {"offset": 3, "length": 1}],
    "positive_delta": [1, 1, 0],
    "negative_span": [{"offset": -1, "length": 1}],
    "negative_delta": [1],
}
CLASSIC: dict[str, Any] = {
    "count": 5,
    "sum": 3.0,
    "bucket": [{"upper_bound": 1, "count": 2}, {"upper_bound": 2.5, "count": 4}],
}


def show(parser: ScrapeParser, row: int) -> str:
    labels = parser.labels[row]
    inside = ",".join(f'{name}="{value}"' for name, value in labels if name != "__name__")
    return labels.get("__name__") + (f"{{{inside}}}" if inside else "")


def samples(parser: ScrapeParser, scrape: Scrape) -> dict[str, float | Histogram]:
    found: dict[str, float | Histogram] = {}
    boxed = is_histogram(scrape.values)
    places = unbox_histograms(scrape.values)
    for at, row in enumerate(scrape.rows.tolist()):
        value = scrape.histograms[int(places[at])] if boxed[at] else float(scrape.values[at])
        found[show(parser, row)] = value
    return found


def read(body: bytes, **options: Any) -> dict[str, float | Histogram]:
    parser = ScrapeParser(ParseOptions(**options))
    return samples(parser, parser.parse(body, PROTO))


def test_simple_kinds() -> None:
    body = delimited(
        family("c_total", COUNTER, {"labels": {"a": "1"}, "counter": {"value": 3}}, help=b"C."),
        family("g", GAUGE, {"gauge": {"value": -1.5}}),
        family("u", UNTYPED, {"untyped": {"value": 2}}),
        family("empty", GAUGE),
    )
    parser = ScrapeParser()
    scrape = parser.parse(body, PROTO)
    assert samples(parser, scrape) == {'c_total{a="1"}': 3, "g": -1.5, "u": 2}
    assert scrape.metadata == {
        "c_total": MetricMetadata("counter", "C."),
        "g": MetricMetadata("gauge"),
        "u": MetricMetadata("unknown"),
    }
    assert parser.parse(body, PROTO).metadata == {}
    assert parser.parse(body, PROTO).rows.tolist() == [0, 1, 2]


def test_summaries_and_classic_histograms_become_series() -> None:
    quantiles = [{"quantile": 0.5, "value": 1.0}, {"quantile": 1, "value": 2.0}]
    body = delimited(
        family("s", SUMMARY, {"summary": {"count": 2, "sum": 3.5, "quantile": quantiles}}),
        family("h", HISTOGRAM, {"labels": {"x": "y"}, "histogram": CLASSIC}),
    )
    assert read(body) == {
        "s_count": 2,
        "s_sum": 3.5,
        's{quantile="0.5"}': 1,
        's{quantile="1.0"}': 2,
        'h_count{x="y"}': 5,
        'h_sum{x="y"}': 3,
        'h_bucket{le="1.0",x="y"}': 2,
        'h_bucket{le="2.5",x="y"}': 4,
        'h_bucket{le="+Inf",x="y"}': 5,
    }


def test_native_histograms_of_integers() -> None:
    (found,) = read(delimited(family("h", HISTOGRAM, {"histogram": NATIVE}))).values()
    assert isinstance(found, Histogram)
    assert (found.schema, found.count, found.sum) == (3, 7, 12.5)
    assert (found.zero_threshold, found.zero_count) == (0.001, 1)
    assert found.positive.indexes.tolist() == [2, 3, 7]
    assert found.positive.counts.tolist() == [1, 2, 2]
    assert (found.negative.indexes.tolist(), found.negative.counts.tolist()) == ([-1], [1])
    assert found.reset_hint is ResetHint.UNKNOWN


def test_native_histograms_of_floats_and_gauges() -> None:
    value = {
        "count_float": 2.5,
        "positive_span": [{"offset": 0, "length": 2}],
        "positive_count": [1.5, 1.0],
    }
    (found,) = read(delimited(family("h", GAUGE_HISTOGRAM, {"histogram": value}))).values()
    assert isinstance(found, Histogram)
    assert (found.count, found.positive.counts.tolist()) == (2.5, [1.5, 1.0])
    assert found.reset_hint is ResetHint.GAUGE


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, {"h"}),
        ({"keep_classic": True}, {"h", "h_count", "h_sum", "h_bucket"}),
        ({"native_histograms": False}, {"h_count", "h_sum", "h_bucket"}),
    ],
)
def test_what_becomes_of_a_histogram_of_both_kinds(
    options: dict[str, bool], names: set[str]
) -> None:
    body = delimited(family("h", HISTOGRAM, {"histogram": NATIVE | {"bucket": CLASSIC["bucket"]}}))
    assert {name.partition("{")[0] for name in read(body, **options)} == names


@pytest.mark.parametrize("keep", [False, True])
def test_classic_histograms_may_become_custom_ones(keep: bool) -> None:  # noqa: FBT001 - a table
    body = delimited(family("h", HISTOGRAM, {"histogram": CLASSIC}))
    found = read(body, custom_buckets=True, keep_classic=keep)
    histogram = found["h"]
    assert isinstance(histogram, Histogram)
    assert (histogram.schema, histogram.count, histogram.sum) == (CUSTOM_SCHEMA, 5, 3)
    assert histogram.custom_values.tolist() == [1, 2.5]
    assert histogram.positive.indexes.tolist() == [0, 1, 2]
    assert histogram.positive.counts.tolist() == [2, 2, 1]
    assert len(found) == (6 if keep else 1)


def test_times_and_exemplars() -> None:
    exemplar = {"label": pairs({"trace_id": "t"}), "value": 0.5, "timestamp": instant(12.25)}
    counter = {"value": 1, "created": instant(10.5), "exemplar": exemplar}
    bucket = [{"upper_bound": 1, "count": 2, "exemplar": {"label": pairs({"a": "b"}), "value": 1}}]
    body = delimited(
        family("c_total", COUNTER, {"counter": counter}),
        family("g", GAUGE, {"gauge": {"value": 1}, "timestamp_ms": 99}),
        family("h", HISTOGRAM, {"histogram": {"count": 2, "bucket": bucket}}),
    )
    parser = ScrapeParser()
    scrape = parser.parse(body, PROTO)
    assert scrape.starts_ms is not None
    starts = dict(zip(scrape.rows.tolist(), scrape.starts_ms.tolist(), strict=True))
    assert {show(parser, row): start for row, start in starts.items() if start} == {
        "c_total": 10_500
    }
    assert [(show(parser, row), at, value) for row, at, value in scrape.stamped] == [("g", 99, 1)]
    shown = [
        (show(parser, row), dict(one.labels), one.value, one.timestamp_ms)
        for row, one in scrape.exemplars
    ]
    assert shown == [
        ("c_total", {"trace_id": "t"}, 0.5, 12_250),
        ('h_bucket{le="1.0"}', {"a": "b"}, 1, None),
    ]
    assert parser.parse(body, PROTO).exemplars == []


def test_exemplars_of_native_histograms_need_a_time() -> None:
    exemplars = [{"value": 1.0}, {"value": 2.0, "timestamp": instant(3)}]
    value = NATIVE | {"exemplar": exemplars}
    scrape = ScrapeParser().parse(delimited(family("h", HISTOGRAM, {"histogram": value})), PROTO)
    assert [(row, one.value) for row, one in scrape.exemplars] == [(0, 2.0)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\x05abc", "a message of 5 bytes is cut off"),
        (b"\xff" * 12, "length of a message is not a varint"),
        (b"\x02\xff\xff", "cannot decode a metric family"),
        (delimited(family("", GAUGE, {"gauge": {"value": 1}})), "invalid metric name"),
        (delimited(family("x", 9, {"gauge": {"value": 1}})), "unknown metric type"),
        (delimited(family("x", GAUGE, {"gauge": {"value": 1}}, unit=b"s")), "not a suffix of"),
        (
            delimited(family("x", GAUGE, {"labels": {"__name__": "y"}, "gauge": {"value": 1}})),
            "'__name__' is not unique",
        ),
        (
            delimited(family("h", HISTOGRAM, {"histogram": NATIVE | {"schema": -5}})),
            "invalid schema",
        ),
        (
            delimited(family("h", HISTOGRAM, {"histogram": NATIVE | {"count": 8}})),
            "7 observations found in buckets, but the Count field is 8",
        ),
        (
            delimited(family("h", HISTOGRAM, {"histogram": NATIVE | {"positive_delta": [1]}})),
            "positive side: spans need 3 buckets, have 1 buckets",
        ),
        (
            delimited(
                family("h", HISTOGRAM, {"histogram": NATIVE | {"positive_delta": [1, -2, 0]}})
            ),
            "bucket number 2 has observation count of -1",
        ),
    ],
)
def test_what_is_wrong_is_named(body: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        ScrapeParser().parse(body, PROTO)


def test_repeated_series_count_once_and_rows_are_shared_with_text() -> None:
    parser = ScrapeParser()
    text = parser.parse(b"g 4\n", "text/plain")
    one = {"gauge": {"value": 1}}
    scrape = parser.parse(delimited(family("g", GAUGE, one, {"gauge": {"value": 2}})), PROTO)
    assert (scrape.rows.tolist(), scrape.values.tolist()) == (text.rows.tolist(), [1])
    assert (scrape.sample_count, scrape.duplicates) == (2, 1)


def test_every_nan_becomes_the_ordinary_one() -> None:
    odd = float(np.array([0x7FFA000000000003], dtype=np.uint64).view(np.float64)[0])
    scrape = ScrapeParser().parse(delimited(family("g", GAUGE, {"gauge": {"value": odd}})), PROTO)
    assert not is_histogram(scrape.values).any()
