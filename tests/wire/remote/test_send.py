"""What a sender encodes, a receiver reads."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.exemplar import Exemplar
from appliance.model.sample import MetricMetadata
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote import write_v1, write_v2
from appliance.wire.remote.encode import encode_labels, exemplar_message
from appliance.wire.remote.send import RequestV2, encode_metadata, encode_v1
from appliance.wire.remote.symbols import SymbolNumbers
from tests.remote_requests import NOW, native_histogram
from tests.sources import labels

A, B = labels(name="a_total", x="1"), labels(name="b")


@pytest.mark.parametrize("at", [NOW, 5])
def test_version_1(at: int) -> None:
    times = np.array([at, at + 1, at], dtype=np.int64)
    rows, values = np.array([1, 0, 0], dtype=np.uint32), np.array([0.0, 1.5, 2.5])
    body = encode_v1([encode_labels(A), encode_labels(B)], rows, times, values)
    found = write_v1.decode(body, set())
    assert [found.read_labels(found.keys[row]) for row in found.series.tolist()] == [B, A, A]
    assert found.timestamps_ms.tolist() == times.tolist()
    assert found.values.tolist() == values.tolist()


def test_metadata_of_version_1() -> None:
    known = {"a": MetricMetadata("counter", "Help.", "s"), "b": MetricMetadata()}
    assert write_v1.decode(encode_metadata(known), set()).metadata == known


def test_version_2() -> None:
    request = RequestV2({"a_total": MetricMetadata("counter", "Help.", "s")})
    request.add_samples([A, B, A], [NOW, 5, NOW + 1], np.array([1.0, 2.0, 3.0]), [NOW - 1, 0, 0])
    others = pb.TimeSeries(
        histograms=[native_histogram(NOW)],
        exemplars=[exemplar_message(Exemplar(labels(trace_id="t"), 1.0, NOW))],
    )
    request.add_others(B, others)
    found = write_v2.decode(request.encode(), SymbolNumbers())
    assert [found.read_labels(key) for key in found.keys] == [A, B, A, B]
    assert found.values.tolist()[:3] == [1.0, 2.0, 3.0]
    assert found.timestamps_ms.tolist() == [NOW, 5, NOW + 1, NOW]
    assert found.starts_ms is not None
    assert found.starts_ms.tolist() == [NOW - 1, 0, 0, 0]
    assert found.metadata == {"a_total": MetricMetadata("counter", "Help.", "s")}
    assert found.exemplars == [(3, Exemplar(labels(trace_id="t"), 1.0, NOW))]
    assert len(found.histograms) == 1
