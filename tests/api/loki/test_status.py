"""Loki's HTTP API: what runs and how."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import yaml

from appliance.query.limits import QueryLimits
from tests.api.loki_reading import API, loki


@pytest.fixture
def level() -> Iterator[int]:
    root = logging.getLogger()
    before = root.level
    yield before
    root.setLevel(before)


async def test_small_paths() -> None:
    async with loki(parts={"config": lambda: "target: all\n"}) as client:
        assert (await client.get("/ready")).text == "ready\n"
        assert "querier => Running\n" in (await client.get("/services")).text
        assert (await client.get("/config")).text == "target: all\n"
        assert "memberlist" in (await client.get("/memberlist")).text
        ring = json.loads((await client.get("/ring")).body)
        info = json.loads((await client.get(API + "/status/buildinfo")).body)
        missing = await client.get(API + "/nothing")
        wrong = await client.put("/log_level")
    assert ring["shards"][0]["state"] == "ACTIVE"
    assert info["version"].startswith("3.")
    assert (missing.status, missing.text) == (404, "404 page not found\n")
    assert (wrong.status, wrong.text) == (405, "Method Not Allowed\n")


async def test_drilldown_limits() -> None:
    async with loki(query_limits=QueryLimits(max_log_series=7)) as client:
        found = json.loads((await client.get(API + "/drilldown-limits")).body)
    assert found["limits"]["max_query_series"] == 7
    assert found["limits"]["volume_enabled"] is True
    assert found["limits"]["log_level_fields"][3] == "log.level"
    assert found["pattern_ingester_enabled"] is True


async def test_limits_of_a_tenant() -> None:
    parts = {"limits": lambda tenant: {"retention_period": {"shop": "1d"}.get(tenant, "90d")}}
    async with loki(parts=parts, query_limits=QueryLimits(max_log_series=7)) as client:
        shop = await client.get("/config/tenant/v1/limits", headers={"X-Scope-OrgID": "shop"})
        usual = json.loads((await client.get(API + "/drilldown-limits")).body)
        wrong = await client.get("/config/tenant/v1/limits", headers={"X-Scope-OrgID": "a|b"})
    found = yaml.safe_load(shop.text)
    assert (found["retention_period"], found["max_query_series"]) == ("1d", 7)
    assert usual["limits"]["retention_period"] == "90d"
    assert wrong.status == 400


async def test_flush_seals() -> None:
    calls = []
    async with loki(parts={"flush": lambda: calls.append(1)}, token="s3cret") as client:
        refused = await client.post("/flush")
        answer = await client.post("/flush", headers={"Authorization": "Bearer s3cret"})
    assert (refused.status, answer.status, calls) == (401, 204, [1])


async def test_the_log_level_can_be_changed(level: int) -> None:
    del level
    logging.getLogger().setLevel(logging.INFO)
    async with loki() as client:
        first = await client.get("/log_level")
        done = await client.post("/log_level", data={"log_level": "debug"})
        after = await client.get("/log_level")
        unknown = await client.post("/log_level", params={"log_level": "loud"})
        foreign = await client.post(
            "/log_level", data={"log_level": "warn"}, headers={"Origin": "http://evil.example"}
        )
    assert json.loads(first.body) == {"message": "Current log level is info"}
    assert json.loads(done.body) == {"status": "success", "message": "Log level set to debug"}
    assert json.loads(after.body) == {"message": "Current log level is debug"}
    assert (unknown.status, json.loads(unknown.body)["status"]) == (400, "failed")
    assert foreign.status == 403
    assert logging.getLogger().level == logging.DEBUG
