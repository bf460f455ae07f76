"""Answers of metrics queries."""

from __future__ import annotations

import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.traceql.results import MetricSeries, MetricsResult, SpanExemplar
from appliance.traceql.static import Static, Type
from appliance.wire import tempo_metrics as wire
from appliance.wire.messages.tempo_pb2 import (
    QueryInstantResponse,
    QueryRangeResponse,
    TimeSeries,
)

LABELS = [("resource.service.name", Static(Type.STRING, "shop"))]
EXEMPLAR = SpanExemplar([("trace:id", Static(Type.STRING, "ab"))], 2.5, 61_000_000_000)
STEPS = np.array([60, 120, 180, 240], dtype=np.int64) * 10**9


def result(*values: float, exemplars: tuple[SpanExemplar, ...] = ()) -> MetricsResult:
    series = MetricSeries(LABELS, np.array(values, dtype=np.float64), exemplars)
    return MetricsResult([series], STEPS[: len(values)], inspected_spans=9)


def test_points_of_a_range() -> None:
    found = result(0.0, math.nan, 2.0, math.inf, exemplars=(EXEMPLAR,))
    assert orjson.loads(wire.range_json(found)) == {
        "series": [
            {
                "labels": [{"key": "resource.service.name", "value": {"stringValue": "shop"}}],
                "samples": [
                    {"timestampMs": "60000"},
                    {"timestampMs": "180000", "value": 2},
                    {"timestampMs": "240000", "value": "Infinity"},
                ],
                "promLabels": '{"resource.service.name"="shop"}',
                "exemplars": [
                    {
                        "labels": [{"key": "trace:id", "value": {"stringValue": "ab"}}],
                        "value": 2.5,
                        "timestampMs": "61000",
                    }
                ],
            }
        ],
        "metrics": {"completedJobs": 1, "totalJobs": 1, "inspectedSpans": "9"},
    }


def test_protobuf_of_a_range() -> None:
    found = result(0.0, math.nan, 2.0, -math.inf, exemplars=(EXEMPLAR,))
    message = QueryRangeResponse.FromString(wire.range_protobuf(found))
    (series,) = message.series
    points = [(sample.timestamp_ms, sample.value) for sample in series.samples]
    assert points == [(60_000, 0.0), (180_000, 2.0), (240_000, -math.inf)]
    assert series.labels[0].value.string_value == "shop"
    assert series.exemplars[0].timestamp_ms == 61_000
    assert message.metrics.inspectedSpans == 9


@given(st.lists(st.tuples(st.integers(0, 2**62), st.floats()), max_size=20))
def test_points_in_protobuf(points: list[tuple[int, float]]) -> None:
    times = np.array([time for time, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points], dtype=np.float64)
    read = TimeSeries.FromString(wire.samples_protobuf(times, values)).samples
    expected = [point for point in points if not math.isnan(point[1])]
    assert [(sample.timestamp_ms, sample.value) for sample in read] == expected


def test_an_instant_has_the_first_point() -> None:
    found = result(math.nan, 2.5)
    (series,) = orjson.loads(wire.instant_json(found))["series"]
    assert series["value"] == 2.5
    message = QueryInstantResponse.FromString(wire.instant_protobuf(found))
    assert (message.series[0].value, message.status) == (2.5, 0)
    assert "value" not in orjson.loads(wire.instant_json(result(0.0)))["series"][0]


@pytest.mark.parametrize("encode", [wire.range_json, wire.instant_json])
def test_series_without_points_are_left_out(encode: object) -> None:
    assert callable(encode)
    assert orjson.loads(encode(result(math.nan)))["series"] == []


def test_a_partial_answer_says_why() -> None:
    series = [MetricSeries(LABELS, np.ones(1)) for _ in range(2)]
    found = MetricsResult(series, STEPS[:1], message="too many")
    answer = orjson.loads(wire.range_json(found))
    assert (answer["status"], answer["message"]) == ("PARTIAL", "too many")
    message = QueryRangeResponse.FromString(wire.range_protobuf(found))
    assert (message.status, message.message) == (1, "too many")
