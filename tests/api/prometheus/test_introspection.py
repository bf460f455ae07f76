"""Prometheus' HTTP API: features, blocks, own metrics, a job's configuration, relabelling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.prometheus_app import T, prometheus_app
from tests.api.serving import serving


async def ask(
    path: str, status: int = 200, features: frozenset[str] | None = None, **params: str
) -> Any:
    changes: dict[str, Any] = {} if features is None else {"features": features}
    async with serving(prometheus_app(**changes)) as client:
        answer = await client.get("/api/v1" + path, params=params)
    assert answer.status == status, answer.text
    return answer.json["data"] if status == 200 else answer.json["error"]


async def test_features_say_what_is_on() -> None:
    everything = await ask("/features")
    nothing = await ask("/features", features=frozenset())
    assert everything["promql_functions"]["rate"]
    assert everything["promql_functions"]["mad_over_time"]
    assert not nothing["promql_functions"]["mad_over_time"]
    assert nothing["promql"] == {}
    assert everything["promql"]["delayed_name_removal"]
    assert everything["api"]["admin"]


async def test_a_jobs_configuration() -> None:
    assert await ask("/scrape_pools/config", scrapePool="up") == {"yaml": "job_name: up\n"}
    assert "no job" in await ask("/scrape_pools/config", status=404, scrapePool="x")
    missing = await ask("/scrape_pools/config", status=400)
    assert missing == "no scrapePool parameter provided"


async def test_relabelling_step_by_step() -> None:
    found = await ask("/targets/relabel_steps", scrapePool="up", labels='{"b":"c"}')
    (step,) = found["steps"]
    assert step["output"] == {"a": "up", "b": "c"}
    assert step["keep"] is True
    assert step["rule"]["action"] == "replace"
    assert step["rule"]["target_label"] == "a"


@pytest.mark.parametrize("labels", ["{", "[]", '{"a":1}'])
async def test_labels_that_are_none_are_refused(labels: str) -> None:
    error = await ask("/targets/relabel_steps", status=400, scrapePool="up", labels=labels)
    assert error.startswith("error parsing labels")


async def test_all_data_are_one_block() -> None:
    (block,) = (await ask("/status/tsdb/blocks"))["blocks"]
    assert (block["minTime"], block["maxTime"]) == (T - 1000, T + 1)
    assert block["stats"] == {"numSeries": 3, "numChunks": 2}


async def test_own_metrics_as_json() -> None:
    async with serving(prometheus_app()) as client:
        await client.get("/api/v1/labels")
        params = {"metric_name_pattern": "appliance_api_request(s_total|_seconds)"}
        answer = await client.get("/api/v1/status/self_metrics", params=params)
    families = {family["name"]: family for family in answer.json["data"]}
    assert set(families) == {"appliance_api_requests_total", "appliance_api_request_seconds"}
    (counter,) = families["appliance_api_requests_total"]["metric"]
    assert counter["counter"] == {"value": 1.0}
    assert {"name": "listener", "value": "prometheus"} in counter["label"]
    histogram = families["appliance_api_request_seconds"]["metric"][0]["histogram"]
    assert histogram["sampleCount"] == "1"
