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
from appliance.wire.loki_json import CATEGORIZE
from appliance.wire.loki_stats import QueryStats

LABELS = Labels.of({"app": "a"})
META, PARSED = (("k", "1"),), (("level", "info"),)
ENTRIES = [(3_500_000_000, "x<", META, ()), (2, "y", (), ()), (1, "z", META, PARSED)]
STREAMS = QueryResult(Streams([Stream(LABELS, ENTRIES)]))


def test_metadata_and_parsed_labels_join_the_streams_labels() -> None:
    data = orjson.loads(loki_json.result(STREAMS))["data"]

    assert data["resultType"] == "streams"
    assert data["result"] == [
        {"stream": {"app": "a", "k": "1"}, "values": [["3500000000", "x<"]]},
        {"stream": {"app": "a"}, "values": [["2", "y"]]},
        {"stream": {"app": "a", "k": "1", "level": "info"}, "values": [["1", "z"]]},
    ]
    assert "encodingFlags" not in data


def test_entries_of_equal_labels_are_one_stream() -> None:
    streams = Streams([Stream(LABELS, [(2, "b", META, ()), (1, "a", META, ())])])

    data = orjson.loads(loki_json.result(QueryResult(streams)))["data"]

    assert data["result"] == [
        {"stream": {"app": "a", "k": "1"}, "values": [["2", "b"], ["1", "a"]]}
    ]


def test_categorized_labels_stay_apart() -> None:
    data = orjson.loads(loki_json.result(STREAMS, flags=(CATEGORIZE,)))["data"]

    assert data["encodingFlags"] == ["categorize-labels"]
    assert data["result"][0]["stream"] == {"app": "a"}
    assert data["result"][0]["values"] == [
        ["3500000000", "x<", {"structuredMetadata": {"k": "1"}}],
        ["2", "y", {}],
        ["1", "z", {"structuredMetadata": {"k": "1"}, "parsed": {"level": "info"}}],
    ]


def test_statistics() -> None:
    stats = QueryStats(0.5, 0.25, 2, 30, 400, 40, 7, 6)

    found = orjson.loads(loki_json.result(STREAMS, stats))["data"]["stats"]

    assert found["summary"] == {
        "bytesProcessedPerSecond": 800,
        "linesProcessedPerSecond": 60,
        "totalBytesProcessed": 400,
        "totalLinesProcessed": 30,
        "execTime": 0.5,
        "queueTime": 0.25,
        "subqueries": 0,
        "totalEntriesReturned": 6,
        "splits": 0,
        "shards": 0,
        "totalPostFilterLines": 7,
        "totalStructuredMetadataBytesProcessed": 40,
    }
    assert found["querier"]["store"]["totalChunksDownloaded"] == 2
    assert found["querier"]["store"]["chunk"]["decompressedLines"] == 30
    assert found["ingester"]["store"]["chunk"]["decompressedBytes"] == 0
    assert QueryStats(lines=3).per_second(3) == 0


def test_samples_are_printed_without_exponents() -> None:
    times = np.array([1500, 2000], dtype=np.int64)
    matrix = QueryResult(Matrix([(LABELS, times, np.array([1e-7, 2.0]))]))
    vector = QueryResult(
        Vector(1500, [LABELS, Labels()], np.array([0.5, np.nan])), Annotations(warnings=("w",))
    )

    assert b'"values":[[1.5,"0.0000001"],[2,"2"]]' in loki_json.result(matrix)
    assert b'"warnings":["w"]' in loki_json.result(vector)
    assert orjson.loads(loki_json.result(vector))["data"]["result"] == [
        {"metric": {"app": "a"}, "value": [1.5, "0.5"]},
        {"metric": {}, "value": [1.5, "NaN"]},
    ]
    assert b'"resultType":"scalar","result":[1,"2"]' in loki_json.result(
        QueryResult(Scalar(1000, 2))
    )
    assert b'[1,"s"]' in loki_json.result(QueryResult(StringValue(1000, "s")))
    assert b'"resultType":"matrix","result":[]' in loki_json.result(QueryResult(Matrix([])))


def test_a_large_matrix_comes_in_pieces() -> None:
    times = np.arange(30_000, dtype=np.int64) * 1000
    values = np.arange(30_000, dtype=np.float64)
    series = [(Labels.of({"n": str(n)}), times, values) for n in range(5)]

    pieces = list(loki_json.result_parts(QueryResult(Matrix(series))))
    found = orjson.loads(b"".join(pieces))["data"]["result"]

    assert len([piece for piece in pieces if len(piece) > 100_000]) > 1
    assert [item["metric"]["n"] for item in found] == ["0", "1", "2", "3", "4"]
    assert all(len(item["values"]) == 30_000 for item in found)


def test_lists() -> None:
    assert loki_json.strings(["a"]) == b'{"status":"success","data":["a"]}\n'
    assert loki_json.strings([]) == b'{"status":"success"}\n'
    assert loki_json.series([LABELS]) == b'{"status":"success","data":[{"app":"a"}]}\n'
    assert loki_json.series([]) == b'{"status":"success","data":[]}\n'


def test_messages_of_tails() -> None:
    stream = Stream(LABELS, [(1, "x", META, ())])

    assert orjson.loads(loki_json.tail([stream], [(7, LABELS)], flags=(CATEGORIZE,))) == {
        "streams": [
            {"stream": {"app": "a"}, "values": [["1", "x", {"structuredMetadata": {"k": "1"}}]]}
        ],
        "dropped_entries": [{"timestamp": "7", "labels": {"app": "a"}}],
        "encodingFlags": ["categorize-labels"],
    }
    assert loki_json.tail([]) == b'{"streams":[]}'


def test_old_paths_have_labels_as_text() -> None:
    found = orjson.loads(loki_json.legacy_result(STREAMS))

    assert found["streams"][0] == {
        "labels": '{app="a", k="1"}',
        "entries": [{"ts": "1970-01-01T00:00:03.5Z", "line": "x<"}],
    }
    assert found["stats"]["summary"]["totalLinesProcessed"] == 0
    assert orjson.loads(loki_json.legacy_strings(["a"])) == {"values": ["a"]}
    assert orjson.loads(loki_json.legacy_strings([])) == {}
    assert orjson.loads(loki_json.legacy_tail([], [(0, LABELS)])) == {
        "streams": [],
        "dropped_entries": [{"timestamp": "1970-01-01T00:00:00Z", "labels": '{app="a"}'}],
    }
