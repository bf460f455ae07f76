"""Dashboards as data over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from appliance.api.http import HttpLimits
from appliance.api.ui.app import UiDeps, make_app
from appliance.base.clock import SystemClock
from appliance.dashboards.library.library import DashboardLibrary
from appliance.dashboards.library.places import Places
from tests.api.serving import Client, http_deps, serving
from tests.dashboards.building import of_query
from tests.ui.memory import MemoryOverview

URL = "/api/ui/dashboards"
MINE = orjson.dumps({"dashboard": {"title": "Mine", "uid": "mine", "panels": []}})


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    folder = tmp_path / "boards" / "team"
    folder.mkdir(parents=True)
    document = {**of_query("sum("), "title": "Web shop", "uid": "shop", "tags": ["web"]}
    (folder / "a.json").write_bytes(orjson.dumps(document))
    (folder / "b.json").write_bytes(orjson.dumps({"title": "Hosts", "uid": "h", "panels": []}))
    (folder / "c.json").write_text("{")
    places = Places((str(tmp_path / "boards/**/*.json"),), own=tmp_path / "own")
    library = DashboardLibrary(lambda: places, SystemClock())
    http = http_deps(clock=SystemClock(), limits=HttpLimits())
    deps = UiDeps(MemoryOverview(), dashboards=lambda: library)
    async with serving(make_app(http, deps)) as client:
        yield client


async def titles(client: Client, query: str = "") -> list[str]:
    return [one["title"] for one in (await client.get(URL + query)).json["dashboards"]]


async def test_the_list_and_its_filters(client: Client) -> None:
    answer = (await client.get(URL)).json
    assert answer["dashboards"][1] == {
        "uid": "shop", "title": "Web shop", "folder": "team", "tags": ["web"], "url": "/d/shop",
        "file": answer["dashboards"][1]["file"], "removable": False,
        "problems": {"error": 1, "warning": 0, "info": 0},
    }  # fmt: skip
    assert [(one["line"], one["code"]) for one in answer["broken"]] == [(1, "dashboard")]
    assert await titles(client, "?query=SHOP+web") == ["Web shop"]
    assert await titles(client, "?tag=web") == ["Web shop"]
    assert await titles(client, "?folder=none") == []


async def test_one_dashboard(client: Client) -> None:
    answer = (await client.get(f"{URL}/shop")).json
    assert answer["dashboard"]["rows"][0]["panels"][0]["targets"][0]["expr"] == "sum("
    assert [(one["code"], one["panelId"]) for one in answer["problems"]] == [("promql", 1)]
    assert (answer["folder"], answer["removable"]) == ("team", False)
    original = await client.get(f"{URL}/shop/json")
    assert original.json["uid"] == "shop"
    assert "shop.json" in original.headers["Content-Disposition"]


async def test_as_grafana_answers(client: Client) -> None:
    answer = (await client.get("/api/dashboards/uid/shop")).json
    assert answer["dashboard"]["panels"][0]["targets"][0]["expr"] == "sum("
    assert (answer["meta"]["url"], answer["meta"]["provisioned"]) == ("/d/shop", True)


async def test_what_is_not_there(client: Client) -> None:
    for path in (f"{URL}/nobody", f"{URL}/nobody/json", "/api/dashboards/uid/nobody"):
        answer = await client.get(path)
        assert answer.status == 404
        assert "nobody" in answer.json["error"]
    assert (await client.request("DELETE", f"{URL}/nobody")).status == 404


async def test_put_and_delete(client: Client) -> None:
    answer = await client.post(URL, data=MINE)
    assert (answer.status, answer.json["uid"], answer.json["removable"]) == (200, "mine", True)
    assert (await client.post(URL, data=MINE)).status == 409
    assert (await client.post(f"{URL}?overwrite=true", data=MINE)).status == 200
    assert "Mine" in await titles(client)
    assert (await client.request("DELETE", f"{URL}/mine")).status == 204
    assert "Mine" not in await titles(client)
    assert (await client.request("DELETE", f"{URL}/shop")).status == 409


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"{", b'{"panels": ['])
async def test_what_is_no_dashboard_is_not_kept(client: Client, data: bytes) -> None:
    answer = await client.post(URL, data=data)
    assert answer.status == 400
    assert answer.json["error"]
    assert len(await titles(client)) == 2


async def test_pages_of_other_sites_change_nothing(client: Client) -> None:
    headers = {"Origin": "https://evil.example"}
    assert (await client.post(URL, data=MINE, headers=headers)).status == 403
    deleted = await client.request("DELETE", f"{URL}/shop", headers=headers)
    assert deleted.status == 403


async def test_a_server_without_dashboards_says_so() -> None:
    app = make_app(http_deps(clock=SystemClock()), UiDeps(MemoryOverview()))
    async with serving(app) as client:
        assert (await client.get(URL)).json == {"dashboards": [], "broken": []}
        assert (await client.post(URL, data=MINE)).status == 409
