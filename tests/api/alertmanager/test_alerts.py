"""`/api/v2/alerts` and `/api/v2/alerts/groups`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from appliance.api.http import HttpLimits
from appliance.wire.alertmanager.times import print_time
from tests.api.alertmanager_app import HOUR_NS, Api, alertmanager_api

BROKEN = "error parsing regexp: missing closing ): `^(?:()$`"


async def names(api: Api, **given: str) -> list[str]:
    """Names of the alerts that are shown, sorted."""
    found = await api.get(f"/api/v2/alerts?{urlencode(given)}")
    return sorted(one["labels"]["alertname"] for one in found)


async def test_an_alert_is_shown_as_it_was_sent(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        now_ns = api.clock.now_ns()
        sent = {
            "labels": {"alertname": "A", "team": "a", "empty": ""},
            "annotations": {"summary": "ö"},
            "startsAt": print_time(now_ns - HOUR_NS),
            "endsAt": print_time(now_ns + HOUR_NS),
            "generatorURL": "http://gen/",
        }
        answer = await api.post("/api/v2/alerts", [sent])
        (found,) = await api.get("/api/v2/alerts")
    assert (answer.status, answer.body) == (200, b"")
    assert found == {
        "annotations": {"summary": "ö"},
        "endsAt": sent["endsAt"],
        "fingerprint": "a0c07763372b5353",
        "receivers": [{"name": "team-a"}],
        "startsAt": sent["startsAt"],
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": print_time(now_ns),
        "generatorURL": "http://gen/",
        "labels": {"alertname": "A", "team": "a"},
    }


@pytest.mark.parametrize(
    ("given", "starts", "ends"),
    [({}, 0, 300), ({"endsAt": 60}, 60, 60), ({"startsAt": -60}, -60, 300)],
)
async def test_times_that_were_left_out(
    tmp_path: Path, given: dict[str, int], starts: int, ends: int
) -> None:
    async with alertmanager_api(tmp_path) as api:
        now_ns = api.clock.now_ns()
        times = {name: print_time(now_ns + after * 10**9) for name, after in given.items()}
        await api.post("/api/v2/alerts", [{"labels": {"alertname": "A"}, **times}])
        (found,) = await api.get("/api/v2/alerts")
    assert found["startsAt"] == print_time(now_ns + starts * 10**9)
    assert found["endsAt"] == print_time(now_ns + ends * 10**9)


async def test_what_is_valid_is_taken_and_the_rest_told(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.post(
            "/api/v2/alerts",
            [
                {"labels": {"alertname": "Good"}},
                {"labels": {"a": ""}},
                {"labels": {"": "x"}},
                {"labels": {"alertname": "x"}, "annotations": {"": "x"}},
                {
                    "labels": {"alertname": "x"},
                    "startsAt": "2024-01-02T00:00:00Z",
                    "endsAt": "2024-01-01T00:00:00Z",
                },
                {"labels": {"alertname": "AlsoGood", "a b": "ü"}},
            ],
        )
        found = await names(api)
        exposed = api.telemetry.expose().decode()
    assert answer.status == 400
    assert answer.json == (
        "at least one label pair required\n"
        'invalid label set: invalid name ""\n'
        'invalid annotations: invalid name ""\n'
        "start time must be before end time"
    )
    assert answer.body.endswith(b'"\n')
    assert found == ["AlsoGood", "Good"]
    assert 'alertmanager_alerts_received_total{status="firing",version="v2"} 6.0' in exposed
    assert 'alertmanager_alerts_invalid_total{version="v2"} 4.0' in exposed


async def test_alerts_that_are_over_are_not_shown(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await api.fire(alertname="A")
        await api.post(
            "/api/v2/alerts", [{"labels": {"alertname": "B"}, "endsAt": "2020-01-01T00:00:00Z"}]
        )
        before = await names(api)
        await api.clock.advance(301)
        after = await names(api)
        exposed = api.telemetry.expose().decode()
    assert (before, after) == (["A"], [])
    assert 'alertmanager_alerts_received_total{status="resolved",version="v2"} 1.0' in exposed


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "Free NodeDown Quiet ServiceDown"),
        ({"filter": "alertname=Free"}, "Free"),
        ({"filter": 'alertname=~".*Down"'}, "NodeDown ServiceDown"),
        ({"filter": "node="}, "Free Quiet"),
        ({"filter": 'node!=""'}, "NodeDown ServiceDown"),
        ({"active": "false"}, "Quiet ServiceDown"),
        ({"active": "no"}, "Quiet ServiceDown"),
        ({"active": ""}, "Free NodeDown Quiet ServiceDown"),
        ({"active": "T", "silenced": "Yes"}, "Free NodeDown Quiet ServiceDown"),
        ({"silenced": "false"}, "Free NodeDown ServiceDown"),
        ({"inhibited": "false"}, "Free NodeDown Quiet"),
        ({"receiver": "team-a"}, "ServiceDown"),
        ({"receiver": "team"}, ""),
        ({"receiver": "team-a|default"}, "Free NodeDown Quiet ServiceDown"),
        ({"receiver": "pager"}, "ServiceDown"),
        ({"receiver_matchers": "owner=ops"}, "Free NodeDown Quiet"),
        ({"receiver_matchers": "name=pager"}, "ServiceDown"),
        ({"unprocessed": "false", "nonsense": "1"}, "Free NodeDown Quiet ServiceDown"),
    ],
)
async def test_filters(tmp_path: Path, given: dict[str, str], expected: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        await fire_four(api)
        found = await names(api, **given)
    assert found == expected.split()


async def fire_four(api: Api) -> None:
    """One that is free, one silenced, one inhibited, and the one that inhibits."""
    await api.fire(alertname="Free")
    await api.fire(alertname="Quiet")
    await api.fire(alertname="NodeDown", node="n1")
    await api.fire(alertname="ServiceDown", node="n1", team="a", severity="page")
    now_ns = api.clock.now_ns()
    silence = {
        "matchers": [{"name": "alertname", "value": "Quiet", "isRegex": False}],
        "startsAt": print_time(now_ns),
        "endsAt": print_time(now_ns + HOUR_NS),
        "createdBy": "me",
        "comment": "c",
    }
    assert (await api.post("/api/v2/silences", silence)).status == 200


async def test_by_what_an_alert_is_held_back(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await fire_four(api)
        found = {one["labels"]["alertname"]: one for one in await api.get("/api/v2/alerts")}
        (silence,) = await api.get("/api/v2/silences")
    assert found["Quiet"]["status"]["silencedBy"] == [silence["id"]]
    assert found["ServiceDown"]["status"]["inhibitedBy"] == [found["NodeDown"]["fingerprint"]]
    states = {name: one["status"]["state"] for name, one in found.items()}
    assert states == {
        "Free": "active", "NodeDown": "active", "Quiet": "suppressed", "ServiceDown": "suppressed",
    }  # fmt: skip
    assert [one["name"] for one in found["ServiceDown"]["receivers"]] == ["team-a", "pager"]


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/api/v2/alerts/groups"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("filter=Odd", "bad matcher format: Odd"),
        ("filter=", "bad matcher format: "),
        ("filter=%7Ba%3Db%7D", "unexpected open or close brace: {a=b}"),
        ("filter=a%3D~(", BROKEN),
        ('filter=a%3D~"["', "error parsing regexp: missing closing ]: `[)$`"),
        ("receiver=(", f"failed to parse receiver param: {BROKEN}"),
        ("receiver_matchers=x", "failed to parse receiver_matchers param: bad matcher format: x"),
    ],
)  # fmt: skip
async def test_filters_that_are_refused(
    tmp_path: Path, path: str, query: str, message: str
) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.client.get(f"{path}?{query}")
    assert (answer.status, answer.json) == (400, message)


async def groups(api: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await api.get(f"/api/v2/alerts/groups{query}")
    return found


async def test_groups(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await fire_four(api)
        found = await groups(api)
        by_receiver = await groups(api, "?receiver=pager")
        unmuted = await groups(api, "?muted=false")
        active = await groups(api, "?silenced=false&inhibited=false")
    shown = [(one["labels"]["alertname"], one["receiver"]["name"]) for one in found]
    assert shown == [
        ("Free", "default"), ("NodeDown", "default"), ("Quiet", "default"),
        ("ServiceDown", "pager"), ("ServiceDown", "team-a"),
    ]  # fmt: skip
    pager = found[3]
    assert pager["routeLabels"] == {"tier": "gold"}
    (alert,) = pager["alerts"]
    assert alert["status"]["mutedBy"] == ["always"]
    assert [one["name"] for one in alert["receivers"]] == ["pager", "team-a"]
    assert [one["name"] for one in by_receiver[0]["alerts"][0]["receivers"]] == ["pager"]
    assert [one["receiver"]["name"] for one in unmuted] == ["default"] * 3 + ["team-a"]
    assert [one["labels"]["alertname"] for one in active] == ["Free", "NodeDown"]


async def test_a_muted_alert_is_shown_as_suppressed_in_its_group_only(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await api.fire(alertname="A", severity="page")
        (group,) = await groups(api)
        (alert,) = await api.get("/api/v2/alerts")
    assert group["alerts"][0]["status"]["state"] == "suppressed"
    assert alert["status"] == {
        "inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active",
    }  # fmt: skip


async def test_writing_needs_the_token(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path, token="t0ken") as api:
        refused = await api.post("/api/v2/alerts", [{"labels": {"alertname": "A"}}])
        taken = await api.post(
            "/api/v2/alerts", [{"labels": {"alertname": "A"}}], Authorization="Bearer t0ken"
        )
        found = await names(api)
    assert (refused.status, taken.status, found) == (401, 200, ["A"])


async def test_many_alerts(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path, limits=HttpLimits(1 << 20, 1 << 20)) as api:
        sent = [{"labels": {"alertname": f"A{number:04}"}} for number in range(1500)]
        assert (await api.post("/api/v2/alerts", sent)).status == 200
        found = await names(api)
        grouped = await groups(api, "?filter=alertname%3D~%22A000.%22")
    assert len(found) == 1500
    assert len(grouped) == 10
