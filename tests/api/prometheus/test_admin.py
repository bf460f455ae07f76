"""Prometheus' HTTP API: snapshots, deletion, notifications, cardinality."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.base.notifications import RELOAD_FAILED, Notifications
from tests.api.prometheus_app import PlainAdmin, T, prometheus_app
from tests.api.serving import serving

DELETE = "/api/v1/admin/tsdb/delete_series"


async def test_delete_series_names_matchers_and_range() -> None:
    tsdb = PlainAdmin()
    params = [("match[]", "up"), ("match[]", '{job="a"}'), ("start", "1"), ("end", "2")]
    async with serving(prometheus_app(tsdb=tsdb)) as client:
        answer = await client.post(DELETE, params=params, headers={"X-Scope-OrgID": "acme"})
    assert (answer.status, answer.body) == (204, b"")
    assert tsdb.deleted == [("acme", [('__name__="up"',), ('job="a"',)], 1000, 2000)]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "no match[] parameter provided"),
        ({"match[]": "up{"}, 'invalid parameter "match[]": 1:4: parse error: unexpected end'),
        ({"match[]": "up", "start": "x"}, 'invalid parameter "start": invalid time value'),
    ],
)
async def test_deletion_of_what_nobody_can_mean_is_refused(
    params: dict[str, str], message: str
) -> None:
    tsdb = PlainAdmin()
    async with serving(prometheus_app(tsdb=tsdb)) as client:
        answer = await client.request("PUT", DELETE, params=params)
    assert answer.status == 400
    assert answer.json["error"].startswith(message)
    assert not tsdb.deleted


async def test_snapshot_is_named_by_the_time() -> None:
    made: list[str] = []
    async with serving(prometheus_app(snapshot=made.append)) as client:
        answer = await client.post("/api/v1/admin/tsdb/snapshot", params={"skip_head": "true"})
        wrong = await client.post("/api/v1/admin/tsdb/snapshot", params={"skip_head": "maybe"})
    assert answer.json["data"] == {"name": made[0]}
    assert re.fullmatch(r"20231114T221320Z-[0-9a-f]{16}", made[0])
    assert wrong.status == 400
    assert len(made) == 1


@pytest.mark.parametrize("path", ["snapshot", "delete_series?match[]=up", "clean_tombstones"])
async def test_admin_paths_can_be_switched_off(path: str) -> None:
    async with serving(prometheus_app(admin_api=False)) as client:
        answer = await client.post(f"/api/v1/admin/tsdb/{path}")
    assert (answer.status, answer.json["errorType"]) == (503, "unavailable")
    assert answer.json["error"] == "admin APIs disabled"


async def test_admin_paths_refuse_pages_of_other_sites_and_missing_tokens() -> None:
    path = "/api/v1/admin/tsdb/clean_tombstones"
    async with serving(prometheus_app()) as client:
        strange = await client.post(path, headers={"Origin": "http://elsewhere.example"})
        usual = await client.post(path)
    async with serving(prometheus_app({"token": "secret"})) as client:
        without = await client.post(path)
        with_it = await client.post(path, headers={"Authorization": "Bearer secret"})
    statuses = [answer.status for answer in (strange, usual, without, with_it)]
    assert statuses == [403, 204, 401, 204]


async def test_cardinality() -> None:
    async with serving(prometheus_app()) as client:
        answer = await client.get("/api/v1/status/tsdb", params={"limit": "1"})
        wrong = await client.get("/api/v1/status/tsdb", params={"limit": "0"})
    rows = [{"name": "up", "value": 2}]
    assert answer.json["data"] == {
        "headStats": {
            "numSeries": 3,
            "numLabelPairs": 5,
            "chunkCount": 2,
            "minTime": T - 1000,
            "maxTime": T,
        },
        "seriesCountByMetricName": rows,
        "labelValueCountByLabelName": rows,
        "memoryInBytesByLabelName": rows,
        "seriesCountByLabelValuePair": rows,
    }
    assert (wrong.status, wrong.json["error"]) == (400, "limit must be a positive number")


async def test_notifications_say_what_is_so_and_what_is_over() -> None:
    notifications = Notifications(ManualClock())
    notifications.set(RELOAD_FAILED, active=True)
    shown = {"text": RELOAD_FAILED, "date": "2023-11-14T22:13:20Z", "active": True}
    async with serving(prometheus_app(notifications=notifications)) as client:
        answer = await client.get("/api/v1/notifications")
        assert answer.json["data"] == [shown]
        found = await asyncio.wait_for(_events(client.base, notifications), 10)
    assert found == [shown, shown | {"active": False}]
    assert notifications.listeners == 0


async def _events(base: str, notifications: Notifications) -> list[Any]:
    """The first two events; the second is made once the first is here."""
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /api/v1/notifications/live HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    first = await reader.readuntil(b"}\n\n")
    notifications.set(RELOAD_FAILED, active=False)
    second = await reader.readuntil(b"}\n\n")
    writer.close()
    await writer.wait_closed()
    while notifications.listeners:
        notifications.set(RELOAD_FAILED, active=not notifications.active())
        await asyncio.sleep(0)
    return [json.loads(event[event.index(b"data: ") + 6 :]) for event in (first, second)]
