"""OTLP metrics: native histograms, exemplars, start times, deltas, and the choices of `otlp:`."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.ingest.delta import DeltaSums
from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.sample import SampleBatch, is_histogram, unbox_histograms
from appliance.wire.otlp.metric_name import plain_name, suffixed_name
from appliance.wire.otlp.metrics import decode_metrics
from appliance.wire.otlp.translation import Translation
from tests.wire.otlp.test_metrics import MS, NS, add_gauge, request, samples

SECOND = 10**9


def histogram_of(batch: SampleBatch) -> Histogram:
    (cell,) = batch.values[is_histogram(batch.values)]
    found = batch.histograms[int(unbox_histograms(batch.values[batch.values != 1])[0])]
    assert cell != cell  # noqa: PLR0124 - NaN
    return found


def add_exponential(metrics: Any, scale: int, offset: int, counts: list[int]) -> Any:
    metric = metrics.add(name="took", unit="s").exponential_histogram
    metric.aggregation_temporality = 2
    point = metric.data_points.add(time_unix_nano=NS, scale=scale, count=sum(counts) + 2, sum=9.5)
    point.zero_count = 2
    point.positive.offset = offset
    point.positive.bucket_counts.extend(counts)
    return point


def test_exponential_histograms_become_native() -> None:
    made, metrics = request(service__name="shop")
    add_exponential(metrics, 3, -1, [1, 0, 4])
    batch, metadata, rejects = decode_metrics(made.SerializeToString())
    found = histogram_of(batch)
    assert rejects == []
    assert batch.labels[0].get("__name__") == "took_seconds"
    assert metadata["took_seconds"].type == "histogram"
    assert (found.schema, found.count, found.sum, found.zero_count) == (3, 7, 9.5, 2)
    assert found.zero_threshold == 1e-128
    assert found.positive.indexes.tolist() == [0, 2]
    assert found.positive.counts.tolist() == [1, 4]


def test_fine_scales_are_reduced_and_coarse_ones_refused() -> None:
    made, metrics = request(service__name="shop")
    add_exponential(metrics, 9, -1, [1, 1, 1, 1])
    batch, _, _ = decode_metrics(made.SerializeToString())
    found = histogram_of(batch)
    assert found.schema == 8
    assert found.positive.counts.sum() == 4
    assert found.positive.indexes.tolist() == [0, 1, 2]
    made, metrics = request(service__name="shop")
    add_exponential(metrics, -5, 0, [1])
    _, _, rejects = decode_metrics(made.SerializeToString())
    assert "Scale must be >= -4, was -5" in rejects[0].reason


def test_explicit_histograms_with_custom_buckets() -> None:
    made, metrics = request(service__name="shop")
    metric = metrics.add(name="size", unit="By").histogram
    metric.aggregation_temporality = 2
    point = metric.data_points.add(time_unix_nano=NS, count=6, sum=12.0)
    point.explicit_bounds.extend([1, 2, 5])
    point.bucket_counts.extend([1, 0, 2, 3])
    batch, _, _ = decode_metrics(made.SerializeToString(), Translation(custom_buckets=True))
    found = histogram_of(batch)
    assert found.is_custom
    assert found.custom_values.tolist() == [1, 2, 5]
    assert found.positive.indexes.tolist() == [0, 2, 3]
    assert found.positive.counts.tolist() == [1, 2, 3]
    assert batch.labels[0].get("__name__") == "size_bytes"


def test_exemplars_go_to_their_series_and_buckets() -> None:
    made, metrics = request(service__name="shop")
    metric = metrics.add(name="took", unit="s").histogram
    metric.aggregation_temporality = 2
    point = metric.data_points.add(time_unix_nano=NS, count=2, sum=3.0)
    point.explicit_bounds.extend([1, 2])
    point.bucket_counts.extend([1, 0, 1])
    for value in (0.5, 9.0, 1.0):
        exemplar = point.exemplars.add(time_unix_nano=NS - SECOND, as_double=value)
        exemplar.trace_id, exemplar.span_id = b"\x01" * 16, b"\x02" * 8
        exemplar.filtered_attributes.add(key="user.id").value.string_value = "u1"
    batch, _, _ = decode_metrics(made.SerializeToString())
    found: dict[str, list[float]] = {}
    for row, item in batch.exemplars:
        found.setdefault(batch.labels[row].get("le"), []).append(item.value)
        assert item.labels == Labels.of(
            {"trace_id": "01" * 16, "span_id": "02" * 8, "user_id": "u1"}
        )
        assert item.timestamp_ms == MS - 1000
    assert found == {"1": [0.5, 1.0], "+Inf": [9.0]}


def test_long_attributes_of_exemplars_are_left_out() -> None:
    made, metrics = request(service__name="shop")
    exemplar = add_gauge(metrics, "g", 1).exemplars.add(as_int=3, trace_id=b"\x01" * 16)
    exemplar.filtered_attributes.add(key="text").value.string_value = "x" * 200
    batch, _, _ = decode_metrics(made.SerializeToString())
    assert batch.exemplars[0][1].labels == Labels.of({"trace_id": "01" * 16})
    assert batch.exemplars[0][1].value == 3


def test_start_times_are_those_of_counters() -> None:
    made, metrics = request(service__name="shop")
    for name, monotonic in (("hits", True), ("load", False)):
        total = metrics.add(name=name).sum
        total.is_monotonic, total.aggregation_temporality = monotonic, 2
        total.data_points.add(time_unix_nano=NS, start_time_unix_nano=NS - SECOND, as_int=3)
    batch, _, _ = decode_metrics(made.SerializeToString())
    assert batch.starts_ms is not None
    assert batch.starts_ms.tolist() == [MS - 1000, 0]


def test_resource_and_scope_attributes_become_labels() -> None:
    made, metrics = request(service__name="shop", host__name="h1", zone="z", secret="s")
    scope = made.resource_metrics[0].scope_metrics[0].scope
    scope.name, scope.version = "lib", "2"
    scope.attributes.add(key="a.b").value.string_value = "c"
    add_gauge(metrics, "g", 1, zone="own")
    body = made.SerializeToString()
    some, _, _ = decode_metrics(body, Translation(promoted=frozenset(["host.name", "zone"])))
    every = Translation(promotes_all=True, ignored=frozenset(["secret"]), promotes_scope=True)
    all_of_them, _, _ = decode_metrics(body, every)
    identifying, _, _ = decode_metrics(body, Translation(keeps_identifying=True))
    assert "g{host_name=h1,zone=own}" in samples(some)
    assert (
        "g{host_name=h1,otel_scope_a_b=c,otel_scope_name=lib,otel_scope_version=2,"
        "service_name=shop,zone=own}" in samples(all_of_them)
    )
    info = "target_info{host_name=h1,secret=s,service_name=shop,zone=z}"
    assert info in samples(identifying)


@pytest.mark.parametrize(
    ("translation", "series"),
    [
        (Translation(), "http_server_hits_total{http_route=r}"),
        (Translation(adds_suffixes=False), "http_server_hits{http_route=r}"),
        (Translation(escapes=False), "http.server.hits_total{http.route=r}"),
        (Translation(escapes=False, adds_suffixes=False), "http.server.hits{http.route=r}"),
    ],
)
def test_strategies_of_names(translation: Translation, series: str) -> None:
    made, metrics = request(service__name="shop")
    total = metrics.add(name="http.server.hits", unit="{hit}").sum
    total.is_monotonic, total.aggregation_temporality = True, 2
    point = total.data_points.add(time_unix_nano=NS, as_int=3)
    point.attributes.add(key="http.route").value.string_value = "r"
    batch, _, _ = decode_metrics(made.SerializeToString(), translation)
    assert list(samples(batch)) == [series]


def test_names_of_the_other_strategies() -> None:
    assert suffixed_name("a.b", "ms", "gauge") == "a.b_milliseconds"
    assert suffixed_name("a.bytes", "By/s", "gauge") == "a_bytes_per_second"
    assert suffixed_name("a.total", "", "counter") == "a_total"
    assert suffixed_name("x", "1", "gauge") == "x_ratio"
    assert plain_name("a.b-c__d") == "a_b_c__d"
    assert plain_name("1a") == "_1a"


# -- deltas


def deltas(values: list[tuple[int, int]], start: int = 0) -> bytes:
    made, metrics = request(service__name="shop")
    total = metrics.add(name="hits").sum
    total.is_monotonic, total.aggregation_temporality = True, 1
    for at, value in values:
        total.data_points.add(
            time_unix_nano=NS + at * SECOND, start_time_unix_nano=NS + start * SECOND, as_int=value
        )
    body: bytes = made.SerializeToString()
    return body


def take(sums: DeltaSums, body: bytes, tenant: str = "t") -> tuple[list[float], list[str]]:
    with sums.request(tenant) as deltas_of_request:
        batch, _, rejects = decode_metrics(body, accumulator=deltas_of_request)
    return batch.values.tolist(), [reject.reason for reject in rejects]


def test_deltas_add_up_per_series_and_tenant() -> None:
    sums = DeltaSums(ManualClock())
    assert take(sums, deltas([(2, 3), (1, 2)])) == ([2.0, 5.0], [])
    assert take(sums, deltas([(3, 4)])) == ([9.0], [])
    assert take(sums, deltas([(3, 4)]), tenant="other") == ([4.0], [])


def test_the_start_is_that_of_the_first_delta() -> None:
    sums = DeltaSums(ManualClock())
    with sums.request("t") as one:
        decode_metrics(deltas([(1, 1)], start=0), accumulator=one)
    with sums.request("t") as two:
        batch, _, _ = decode_metrics(deltas([(2, 1)], start=1), accumulator=two)
    assert batch.starts_ms is not None
    assert batch.starts_ms.tolist() == [MS]


def test_repeated_deltas_are_refused() -> None:
    sums = DeltaSums(ManualClock())
    take(sums, deltas([(1, 2)]))
    values, reasons = take(sums, deltas([(1, 2), (2, 1)]))
    assert values == [3.0]
    assert "out of order" in reasons[0]


def fail_to_store(sums: DeltaSums, body: bytes, tenant: str) -> None:
    def attempt() -> None:
        with sums.request(tenant) as failing:
            decode_metrics(body, accumulator=failing)
            raise RuntimeError("the store is full")

    with pytest.raises(RuntimeError):
        attempt()


def test_what_was_not_stored_is_not_added() -> None:
    sums = DeltaSums(ManualClock())
    take(sums, deltas([(1, 2)]))
    fail_to_store(sums, deltas([(2, 100), (3, 100)]), "t")
    fail_to_store(sums, deltas([(2, 100)]), "new")
    assert take(sums, deltas([(2, 1)])) == ([3.0], [])
    assert take(sums, deltas([(2, 1)]), "new") == ([1.0], [])


async def test_series_without_deltas_are_forgotten() -> None:
    clock = ManualClock()
    sums = DeltaSums(clock, limit=1)
    take(sums, deltas([(1, 2)]))
    _, reasons = take(sums, deltas([(1, 2)]), "other")
    assert "more than 1 series" in reasons[0]
    await clock.advance(301)
    assert take(sums, deltas([(1, 2)]), "other") == ([2.0], [])
    assert len(sums) == 1


def test_deltas_of_histograms_add_up() -> None:
    sums, batch = DeltaSums(ManualClock()), None
    for at in (0, 1, 2):
        made, metrics = request(service__name="shop")
        point = add_exponential(metrics, 2, 0, [1, 2])
        point.time_unix_nano = NS + at * SECOND
        metrics[0].exponential_histogram.aggregation_temporality = 1
        with sums.request("t") as one:
            batch, _, _ = decode_metrics(made.SerializeToString(), accumulator=one)
    assert batch is not None
    found = histogram_of(batch)
    assert (found.count, found.sum, found.zero_count) == (15, 28.5, 6)
    assert found.positive.counts.tolist() == [3, 6]
