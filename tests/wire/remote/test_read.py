"""Remote read: requests, and both types of answers."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import ABSENT, SeriesGroup, box_histograms
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.read import (
    ResponseType,
    decode_request,
    encode_chunks_answer,
    encode_samples_answer,
    series_of,
)
from tests.remote_requests import NOW
from tests.sources import labels


def request(*accepted: int, kind: int = 0) -> bytes:
    query = pb.Query(
        start_timestamp_ms=1,
        end_timestamp_ms=2,
        matchers=[pb.LabelMatcher(type=kind, name=b"__name__", value=b"up")],
    )
    data: bytes = pb.ReadRequest(
        queries=[query], accepted_response_types=accepted
    ).SerializeToString()
    return data


def test_request() -> None:
    found = decode_request(request())
    [query] = found.queries
    assert (query.start_ms, query.end_ms) == (1, 2)
    assert [str(matcher) for matcher in query.matchers] == ['__name__="up"']
    assert str(decode_request(request(kind=3)).queries[0].matchers[0]) == '__name__!~"up"'


def test_type_of_the_answer() -> None:
    assert decode_request(request()).response_type is ResponseType.SAMPLES
    assert decode_request(request(1, 0)).response_type is ResponseType.SAMPLES
    assert decode_request(request(1)).response_type is ResponseType.STREAMED_XOR_CHUNKS
    with pytest.raises(BadInput, match="response types"):
        decode_request(request(7))


def test_broken_requests() -> None:
    for body in (b"\xff", request(kind=9)):
        with pytest.raises(BadInput):
            decode_request(body)


def group() -> SeriesGroup:
    return SeriesGroup(
        [labels(name="up", job="b"), labels(name="up", job="a"), labels(name="none")],
        np.array([NOW, NOW + 10], dtype=np.int64),
        np.array([[1.0, ABSENT], [0.0, 2.0], [ABSENT, ABSENT]]),
    )


def test_series_are_sorted_and_have_external_labels() -> None:
    found = series_of([group()], labels(region="eu", job="x"))
    assert [series.labels for series in found] == [
        labels(name="up", job="a", region="eu"),
        labels(name="up", job="b", region="eu"),
    ]
    assert [series.times.tolist() for series in found] == [[NOW, NOW + 10], [NOW]]


def test_samples() -> None:
    body = encode_samples_answer([series_of([group()], Labels()), []])
    answer = pb.ReadResponse.FromString(body)
    assert len(answer.results) == 2
    first, _ = answer.results[0].timeseries
    assert [(sample.timestamp, sample.value) for sample in first.samples] == [
        (NOW, 0.0),
        (NOW + 10, 2.0),
    ]
    assert [label.value for label in first.labels] == [b"up", b"a"]


def test_histograms_are_among_the_samples() -> None:
    values = np.array([[1.0, box_histograms(np.array([0]))[0]]])
    times = np.array([5, NOW], dtype=np.int64)
    found = SeriesGroup([labels(name="h")], times, values, [Histogram(0, 2.0, 3.0)])
    series = (
        pb.ReadResponse.FromString(encode_samples_answer([series_of([found], Labels())]))
        .results[0]
        .timeseries[0]
    )
    assert [sample.timestamp for sample in series.samples] == [5]
    assert [(h.timestamp, h.count_int, h.sum) for h in series.histograms] == [(NOW, 2, 3.0)]


def test_chunks() -> None:
    times = np.arange(9000, dtype=np.int64) + NOW
    values = np.random.default_rng(1).random((1, 9000))
    found = SeriesGroup([labels(name="up")], times, values)
    series = series_of([found], Labels())
    count = 0
    for number, frame in enumerate(encode_chunks_answer([[], series])):
        size, at = frame[0], 1
        if size > 0x7F:
            size, at = (size & 0x7F) | (frame[1] & 0x7F) << 7 | frame[2] << 14, 3
        message = frame[at + 4 :]
        assert (len(message), int.from_bytes(frame[at : at + 4])) == (size, snappy.crc32c(message))
        answer = pb.ChunkedReadResponse.FromString(message)
        assert answer.query_index == 1
        [part] = answer.chunked_series
        if not number:
            assert part.chunks[0].min_time_ms == NOW
        count += sum(int.from_bytes(chunk.data[:2]) for chunk in part.chunks)
    assert number
    assert count == 9000


def test_chunks_have_no_histograms() -> None:
    values = box_histograms(np.array([[0]]))
    found = SeriesGroup([labels(name="h")], np.array([1]), values, [Histogram(0, 2.0, 3.0)])
    with pytest.raises(BadInput, match="SAMPLES"):
        list(encode_chunks_answer([series_of([found], Labels())]))


def test_checksum() -> None:
    assert snappy.crc32c(b"123456789") == 0xE3069283
    assert snappy.crc32c(b"") == 0
    data = bytes(range(256)) * 257
    assert snappy.crc32c(data) != snappy.crc32c(data[:-1])
    assert snappy.crc32c(data[: 64 << 10]) == snappy._slow_crc32c(data[: 64 << 10])
