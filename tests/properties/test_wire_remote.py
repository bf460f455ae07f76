"""Remote write and read: what is encoded is decoded; rubbish is BadInput, whatever it is."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput, TooLarge
from appliance.model.labels import Labels
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote import read, write_v1, write_v2
from appliance.wire.remote.request import WriteRequest
from appliance.wire.remote.symbols import SymbolNumbers
from tests.random_examples import examples

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LABELS = st.dictionaries(NAMES, NAMES, min_size=1, max_size=4)
LABELS |= LABELS.map(lambda names: {**names, "__name__": "m"})
TIMES = st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(1 << 35, (1 << 42) - 1)
BITS = st.integers(0, (1 << 64) - 1) | st.just(0)
POINTS = st.lists(st.tuples(TIMES, BITS), max_size=20)


def read_all(request: WriteRequest) -> None:
    """Use every part of a request that could be decoded."""
    for key in request.keys:
        with contextlib.suppress(BadInput):
            request.read_labels(key)
    assert request.series.shape == request.timestamps_ms.shape == request.values.shape
    assert not len(request.series) or request.series.max() < len(request.keys)


@given(st.lists(st.tuples(LABELS, POINTS), max_size=6))
def test_write_v1(given_series: list[tuple[dict[str, str], list[tuple[int, int]]]]) -> None:
    message = pb.WriteRequest()
    for names, points in given_series:
        series = message.timeseries.add()
        for name, value in names.items():
            series.labels.add(name=name.encode(), value=value.encode())
        for at, bits in points:
            value = np.array([bits], dtype=np.uint64).view(np.float64)[0]
            series.samples.add(timestamp=at, value=value)
    body = message.SerializeToString()
    verified: set[bytes] = set()
    for _ in range(2):
        request = write_v1.decode(body, verified)
        for row, (names, points) in enumerate(given_series):
            mine = request.series == row
            found = request.timestamps_ms[mine], request.values[mine].view(np.uint64)
            # Protobuf leaves out a zero of either sign in some encoders, not in this one.
            assert list(zip(*(part.tolist() for part in found), strict=True)) == points
            assert request.read_labels(request.keys[row]) == Labels.of(names)


@given(st.lists(st.tuples(LABELS, POINTS, st.integers(0, 7), st.integers(0, 300)), max_size=6))
def test_write_v2(
    given_series: list[tuple[dict[str, str], list[tuple[int, int]], int, int]],
) -> None:
    message = pb.Request2(symbols=[b""])
    for names, points, kind, spare in given_series:
        message.symbols.extend([b"spare"] * spare)  # references of one and of two bytes
        refs = range(len(message.symbols), len(message.symbols) + 2 * len(names))
        message.symbols.extend(part.encode() for pair in names.items() for part in pair)
        series = message.timeseries.add(labels_refs=refs)
        if kind:
            series.metadata.type = kind
        for at, bits in points:
            value = np.array([bits], dtype=np.uint64).view(np.float64)[0]
            series.samples.add(timestamp=at, value=value)
    request = write_v2.decode(message.SerializeToString(), SymbolNumbers())
    for row, (names, points, _, _) in enumerate(given_series):
        mine = request.series == row
        found = request.timestamps_ms[mine], request.values[mine].view(np.uint64)
        assert list(zip(*(part.tolist() for part in found), strict=True)) == points
        if "__name__" in names:
            assert request.read_labels(request.keys[row]) == Labels.of(names)


@given(st.binary(max_size=200))
def test_rubbish(body: bytes) -> None:
    with contextlib.suppress(BadInput):
        read_all(write_v1.decode(body, set()))
    with contextlib.suppress(BadInput):
        read_all(write_v2.decode(body, SymbolNumbers()))
    with contextlib.suppress(BadInput):
        read.decode_request(body)
    with contextlib.suppress(BadInput, TooLarge):
        snappy.decompress(body, limit=1 << 20)


@examples(400)
@given(st.data())
def test_damaged_requests(data: st.DataObject) -> None:
    """Sound messages with some bytes changed reach deeper than rubbish does."""
    series = pb.TimeSeries(
        labels=[pb.Label(name=b"__name__", value=b"x")],
        samples=[pb.Sample(value=1.0, timestamp=1_700_000_000_000)],
        histograms=[pb.Histogram(count_int=3, positive_spans=[pb.BucketSpan(offset=1, length=2)])],
        exemplars=[pb.Exemplar(value=1.0, labels=[pb.Label(name=b"t", value=b"u")])],
    )
    v1 = pb.WriteRequest(timeseries=[series], metadata=[pb.Metadata(type=1)]).SerializeToString()
    v2 = pb.Request2(
        symbols=[b"", b"__name__", b"x"],
        timeseries=[
            pb.TimeSeries2(
                labels_refs=[1, 2],
                samples=series.samples,
                histograms=series.histograms,
                metadata=pb.Metadata2(type=1, help_ref=2),
            )
        ],
    ).SerializeToString()
    which = data.draw(st.sampled_from([1, 2]))
    body = bytearray(v1 if which == 1 else v2)
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadInput):
        if which == 1:
            read_all(write_v1.decode(bytes(body), set()))
        else:
            read_all(write_v2.decode(bytes(body), SymbolNumbers()))
