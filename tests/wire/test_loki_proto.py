from __future__ import annotations

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.model.value import (
    Annotations,
    Matrix,
    QueryResult,
    Scalar,
    Stream,
    Streams,
    StringValue,
    Vector,
)
from appliance.wire import loki_proto
from appliance.wire.loki_json import CATEGORIZE
from appliance.wire.loki_stats import QueryStats
from tests.wire.loki_messages import read

LABELS = Labels.of({"app": "a", "text": 'say "hi"'})
ENTRIES = [
    (1_700_000_000_123_456_789, "zwö", (("k", "1"),), (("level", "info"),)),
    (5 * 10**9, "", (), ()),
]
STREAMS = QueryResult(Streams([Stream(LABELS, ENTRIES)]), Annotations(warnings=("w",)))


def test_streams() -> None:
    stats = QueryStats(0.5, 0.25, 2, 30, 400, 40, 7, 6)

    found = read(loki_proto.result(STREAMS, stats, is_backward=True, limit=100))

    assert found.HasField("status")
    assert found.status.code == 0
    body = found.streams
    assert (body.status, body.data.type) == ("success", "streams")
    assert (body.direction, body.limit, body.version) == (1, 100, 1)
    assert list(body.warnings) == ["w"]
    first, second = body.data.result
    assert first.labels == r'{app="a", k="1", level="info", text="say \"hi\""}'
    assert second.labels == r'{app="a", text="say \"hi\""}'
    assert first.entries[0].line == "zwö"
    assert (first.entries[0].time.seconds, first.entries[0].time.nanos) == (
        1_700_000_000,
        123_456_789,
    )
    assert second.entries[0].time.seconds == 5
    summary = body.statistics.summary
    assert (summary.bytes, summary.lines, summary.exec_time, summary.queue_time) == (
        400,
        30,
        0.5,
        0.25,
    )
    assert (summary.entries, summary.post_filter_lines, summary.metadata_bytes) == (6, 7, 40)
    assert body.statistics.querier.store.chunks == 2
    assert body.statistics.querier.store.chunk.lines == 30


def test_categorized_streams() -> None:
    found = read(loki_proto.result(STREAMS, flags=(CATEGORIZE,))).streams

    (stream,) = found.data.result
    assert stream.labels == r'{app="a", text="say \"hi\""}'
    assert [(pair.name, pair.value) for pair in stream.entries[0].metadata] == [("k", "1")]
    assert [(pair.name, pair.value) for pair in stream.entries[0].parsed] == [("level", "info")]
    assert not stream.entries[1].metadata


def test_samples() -> None:
    times = np.array([1_700_000_000_000, 1_700_000_015_000], dtype=np.int64)
    matrix = QueryResult(Matrix([(LABELS, times, np.array([1.5, np.inf]))]))
    vector = QueryResult(Vector(1500, [LABELS, Labels()], np.array([0.5, 2.0])))

    found = read(loki_proto.result(matrix)).prom.response
    assert (found.status, found.data.type) == ("success", "matrix")
    (series,) = found.data.result
    assert {pair.name: pair.value for pair in series.labels} == dict(LABELS)
    assert [(s.timestamp_ms, s.value) for s in series.samples] == [
        (1_700_000_000_000, 1.5),
        (1_700_000_015_000, float("inf")),
    ]
    found = read(loki_proto.result(vector)).prom.response
    assert found.data.type == "vector"
    assert [(s.samples[0].timestamp_ms, s.samples[0].value) for s in found.data.result] == [
        (1500, 0.5),
        (1500, 2.0),
    ]
    found = read(loki_proto.result(QueryResult(Scalar(1000, 3)))).prom.response
    assert (found.data.type, found.data.result[0].samples[0].value) == ("scalar", 3)
    with pytest.raises(TypeError, match="StringValue"):
        loki_proto.result(QueryResult(StringValue(0, "x")))


def test_lists() -> None:
    found = read(loki_proto.strings(["a", "b"])).labels
    assert (found.status, list(found.data), found.version) == ("success", ["a", "b"], 1)
    (series,) = read(loki_proto.series([LABELS])).series.data
    assert {pair.name: pair.value for pair in series.labels} == dict(LABELS)
    stats = read(loki_proto.index_stats([1, 2, 3, 4])).stats.response
    assert (stats.streams, stats.chunks, stats.bytes, stats.entries) == (1, 2, 3, 4)
