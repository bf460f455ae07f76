from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from appliance.api.alertmanager.deps import ALERTMANAGER, AlertmanagerApiDeps
from appliance.api.ui.app import UiDeps, make_app
from tests.api.serving import Client, http_deps, serving
from tests.api.ui.test_app import HTML
from tests.oncall.duty import ONCALL, Duty
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview

FORM = {"Content-Type": "application/x-www-form-urlencoded", **HTML}


@asynccontextmanager
async def site(folder: Path, oncall: str = ONCALL) -> AsyncIterator[tuple[Client, Duty]]:
    async with Duty(folder, oncall) as duty:

        async def flush() -> None:
            pass

        app = make_app(http_deps(clock=duty.clock), UiDeps(MemoryOverview()))
        app[ALERTMANAGER] = AlertmanagerApiDeps(
            duty.am,
            duty.store,
            flush,
            lambda: duty.pipeline,
            lambda: "http://pages.test",
            oncall=lambda: duty.oncall,
        )
        async with serving(app) as client:
            yield client, duty


async def read(client: Client) -> str:
    answer = await client.get("/oncall", headers=dict(HTML))
    assert answer.status == 200, answer.text
    assert Page(answer.text).inline == []
    return answer.text


async def submit(client: Client, **fields: str) -> str:
    headers = FORM | {"Origin": client.base}
    answer = await client.post("/oncall", data=urlencode(fields), headers=headers)
    assert answer.status == 200, answer.text
    return answer.text


async def test_without_rotas_the_page_says_what_to_write(tmp_path: Path) -> None:
    async with site(tmp_path, "{}") as (client, _):
        assert "oncall: ./oncall.yml" in await read(client)


async def test_who_is_on_call_is_shown_and_who_is_paged(tmp_path: Path) -> None:
    async with site(tmp_path) as (client, duty):
        now = {one["name"]: one["now"]["user"] for one in (await twin(client))["rotas"]}
        text = await read(client)
        for rota, user in now.items():
            assert rota in text
            assert f"<strong>{user or 'Nobody'}</strong>" in text
        [alert] = await duty.fire("Down,severity=P0")
        await duty.advance(2)
        text = await read(client)
        assert f'<a href="/alerts/{alert.fingerprint}">' in text
        assert "running" in text


async def test_somebody_stands_in_and_is_taken_back(tmp_path: Path) -> None:
    async with site(tmp_path) as (client, duty):
        found = await twin(client)
        rota, user = found["rotas"][0]["name"], found["users"][-1]["name"]
        until = "2099-01-31T18:00"
        text = await submit(client, rota=rota, user=user, to=until, by="me")
        assert f"{user} stands in on {rota}." in text
        [made] = duty.oncall.overrides.all()
        assert (made.user, made.by) == (user, "me")
        shown = (await twin(client))["overrides"][0]
        assert shown["to"] == "2099-01-31T18:00:00.000Z"
        assert "taken back" in await submit(client, remove=made.id)
        assert not duty.oncall.overrides.all()


async def test_a_stand_in_that_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as (client, duty):
        assert "needs an end" in await submit(client, rota="x", user="y")
        assert "rotas are" in await submit(client, rota="nobody", user="y", to="2099-01-31T18:00")
        assert not duty.oncall.overrides.all()
        foreign = FORM | {"Origin": "http://elsewhere.test"}
        refused = await client.post("/oncall", data="remove=x", headers=foreign)
        assert refused.status == 403


async def twin(client: Client) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = (await client.get("/oncall.json")).json
    return found
