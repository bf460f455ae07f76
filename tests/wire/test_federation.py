"""The text of a federation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from appliance.model.histogram import Buckets, Histogram, ResetHint
from appliance.model.labels import Labels
from appliance.wire.federation import FederatedPoint, federation_protobuf, federation_text
from appliance.wire.messages import exposition_pb2 as pb
from tests.sources import labels


def test_families_are_sorted_and_typed() -> None:
    points = [
        FederatedPoint(labels(name="up", job="b", instance="x:1"), 5000, 1.0),
        FederatedPoint(labels(name="a_total", job='q"\n\\'), 6000, 2.5),
        FederatedPoint(labels(name="up", job="a", instance="x:1"), 5000, 0.0),
        FederatedPoint(labels(job="nameless"), 1, 1.0),
    ]
    assert federation_text(points, labels(region="eu")).decode().splitlines() == [
        "# TYPE a_total untyped",
        r'a_total{job="q\"\n\\",instance="",region="eu"} 2.5 6000',
        "# TYPE up untyped",
        'up{instance="x:1",job="a",region="eu"} 0 5000',
        'up{instance="x:1",job="b",region="eu"} 1 5000',
    ]


def test_external_labels_do_not_override() -> None:
    [_, line] = (
        federation_text(
            [FederatedPoint(labels(name="up", region="us", instance="i"), 1, 1.0)],
            labels(region="eu"),
        )
        .decode()
        .splitlines()
    )
    assert line == 'up{instance="i",region="us"} 1 1'


def test_names_in_utf8() -> None:
    points = [FederatedPoint(labels(**{"name": "a.b", "c.d": "e"}), 1, 1.0)]
    assert b'{"a.b","c.d"="e",instance=""} 1 1' in federation_text(
        points, Labels(), allow_utf8=True
    )
    assert b'# TYPE a_b untyped\na_b{c_d="e",instance=""} 1 1' in federation_text(points, Labels())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (999999.0, "999999"),
        (1e6, "1e+06"),
        (1234567.5, "1.2345675e+06"),
        (1e-4, "0.0001"),
        (0.00001, "1e-05"),
        (1e300, "1e+300"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_as_in_go(value: float, text: str) -> None:
    [_, line] = (
        federation_text([FederatedPoint(labels(name="x"), 1, value)], Labels())
        .decode()
        .splitlines()
    )
    assert line == f'x{{instance=""}} {text} 1'


def test_nothing() -> None:
    assert federation_text([], Labels()) == b""


def test_protobuf_has_histograms() -> None:
    buckets = Buckets(np.array([1, 2]), np.array([2.0, 1.0]))
    histogram = Histogram(0, 3.0, 4.5, positive=buckets)
    points = [
        FederatedPoint(labels(name="h", job="b"), 7, 0.0, histogram),
        FederatedPoint(labels(name="h", job="a"), 7, 1.5),
        FederatedPoint(labels(name="g"), 7, 0.0, replace(histogram, reset_hint=ResetHint.GAUGE)),
    ]
    data = federation_protobuf(points, labels(region="eu"))
    families = []
    while data:
        families.append(pb.MetricFamily.FromString(data[1 : 1 + data[0]]))
        data = data[1 + data[0] :]
    assert [(family.name, family.type) for family in families] == [(b"g", 5), (b"h", 3), (b"h", 4)]
    found = families[2].metric[0]
    assert (found.timestamp_ms, found.histogram.count_float, found.histogram.sum) == (7, 3.0, 4.5)
    assert [(span.offset, span.length) for span in found.histogram.positive_span] == [(1, 2)]
    pairs = [pb.LabelPair.FromString(label) for label in found.label]
    assert [(pair.name, pair.value) for pair in pairs] == [
        (b"job", b"b"),
        (b"instance", b""),
        (b"region", b"eu"),
    ]
    assert families[1].metric[0].untyped.value == 1.5
    assert federation_text(points, Labels()) == b'# TYPE h untyped\nh{job="a",instance=""} 1.5 7\n'
