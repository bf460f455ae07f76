from __future__ import annotations

from appliance.model.sample import MetricMetadata
from appliance.ui.metrics import families, search, telling

COUNTS = [
    ("http_requests_total", 12),
    ("http_requests_created", 12),
    ("latency_seconds_created", 3),
    ("latency_seconds_bucket", 30),
    ("latency_seconds_sum", 3),
    ("latency_seconds_count", 3),
    ("up", 2),
    ("rpc_sum", 1),
    ("rpc_count", 1),
    ("native_seconds", 4),
    ("things_count", 5),
]
METADATA = {
    "up": [MetricMetadata("gauge", "Whether a target answers.", "")],
    "rpc": [MetricMetadata("summary", "", "seconds")],
    "http_requests": [MetricMetadata("counter", "Requests.", "")],
    "native_seconds": [MetricMetadata("histogram", "", "")],
}


def test_parts_of_histograms_and_summaries_are_one_family() -> None:
    found = {row.name: row for row in families(COUNTS, METADATA)}
    assert (found["latency_seconds"].type, found["latency_seconds"].series) == ("histogram", 39)
    assert (found["rpc"].type, found["rpc"].series, found["rpc"].unit) == ("summary", 2, "seconds")
    assert found["native_seconds"].is_native
    assert not found["latency_seconds"].is_native
    assert found["things_count"].type == ""
    assert len(found) == 6


def test_openmetrics_names_counters_without_total() -> None:
    (row,) = families([("http_requests_total", 12)], METADATA)
    assert (row.type, row.help) == ("counter", "Requests.")


def test_names_come_before_help_and_beginnings_first() -> None:
    rows = families(COUNTS, METADATA)
    assert [row.name for row in search(rows, "request")] == ["http_requests_total"]
    assert [row.name for row in search(rows, "target")] == ["up"]
    assert [row.name for row in search(rows, "seconds lat")] == ["latency_seconds"]
    assert len(search(rows, " ")) == len(rows)


def test_a_first_look_is_at_the_application() -> None:
    counts = [
        ("appliance_api_requests_total", 4),
        ("http_requests_total", 1),
        ("build_info", 1),
        ("jobs_total", 1),
        ("http_request_duration_seconds_bucket", 9),
    ]
    rows = families(counts, {"build_info": [MetricMetadata("gauge", "", "")]})
    assert [row.name for row in telling(rows)] == [
        "http_requests_total",
        "http_request_duration_seconds",
        "jobs_total",
        "build_info",
        "appliance_api_requests_total",
    ]
    assert search(rows, "")[-1].name == "appliance_api_requests_total"
