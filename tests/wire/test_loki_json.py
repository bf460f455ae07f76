from __future__ import annotations

import numpy as np
import orjson

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
from appliance.wire import loki_json

LABELS = Labels.of({"app": "a"})
STREAMS = QueryResult(
    Streams([Stream(LABELS, [(3, "x", (("k", "1"),)), (2, "y", ()), (1, "z", (("k", "1"),))])])
)


def test_structured_metadata_joins_the_labels() -> None:
    data = orjson.loads(loki_json.result(STREAMS))["data"]

    assert data["resultType"] == "streams"
    assert data["result"] == [
        {"stream": {"app": "a", "k": "1"}, "values": [["3", "x"], ["1", "z"]]},
        {"stream": {"app": "a"}, "values": [["2", "y"]]},
    ]
    assert "encodingFlags" not in data


def test_categorized_labels_stay_apart() -> None:
    data = orjson.loads(loki_json.result(STREAMS, categorize=True))["data"]

    assert data["encodingFlags"] == ["categorize-labels"]
    assert data["result"][0]["stream"] == {"app": "a"}
    assert data["result"][0]["values"] == [
        ["3", "x", {"structuredMetadata": {"k": "1"}}],
        ["2", "y", {}],
        ["1", "z", {"structuredMetadata": {"k": "1"}}],
    ]


def test_stats_are_zero_where_unknown() -> None:
    answer = orjson.loads(loki_json.result(STREAMS, summary={"totalLinesProcessed": 3}))
    stats = answer["data"]["stats"]

    assert stats["summary"]["totalLinesProcessed"] == 3
    assert stats["ingester"]["store"]["chunk"]["decompressedBytes"] == 0
    assert loki_json.stats()["summary"]["totalLinesProcessed"] == 0


def test_samples_are_printed_without_exponents() -> None:
    times = np.array([1500, 2000], dtype=np.int64)
    matrix = QueryResult(Matrix([(LABELS, times, np.array([1e-7, 2.0]))]))
    vector = QueryResult(Vector(1500, [LABELS], np.array([0.5])), Annotations(warnings=("w",)))

    assert b'"values":[[1.5,"0.0000001"],[2,"2"]]' in loki_json.result(matrix)
    assert b'"warnings":["w"]' in loki_json.result(vector)
    assert orjson.loads(loki_json.result(vector))["data"]["result"] == [
        {"metric": {"app": "a"}, "value": [1.5, "0.5"]}
    ]
    assert b'"resultType":"scalar","result":[1,"2"]' in loki_json.result(
        QueryResult(Scalar(1000, 2))
    )
    assert b'[1,"s"]' in loki_json.result(QueryResult(StringValue(1000, "s")))


def test_lists() -> None:
    assert loki_json.strings(["a"]) == b'{"status":"success","data":["a"]}'
    assert loki_json.strings([]) == b'{"status":"success"}'
    assert loki_json.series([LABELS]) == b'{"status":"success","data":[{"app":"a"}]}'
    assert loki_json.series([]) == b'{"status":"success","data":[]}'
