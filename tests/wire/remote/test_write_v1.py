"""Remote write 1: every shape of a series is read alike; what is broken is refused."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.model.sample import STALE_BITS, is_histogram, is_stale, unbox_histograms
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.request import WriteRequest
from appliance.wire.remote.write_v1 import decode
from tests.remote_requests import NOW, native_histogram, request_v1, series_v1
from tests.sources import labels

UP = {"__name__": "up", "job": "node"}


def points(request: WriteRequest) -> dict[tuple[tuple[str, str], ...], list[tuple[int, float]]]:
    """Samples by labels, in the order of the request."""
    found: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
    for row, at, value in zip(
        request.series.tolist(),
        request.timestamps_ms.tolist(),
        request.values.tolist(),
        strict=True,
    ):
        found.setdefault(request.read_labels(request.keys[row]), []).append((at, value))
    return found


@pytest.mark.parametrize(
    "given",
    [
        [(NOW, 1.5)],
        [(NOW, 0.0)],
        [(NOW, 1.5), (NOW + 1, 0.0), (NOW + 2, -1e300)],
        [(NOW + n, float(n)) for n in range(40)],
        [(5, 1.0)],
        [(5, 1.0), (NOW, 2.0)],
        [(-5, 1.0), (NOW, 2.0)],
        [(1 << 43, 1.0)],
    ],
    ids=["one", "zero", "mixed", "many", "old", "old and new", "negative", "far future"],
)
def test_samples_of_any_shape(given: list[tuple[int, float]]) -> None:
    body = request_v1([series_v1(UP, given), series_v1({"__name__": "other"}, [(NOW, 7.0)])])
    verified: set[bytes] = set()
    for _ in range(2):  # unknown keys, then known ones
        found = points(decode(body, verified))
        assert found == {labels(name="up", job="node"): given, labels(name="other"): [(NOW, 7.0)]}


def test_key_that_ends_like_a_sample() -> None:
    sample = pb.TimeSeries(samples=[pb.Sample(value=3.0, timestamp=NOW)]).SerializeToString()
    series = pb.TimeSeries(labels=[pb.Label(name=b"__name__", value=b"x" + sample)])
    request = decode(request_v1([series, series_v1(UP, [(NOW, 1.0)])]), set())
    assert request.series.tolist() == [1]


def test_equal_keys_of_all_ways() -> None:
    body = request_v1([series_v1(UP, [(NOW, 1.0)]), series_v1(UP, [(5, 1.0)])])
    request = decode(body, set())
    assert request.keys[0] == request.keys[1]


def test_staleness_marker_keeps_its_bits() -> None:
    stale = np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0]
    for times in ([NOW], [5]):
        request = decode(request_v1([series_v1(UP, [(at, stale) for at in times])]), set())
        assert is_stale(request.values).all()


def test_histograms() -> None:
    series = series_v1(UP)
    series.histograms.append(native_histogram(NOW))
    floats = native_histogram(NOW + 1)
    floats.ClearField("positive_deltas")
    floats.count_float, floats.zero_count_float = 10.5, 1.5
    floats.positive_counts.extend([2, 3, 4])
    series.histograms.append(floats)
    request = decode(request_v1([series]), set())
    assert is_histogram(request.values).all()
    assert unbox_histograms(request.values).tolist() == [0, 1]
    first, second = request.histograms
    assert first.positive.indexes.tolist() == second.positive.indexes.tolist() == [0, 1, 4]
    assert first.positive.counts.tolist() == [2, 3, 4]
    assert (first.count, first.zero_count, second.count) == (10, 1, 10.5)


def test_histogram_with_a_stale_sum_is_a_marker() -> None:
    stale = np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0]
    series = series_v1(UP)
    series.histograms.append(native_histogram(NOW, sum_=float(stale)))
    request = decode(request_v1([series]), set())
    assert is_stale(request.values).all()
    assert not request.histograms


def test_wrong_histogram_is_refused_alone() -> None:
    series = series_v1(UP)
    bad = native_histogram(NOW)
    bad.positive_deltas.append(1)
    series.histograms.extend([bad, native_histogram(NOW + 1)])
    request = decode(request_v1([series]), set())
    assert len(request.values) == 1
    [(row, reason)] = request.refused
    assert row == 0
    assert "buckets" in reason


def test_exemplars_and_metadata() -> None:
    series = series_v1(UP)
    label = pb.Label(name=b"trace_id", value=b"abc")
    series.exemplars.add(labels=[label], value=2.5, timestamp=NOW)
    body = pb.WriteRequest(
        timeseries=[series],
        metadata=[pb.Metadata(type=1, metric_family_name=b"up", help=b"Is up.", unit=b"s")],
    ).SerializeToString()
    request = decode(body, set())
    assert request.exemplars == [(0, Exemplar(labels(trace_id="abc"), 2.5, NOW))]
    assert not len(request.values)
    known = request.metadata["up"]
    assert (known.type, known.help, known.unit) == ("counter", "Is up.", "s")


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "invalid metric name or labels, got {}"),
        ([(b"__name__", b"x\xff")], "invalid metric name or labels"),
        ([(b"", b"x"), (b"a", b"b")], "invalid metric name or labels"),
        (
            [(b"__name__", b"x"), (b"a", b"1"), (b"a", b"2")],
            'invalid labels for series, labels {__name__="x", a="1", a="2"}, duplicated label a',
        ),
    ],
)
def test_invalid_labels_name_the_series(pairs: list[tuple[bytes, bytes]], message: str) -> None:
    series = pb.TimeSeries(labels=[pb.Label(name=n, value=v) for n, v in pairs])
    series.samples.add(value=1.0, timestamp=NOW)
    request = decode(request_v1([series]), set())
    with pytest.raises(BadInput) as caught:
        request.read_labels(request.keys[0])
    assert message in caught.value.message


def test_labels_are_sorted_and_empty_ones_left_out() -> None:
    series = series_v1({"z": "1", "__name__": "x", "a": ""}, [(NOW, 1.0)])
    request = decode(request_v1([series]), set())
    assert request.read_labels(request.keys[0]) == labels(name="x", z="1")


@pytest.mark.parametrize(
    "body", [b"\xff\xff\xff", b"\x0a\x05ab", b"\x0a", b"\x07", b"\x0a\x02\x0a\x09"]
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode(body, set())


def test_unknown_fields_are_skipped() -> None:
    body = b"\x10\x01" + request_v1([series_v1(UP, [(NOW, 1.0)])]) + b"\x21" + bytes(8)
    assert len(decode(body, set()).values) == 1
