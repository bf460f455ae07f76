"""Answers in pieces are the same bytes as answers at once."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.model.value import Annotations, Matrix, QueryResult, Scalar, Vector
from appliance.wire.api_json import success
from appliance.wire.api_stream import answer_parts


def matrix(series: int, points: int) -> Matrix:
    times = np.arange(points, dtype=np.int64) * 15_000
    return Matrix([(Labels.of({"n": str(row)}), times, times / 7.0 + row) for row in range(series)])


@pytest.mark.parametrize(
    "result",
    [
        QueryResult(matrix(0, 0)),
        QueryResult(matrix(1, 3)),
        QueryResult(matrix(7, 3), Annotations(("warned",), ("told",))),
        QueryResult(matrix(250, 1000)),
        QueryResult(matrix(3, 60_000)),
        QueryResult(Scalar(1000, 2.0), Annotations(infos=("told",))),
        QueryResult(Vector(1000, [Labels.of({"a": "b"})], np.array([1.5]))),
    ],
)
def test_pieces_joined_are_the_answer(result: QueryResult) -> None:
    assert b"".join(answer_parts(result)) == success(result)


def test_statistics_stand_beside_the_result() -> None:
    for result in (QueryResult(matrix(2, 2)), QueryResult(Scalar(0, 1.0))):
        found = b"".join(answer_parts(result, {"samples": {"peakSamples": 1}}))
        whole = success(result)
        at = whole.rindex(b"}}")
        assert found == whole[:at] + b',"stats":{"samples":{"peakSamples":1}}' + whole[at:]


def test_no_piece_is_large() -> None:
    sizes = [len(part) for part in answer_parts(QueryResult(matrix(400, 2000)))]
    assert len(sizes) > 10
    assert max(sizes) < sum(sizes) / 8
