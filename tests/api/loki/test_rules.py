"""Loki's HTTP API: the ruler."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml

from appliance.api.loki.routes import LokiDeps, make_app
from appliance.api.loki.rules import LOG_RULES
from appliance.query.limits import QueryLimits
from appliance.rule_setup.managers import log_rules
from appliance.rules.log_queries import LogQueries
from appliance.rules.log_rules import LogRules
from tests.api.serving import Answer, Client, http_deps, serving
from tests.rules.rule_bench import RuleBench
from tests.sources import Entry, PlainLogs, labels

TENANT = "anonymous"
PATH = "/loki/api/v1/rules"
GROUP: dict[str, Any] = {
    "name": "errors",
    "interval": "30s",
    "rules": [
        {
            "alert": "ManyErrors",
            "expr": 'sum by (app) (count_over_time({app="a"} |= "error" [1m])) > 0',
            "for": "5m",
            "labels": {"severity": "page"},
            "annotations": {"summary": "errors"},
        },
        {"record": "errors:count", "expr": 'sum(count_over_time({app="a"}[1m]))'},
    ],
}


@dataclass
class Rig:
    client: Client
    rules: LogRules
    bench: RuleBench

    async def call(self, method: str, path: str, status: int, body: bytes = b"") -> Answer:
        answer = await self.client.request(method, path, data=body or None)
        assert answer.status == status, answer.text
        return answer

    async def put(self, group: object, namespace: str = "team", status: int = 202) -> Answer:
        body = yaml.safe_dump(group).encode()
        return await self.call("POST", f"{PATH}/{namespace}", status, body)


@asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    bench = RuleBench(folder)
    at = bench.clock.now_ns() - 10**9
    logs = PlainLogs({labels(app="a"): [Entry(at, "an error")]})
    rules = log_rules(
        bench.parts(),
        lambda: LogQueries(lambda _: logs, bench.clock, QueryLimits(), TENANT),
        folder=folder / "loki-rules",
    )
    app = make_app(http_deps(), LokiDeps(lambda _: logs, Mock()))
    app[LOG_RULES] = rules
    try:
        async with serving(app) as client:
            yield Rig(client, rules, bench)
    finally:
        bench.close()


async def test_groups_are_set_listed_and_deleted(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        done = await here.put(GROUP)
        await here.put({**GROUP, "name": "more"}, namespace="a%2Fb")
        listed = await here.call("GET", PATH, 200)
        of_one = await here.call("GET", PATH + "/a%2Fb", 200)
        one = await here.call("GET", "/api/prom/rules/team/errors", 200)
        await here.call("DELETE", PATH + "/team/errors", 202)
        await here.call("DELETE", PATH + "/a%2Fb", 202)
        empty = await here.call("GET", PATH, 404)

    assert done.json == {"status": "success", "data": None, "errorType": "", "error": ""}
    assert listed.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(listed.text) == {"a/b": [{**GROUP, "name": "more"}], "team": [GROUP]}
    assert yaml.safe_load(of_one.text) == {"a/b": [{**GROUP, "name": "more"}]}
    assert yaml.safe_load(one.text) == GROUP
    assert empty.text == "no rule groups found\n"


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/team/none", "group does not exist"),
        ("DELETE", "/team/none", "group does not exist"),
        ("DELETE", "/none", "group namespace does not exist"),
        ("GET", "/none", "no rule groups found"),
    ],
)
async def test_what_is_not_there(tmp_path: Path, method: str, path: str, message: str) -> None:
    async with rig(tmp_path) as here:
        await here.put(GROUP)
        answer = await here.call(method, PATH + path, 404)
    assert answer.text == message + "\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_groups_that_cannot_work_are_refused(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        no_name = await here.put({"rules": []}, status=400)
        no_yaml = await here.call("POST", PATH + "/team", 400, b"[")
        too_deep = await here.call("POST", PATH + "/team", 400, b"[" * 2_000 + b"]" * 2_000)
        too_long = await here.call("POST", PATH + "/" + 300 * "n", 400, yaml.dump(GROUP).encode())
        await here.call("DELETE", PATH + "/" + 300 * "n", 404)
    assert no_name.text == "groupname must not be empty\n"
    assert no_yaml.text == too_deep.text == "unable to decoded rule group\n"
    assert "too long" in too_long.text


async def test_pages_of_other_sites_change_nothing(tmp_path: Path) -> None:
    foreign = {"Origin": "http://evil.example"}
    async with rig(tmp_path) as here:
        await here.put(GROUP)
        asked = [
            await here.client.post(PATH + "/x", data=yaml.dump(GROUP), headers=foreign),
            await here.client.request("DELETE", PATH + "/team", headers=foreign),
            await here.client.request("DELETE", PATH + "/team/errors", headers=foreign),
        ]
        listed = await here.call("GET", PATH, 200)
    assert [answer.status for answer in asked] == [403, 403, 403]
    assert yaml.safe_load(listed.text) == {"team": [GROUP]}


async def states(here: Rig, query: str = "") -> list[dict[str, Any]]:
    answer = await here.call("GET", "/prometheus/api/v1/rules" + query, 200)
    document = json.loads(answer.text)
    assert document["status"] == "success"
    found: list[dict[str, Any]] = document["data"]["groups"]
    return found


async def test_states_of_rules(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        assert await states(here) == []
        await here.put(GROUP)
        (before,) = await states(here)
        for group in here.rules.manager.groups:
            await here.rules.manager.evaluate(group, here.bench.clock.now_ms())
        (after,) = await states(here)
        alerts = json.loads((await here.call("GET", "/prometheus/api/v1/alerts", 200)).text)

    assert (before["name"], before["file"], before["interval"]) == ("errors", "team", 30)
    assert [rule["health"] for rule in before["rules"]] == ["unknown", "unknown"]
    alerting, recording = after["rules"]
    assert recording["type"] == "recording"
    assert recording["query"] == 'sum(count_over_time({app="a"}[1m]))'
    assert (alerting["type"], alerting["state"], alerting["duration"]) == (
        "alerting",
        "pending",
        300,
    )
    assert alerting["alerts"] == [
        {
            "labels": {"alertname": "ManyErrors", "app": "a", "severity": "page"},
            "annotations": {"summary": "errors"},
            "state": "pending",
            "activeAt": "2023-11-14T22:13:20Z",
            "value": "1e+00",
        }
    ]
    assert alerts["data"] == {"alerts": alerting["alerts"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?type=alert", ["ManyErrors"]),
        ("?type=record", ["errors:count"]),
        ("?rule_name[]=ManyErrors", ["ManyErrors"]),
        ("?rule_group[]=errors&file[]=team", ["ManyErrors", "errors:count"]),
        ("?rule_name=ManyErrors", ["ManyErrors"]),
        ("?type=RECORD&rule_group=errors&file=team", ["errors:count"]),
        ("?rule_group=other", []),
        ("?rule_group[]=other", []),
        ("?file[]=other", []),
    ],
)
async def test_some_of_the_rules(tmp_path: Path, query: str, names: list[str]) -> None:
    async with rig(tmp_path) as here:
        await here.put(GROUP)
        found = await states(here, query)
    assert [rule["name"] for group in found for rule in group["rules"]] == names


async def test_other_types_of_rules_are_refused(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        answer = await here.client.get("/prometheus/api/v1/rules?type=all")
    assert (answer.status, answer.json["errorType"]) == (400, "bad_data")
    assert '"all"' in answer.json["error"]
