"""Prometheus' HTTP API: targets, metadata, status."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.api.prometheus.status import print_time
from appliance.model.sample import MetricMetadata
from tests.api.prometheus_app import prometheus_app
from tests.api.serving import serving

PUSHED = {"jobs": MetricMetadata("gauge", "Jobs.", ""), "threads": MetricMetadata("gauge", "", "")}


async def get(path: str, tenant: str = "", **params: str) -> tuple[int, Any]:
    def pushed(tenant: str) -> dict[str, MetricMetadata]:
        return PUSHED if tenant in {"acme", "anonymous"} else {}

    async with serving(prometheus_app(pushed_metadata=pushed)) as client:
        headers = {"X-Scope-OrgID": tenant} if tenant else {}
        answer = await client.get("/api/v1" + path, params=params, headers=headers)
    return answer.status, answer.json.get("data", answer.json)


async def data(path: str, tenant: str = "", **params: str) -> Any:
    status, found = await get(path, tenant, **params)
    assert status == 200, found
    return found


async def test_targets() -> None:
    found = await data("/targets")
    assert [target["scrapePool"] for target in found["activeTargets"]] == ["new", "up"]
    assert found["activeTargets"][1] == {
        "discoveredLabels": {"__address__": "h:1", "job": "up"},
        "labels": {"instance": "h:1", "job": "up"},
        "scrapePool": "up",
        "scrapeUrl": "http://h:1/metrics",
        "globalUrl": "http://h:1/metrics",
        "lastError": "",
        "lastScrape": "2023-11-14T22:13:20.12Z",
        "lastScrapeDuration": 0.25,
        "health": "up",
        "scrapeInterval": "15s",
        "scrapeTimeout": "10s",
    }
    assert found["droppedTargets"] == [
        {"discoveredLabels": {"__address__": "h:3", "job": "up"}, "scrapePool": "up"}
    ]
    assert found["droppedTargetCounts"] == {"up": 1, "new": 0}


@pytest.mark.parametrize(
    ("state", "active", "dropped"),
    [("any", 2, 1), ("active", 2, 0), ("Dropped", 0, 1), ("bogus", 0, 0)],
)
async def test_targets_by_state(state: str, active: int, dropped: int) -> None:
    found = await data("/targets", state=state)
    assert (len(found["activeTargets"]), len(found["droppedTargets"])) == (active, dropped)


async def test_targets_by_pool() -> None:
    found = await data("/targets", scrapePool="new")
    assert [target["scrapePool"] for target in found["activeTargets"]] == ["new"]
    assert found["droppedTargets"] == []
    assert await data("/scrape_pools") == {"scrapePools": ["new", "up"]}


async def test_metadata_of_targets_and_pushes() -> None:
    found = await data("/metadata")
    assert list(found) == ["requests_total", "threads", "jobs"]
    assert found["requests_total"][0] == {"type": "counter", "help": "Requests.", "unit": ""}
    assert len(found["threads"]) == 2
    assert list(await data("/metadata", tenant="acme")) == ["jobs", "threads"]
    assert await data("/metadata", tenant="other") == {}


async def test_metadata_can_be_limited() -> None:
    assert list(await data("/metadata", metric="threads")) == ["threads"]
    assert await data("/metadata", metric="nope") == {}
    assert list(await data("/metadata", limit="1")) == ["requests_total"]
    assert await data("/metadata", limit="0") == {}
    assert len((await data("/metadata", limit_per_metric="1"))["threads"]) == 1
    status, found = await get("/metadata", limit="x")
    assert (status, found["error"]) == (400, "limit must be a number")


async def test_metadata_by_target() -> None:
    found = await data("/targets/metadata")
    assert len(found) == 3
    assert found[0]["metric"] == "requests_total"
    chosen = await data("/targets/metadata", metric="threads", match_target='{job="new"}')
    target = {"instance": "h:2", "job": "new"}
    assert chosen == [{"target": target, "type": "gauge", "help": "Threads.", "unit": "threads"}]
    assert len(await data("/targets/metadata", limit="1")) == 2
    status, found = await get("/targets/metadata", match_target="{")
    assert status == 400
    assert found["error"].startswith('invalid parameter "match_target": 1:2: parse error')


async def test_status() -> None:
    assert await data("/status/config") == {"yaml": "global: {}\n"}
    assert await data("/status/flags") == {"storage.tsdb.retention.time": "30d"}
    assert (await data("/status/buildinfo"))["version"].startswith("3.")
    assert await data("/status/walreplay") == {"min": 0, "max": 0, "current": 0}
    found = await data("/status/runtimeinfo")
    assert found["startTime"] == "2023-11-14T22:13:20Z"
    assert found["lastConfigTime"] == "2023-11-14T22:13:20.5Z"
    assert found["reloadConfigSuccess"] is True
    assert found["storageRetention"] == "30d"


def test_never_is_gos_zero_time() -> None:
    assert print_time(0) == "0001-01-01T00:00:00Z"
    assert print_time(1) == "1970-01-01T00:00:00.001Z"
