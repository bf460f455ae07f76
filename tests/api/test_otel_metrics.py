"""Port 9464 shows the last values of metrics that came over OTLP."""

from __future__ import annotations

from typing import Any

import numpy as np
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families

from appliance.api.otel_metrics import make_app
from appliance.base.clock import ManualClock
from appliance.ingest.last_values import LastValues
from appliance.model.labels import Labels
from appliance.model.sample import STALE, MetricMetadata, SampleBatch
from tests.api.serving import http_deps, serving

METADATA = {
    "hits_total": MetricMetadata("counter", "Hits, \\ and\nmore.", ""),
    "took_seconds": MetricMetadata("histogram", "Time.", "seconds"),
}


def batch(*rows: tuple[dict[str, str], float]) -> SampleBatch:
    count = len(rows)
    times = np.full(count, 1, dtype=np.int64)
    values = np.array([value for _, value in rows], dtype=np.float64)
    return SampleBatch([Labels.of(item) for item, _ in rows], np.arange(count), times, values)


HITS = {"__name__": "hits_total", "job": "shop", "path": 'a"b\\c\n'}
FIRST = batch(
    (HITS, 3.0),
    ({"__name__": "took_seconds_bucket", "job": "shop", "le": "1"}, 1.0),
    ({"__name__": "took_seconds_bucket", "job": "shop", "le": "+Inf"}, 2.0),
    ({"__name__": "took_seconds_sum", "job": "shop"}, 1.5),
    ({"__name__": "took_seconds_count", "job": "shop"}, 2.0),
    ({"__name__": "a.b", "job": "shop"}, 1e-9),
)


async def exposed(values: LastValues, accept: str = "") -> str:
    async with serving(make_app(http_deps(), values)) as client:
        answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(accept or "text/plain; version=0.0.4")
    return answer.text


async def test_clients_read_what_is_shown() -> None:
    values = LastValues(ManualClock())
    values.note(FIRST, METADATA)
    text = await exposed(values)
    read: Any = text_string_to_metric_families
    found = {family.name: family for family in read(text)}
    assert found["hits"].documentation == "Hits, \\ and\nmore."
    assert found["hits"].samples[0].labels == {"job": "shop", "path": 'a"b\\c\n'}
    assert found["took_seconds"].type == "histogram"
    assert len(found["took_seconds"].samples) == 4
    assert found["a.b"].samples[0].value == 1e-9
    assert "appliance_" not in text
    openmetrics = await exposed(values, "application/openmetrics-text")
    read = parse_openmetrics
    names = {family.name: family.type for family in read(openmetrics)}
    assert names == {"a.b": "unknown", "hits": "counter", "took_seconds": "histogram"}


async def test_the_last_value_holds_until_it_is_gone_or_old() -> None:
    clock = ManualClock()
    values = LastValues(clock)
    values.note(FIRST, METADATA)
    values.note(batch((HITS, 5.0)), {})
    assert "hits_total" in await exposed(values)
    assert " 5\n" in await exposed(values)
    values.note(batch((HITS, float(STALE))), {})
    assert "hits_total{" not in await exposed(values)
    await clock.advance(301)
    assert await exposed(values) == ""


async def test_only_so_many_series_are_shown() -> None:
    values = LastValues(ManualClock(), limit=2)
    values.note(FIRST, {})
    assert len((await exposed(values)).splitlines()) == 2
