"""What spans add to calls, latencies and sizes."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.ingest.span_metrics.calls import dimension_label, measure_calls
from appliance.ingest.span_metrics.options import CallOptions
from appliance.model.trace import SpanBatch
from tests.ingest.span_metrics.span_batches import CLIENT, SERVER, batch, span


def rows(spans: SpanBatch, options: CallOptions | None = None) -> dict[str, dict[str, float]]:
    """Series as text, with their values, by key."""
    added = measure_calls(spans, np.arange(len(spans)), options or CallOptions())
    found = {}
    for key, values in zip(added.keys, added.values.tolist(), strict=True):
        names = [
            labels.get("__name__") + (f"|{labels.get('le')}" if labels.get("le") else "")
            for labels in added.shape.labels(key)
        ]
        shown = " ".join(f"{name}={value}" for name, value in key)
        found[shown] = dict(zip(names, values, strict=True))
    return found


def test_spans_are_counted_by_service_name_kind_and_status() -> None:
    spans = batch("shop", span(), span(span_id=2), span(CLIENT), span(failed=True))
    key = "service=shop span_name=op span_kind=SPAN_KIND_{} status_code=STATUS_CODE_{}"
    counts = {name: row["traces_spanmetrics_calls_total"] for name, row in rows(spans).items()}
    assert counts == {
        key.format("SERVER", "UNSET"): 2,
        key.format("SERVER", "ERROR"): 1,
        key.format("CLIENT", "UNSET"): 1,
    }


def test_latencies_fall_into_cumulative_buckets_with_inclusive_bounds() -> None:
    spans = batch("shop", *(span(seconds=seconds) for seconds in (0.001, 0.002, 0.003, 20)))
    (row,) = rows(spans).values()
    assert row["traces_spanmetrics_latency_bucket|0.002"] == 2
    assert row["traces_spanmetrics_latency_bucket|0.004"] == 3
    assert row["traces_spanmetrics_latency_bucket|16.384"] == 3
    assert row["traces_spanmetrics_latency_bucket|+Inf"] == 4
    assert row["traces_spanmetrics_latency_count"] == 4
    assert row["traces_spanmetrics_latency_sum"] == pytest.approx(20.006)


def test_the_size_counts_a_status_also_where_none_was_sent() -> None:
    without, with_status = span(), span(failed=True)
    (plain,) = rows(batch("shop", without)).values()
    (failed,) = rows(batch("shop", with_status)).values()
    assert plain["traces_spanmetrics_size_total"] == without.ByteSize() + 2
    assert failed["traces_spanmetrics_size_total"] == with_status.ByteSize()
    without.status.SetInParent()
    (empty,) = rows(batch("shop", without)).values()
    assert empty["traces_spanmetrics_size_total"] == without.ByteSize()


def test_dimensions_come_of_the_resource_before_the_span() -> None:
    options = CallOptions(dimensions=("http.method", "region", "absent"))
    one = span(attributes={"http.method": "GET", "region": "span"})
    spans = batch("shop", one, span(attributes={"region": "x"}), resource={"region": "eu"})
    assert [name.partition("UNSET ")[2] for name in rows(spans, options)] == [
        "region=eu",
        "http_method=GET region=eu",
    ]


def test_a_dimension_that_is_called_like_a_label_of_ours_keeps_away_from_it() -> None:
    assert dimension_label("span.kind") == "__span_kind"
    assert dimension_label("http.route") == "http_route"


def test_each_bucket_shows_the_last_trace_that_fell_into_it() -> None:
    spans = batch("shop", *(span(trace=n, seconds=s) for n, s in ((1, 0.001), (2, 0.001), (3, 1))))
    added = measure_calls(spans, np.arange(3), CallOptions())
    (observed,) = added.observed
    labels = added.shape.labels(added.keys[0])
    shown = {
        labels[column].get("le"): (int(trace[-1]), value)
        for column, trace, value in zip(
            observed.columns.tolist(), observed.trace_ids, observed.values.tolist(), strict=True
        )
    }
    assert shown == {"0.002": (2, 0.001), "1.024": (3, 1.0)}


def test_a_service_without_a_name_has_no_service_label() -> None:
    added = measure_calls(batch("", span(SERVER)), np.arange(1), CallOptions())
    assert added.shape.labels(added.keys[0])[0].get("service") == ""
    assert "service" not in dict(added.shape.labels(added.keys[0])[0])
