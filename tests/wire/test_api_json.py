from __future__ import annotations

import numpy as np
import orjson
import pytest

from appliance.model.labels import Labels
from appliance.model.value import (
    Annotations,
    Matrix,
    QueryResult,
    Scalar,
    Streams,
    StringValue,
    Vector,
)
from appliance.wire import api_json


def series(*pairs: tuple[int, float], **labels: str) -> tuple[Labels, np.ndarray, np.ndarray]:
    times = np.array([time_ms for time_ms, _ in pairs], dtype=np.int64)
    return Labels.of(labels), times, np.array([value for _, value in pairs], dtype=np.float64)


def test_a_matrix_is_printed_as_prometheus_prints_it() -> None:
    matrix = Matrix(
        [
            series((1050, 0.35), (1550, 1e22), (2000, float("nan")), a="x"),
            series((2000, 5.0)),
            series(a="empty"),
        ]
    )

    assert api_json.success(QueryResult(matrix)) == (
        b'{"status":"success","data":{"resultType":"matrix","result":['
        b'{"metric":{"a":"x"},"values":[[1.050,"0.35"],[1.550,"1e+22"],[2,"NaN"]]},'
        b'{"metric":{},"values":[[2,"5"]]},'
        b'{"metric":{"a":"empty"},"values":[]}]}}'
    )


def test_a_vector() -> None:
    labels = [Labels.of({"__name__": "up", "q": 'a"b'}), Labels()]
    vector = Vector(1500, labels, np.array([1e-7, -0.0]))

    assert api_json.success(QueryResult(vector)) == (
        b'{"status":"success","data":{"resultType":"vector","result":['
        b'{"metric":{"__name__":"up","q":"a\\"b"},"value":[1.500,"1e-07"]},'
        b'{"metric":{},"value":[1.500,"-0"]}]}}'
    )
    empty = QueryResult(Vector(0, [], np.empty(0)))
    assert orjson.loads(api_json.success(empty))["data"]["result"] == []


def test_scalars_and_strings_have_their_own_way_with_numbers() -> None:
    scalar = api_json.success(QueryResult(Scalar(1500, 1e-7)))
    string = api_json.success(QueryResult(StringValue(2000, 'x"')))

    assert scalar.endswith(b'{"resultType":"scalar","result":[1.5,"0.0000001"]}}')
    assert string.endswith(b'{"resultType":"string","result":[2,"x\\""]}}')


def test_remarks_appear_only_where_there_are_some() -> None:
    result = QueryResult(Scalar(0, 1), Annotations(warnings=("w",), infos=("i",)))

    assert api_json.success(result).endswith(b',"warnings":["w"],"infos":["i"]}')
    assert api_json.success([]) == b'{"status":"success","data":[]}'
    assert api_json.success({"a": 1}, Annotations(infos=("i",))).endswith(b',"infos":["i"]}')


def test_errors() -> None:
    assert api_json.error("bad_data", 'no "x"') == (
        b'{"status":"error","errorType":"bad_data","error":"no \\"x\\""}'
    )


def test_streams_are_no_result_of_prometheus() -> None:
    with pytest.raises(TypeError, match="Streams"):
        api_json.success(QueryResult(Streams([])))
