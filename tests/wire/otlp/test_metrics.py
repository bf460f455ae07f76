from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from appliance.base.errors import BadInput
from appliance.model.sample import NORMAL_NAN_BITS, STALE_BITS, MetricMetadata, SampleBatch
from appliance.wire.otlp.metrics import decode_metrics

NS = 1_700_000_000_123_456_789
MS = 1_700_000_000_123


def request(**attributes: str) -> tuple[ExportMetricsServiceRequest, Any]:
    made = ExportMetricsServiceRequest()
    group = made.resource_metrics.add()
    for key, value in attributes.items():
        group.resource.attributes.add(key=key.replace("__", ".")).value.string_value = value
    return made, group.scope_metrics.add().metrics


def add_gauge(metrics: Any, name: str, value: float, **attributes: str) -> Any:
    point = metrics.add(name=name).gauge.data_points.add(time_unix_nano=NS, as_double=value)
    for key, text in attributes.items():
        point.attributes.add(key=key.replace("__", ".")).value.string_value = text
    return point


def samples(batch: SampleBatch) -> dict[str, float]:
    """Values by series, written as in a selector without `job` and `instance`."""
    found = {}
    for row, value in zip(batch.series.tolist(), batch.values.tolist(), strict=True):
        labels = batch.labels[row].without("__name__", "job", "instance")
        inside = ",".join(f"{key}={text}" for key, text in labels)
        found[f"{batch.labels[row].get('__name__')}{{{inside}}}"] = value
    return found


def test_a_gauge_with_its_target() -> None:
    made, metrics = request(
        service__name="shop", service__namespace="ns", service__instance__id="i1", host__name="h1"
    )
    add_gauge(metrics, "temp", 21.5, room="a")

    batch, metadata, rejects = decode_metrics(made.SerializeToString())

    assert rejects == []
    assert samples(batch) == {"temp{room=a}": 21.5, "target_info{host_name=h1}": 1}
    assert {(one.get("job"), one.get("instance")) for one in batch.labels} == {("ns/shop", "i1")}
    assert set(batch.timestamps_ms.tolist()) == {MS}
    assert metadata["temp"] == MetricMetadata("gauge", "", "")


@pytest.mark.parametrize("attributes", [{"host__name": "h1"}, {"service__name": "shop"}])
def test_target_info_needs_a_target_and_something_to_say(attributes: dict[str, str]) -> None:
    made, metrics = request(**attributes)
    add_gauge(metrics, "temp", 1)

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert list(samples(batch)) == ["temp{}"]


def test_sums_are_counters_only_when_monotonic() -> None:
    made, metrics = request(service__name="shop")
    for name, monotonic in (("hits", True), ("load", False)):
        total = metrics.add(name=name, unit="1").sum
        total.is_monotonic, total.aggregation_temporality = monotonic, 2
        total.data_points.add(time_unix_nano=NS, as_int=3)

    batch, metadata, _ = decode_metrics(made.SerializeToString())

    assert samples(batch) == {"hits_total{}": 3, "load{}": 3}
    assert (metadata["hits_total"].type, metadata["load"].type) == ("counter", "gauge")


def test_histograms_are_cumulative_buckets() -> None:
    made, metrics = request(service__name="shop")
    histogram = metrics.add(name="dur", unit="s").histogram
    histogram.aggregation_temporality = 2
    histogram.data_points.add(
        time_unix_nano=NS,
        count=10,
        sum=12.5,
        explicit_bounds=[0.5, 1, 2.5],
        bucket_counts=[2, 3, 4, 1],
    )
    histogram.data_points.add(time_unix_nano=NS, count=4).attributes.add(key="bare")

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert samples(batch) == {
        "dur_seconds_bucket{le=0.5}": 2,
        "dur_seconds_bucket{le=1}": 5,
        "dur_seconds_bucket{le=2.5}": 9,
        "dur_seconds_bucket{le=+Inf}": 4,  # the second point: an empty attribute is no label
        "dur_seconds_count{}": 4,
        "dur_seconds_sum{}": 12.5,
    }
    assert batch.values.tolist() == [10, 12.5, 2, 5, 9, 10, 4, 4]


def test_summaries() -> None:
    made, metrics = request(service__name="shop")
    point = metrics.add(name="s").summary.data_points.add(time_unix_nano=NS, count=5, sum=6.5)
    point.quantile_values.add(quantile=0.99, value=3.5)

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert samples(batch) == {"s_count{}": 5, "s_sum{}": 6.5, "s{quantile=0.99}": 3.5}


def test_attributes_that_become_one_label_are_joined() -> None:
    made, metrics = request(service__name="shop")
    add_gauge(metrics, "g", 1, a_b="2", a__b="1", empty="", job="mine")

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert samples(batch) == {"g{a_b=1;2}": 1}
    assert batch.labels[0].get("job") == "shop"


def test_missing_values_are_stale_and_nan_is_ordinary() -> None:
    made, metrics = request(service__name="shop")
    metrics.add(name="gone").gauge.data_points.add(time_unix_nano=NS, flags=1)
    add_gauge(metrics, "nan", float("nan"))

    batch, _, rejects = decode_metrics(made.SerializeToString())

    assert rejects == []
    assert batch.values.view(np.uint64).tolist() == [STALE_BITS, NORMAL_NAN_BITS]


def test_what_cannot_be_kept_is_refused_point_by_point() -> None:
    made, metrics = request(service__name="shop")
    delta = metrics.add(name="delta").sum
    delta.aggregation_temporality = 1
    delta.data_points.add(as_int=1)
    delta.data_points.add(as_int=2)
    add_gauge(metrics, "good", 1)
    metrics.add(name="exp").exponential_histogram.data_points.add(count=1)
    metrics.add(name="none").gauge.data_points.add(time_unix_nano=NS)
    add_gauge(metrics, "!", 1)
    add_gauge(metrics, "late", 1).time_unix_nano = 2**63
    metrics.add(name="no data")

    batch, metadata, rejects = decode_metrics(made.SerializeToString())

    assert samples(batch) == {"good{}": 1}
    assert "delta" not in metadata
    assert [reject.index for reject in rejects] == [0, 1, 3, 4, 5, 6]
    reasons = [reject.reason for reject in rejects]
    assert reasons[0] == "metric 'delta': delta temporality is not supported, send cumulative"
    assert "unspecified temporality" in reasons[2]
    assert "without a value" in reasons[3]
    assert "not usable" in reasons[4]
    assert "out of range" in reasons[5]


def test_equal_series_share_a_row() -> None:
    made, metrics = request(service__name="shop")
    add_gauge(metrics, "g", 1)
    add_gauge(metrics, "g", 2)

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert len(batch.labels) == 1
    assert batch.series.tolist() == [0, 0]


def test_what_is_no_request_is_bad_input() -> None:
    with pytest.raises(BadInput):
        decode_metrics(b"\x0a\x05abc")


def test_attributes_without_a_name_are_left_out() -> None:
    made, metrics = request(service__name="shop")
    add_gauge(metrics, "g", 1, a="x").attributes.add(key="").value.string_value = "nameless"

    batch, _, _ = decode_metrics(made.SerializeToString())

    assert samples(batch) == {"g{a=x}": 1}
