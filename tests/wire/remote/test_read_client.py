"""Answers of remote read are read as they were meant, in either of their shapes."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import STALE, box_histograms
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.histograms import read_histogram
from appliance.wire.remote.read import (
    ReadQuery,
    ReadSeries,
    decode_request,
    encode_samples_answer,
)
from appliance.wire.remote.read_client import decode_answer, encode_question
from tests.remote_requests import NOW, native_histogram, series_v1

LABELS = Labels.of({"__name__": "m", "x": "ä"})


def test_question_arrives() -> None:
    matchers = [Matcher("x", op, "a|b") for op in MatchOp]
    request = decode_request(encode_question(matchers, -5, NOW))
    assert list(request.queries) == [ReadQuery(tuple(matchers), -5, NOW)]


@pytest.mark.parametrize("first", [NOW, 5, -5])
def test_samples_of_any_time_keep_their_bits(first: int) -> None:
    times = np.array([first, first + 1, first + 2], dtype=np.int64)
    values = np.array([0.0, float(STALE), float("inf")])
    (found,) = decode_answer(encode_samples_answer([[ReadSeries(LABELS, times, values)]]))
    assert found.labels == LABELS
    assert found.times.tolist() == times.tolist()
    assert found.values.tobytes() == values.tobytes()


def test_values_of_zero_are_left_out_by_other_servers() -> None:
    series = series_v1(dict(LABELS), [(NOW, 0.0), (NOW + 1, 2.0)])
    answer = pb.ReadResponse(results=[pb.QueryResult(timeseries=[series])]).SerializeToString()
    (found,) = decode_answer(answer)
    assert found.values.tolist() == [0.0, 2.0]


def test_histograms_stand_among_samples() -> None:
    histogram = read_histogram(native_histogram(NOW + 1))
    cell = box_histograms(np.array([0], dtype=np.int64))
    values = np.array([1.0, cell[0], 3.0])
    times = np.array([NOW, NOW + 1, NOW + 2], dtype=np.int64)
    series = ReadSeries(LABELS, times, values, [histogram])
    (found,) = decode_answer(encode_samples_answer([[series]]))
    assert found.times.tolist() == times.tolist()
    assert found.values.tobytes() == values.tobytes()
    assert found.histograms[0].sum == histogram.sum


def test_cut_off_answer_is_refused() -> None:
    series = ReadSeries(LABELS, np.array([NOW]), np.array([1.0]))
    with pytest.raises(BadInput, match="unexpected EOF"):
        decode_answer(encode_samples_answer([[series]])[:-1])
