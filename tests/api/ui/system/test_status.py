from __future__ import annotations

from pathlib import Path

from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.settings.root import load
from tests.api.alertmanager_app import HOUR_NS
from tests.api.ui.system.site import Site, system_site

PUBLIC = ("/status", "/status.json", "/status/badge/", "/static/")


async def fire(site: Site, **labels: str) -> None:
    now_ns = site.api.clock.now_ns()
    alert = Alert(
        Labels.of({"alertname": "InternalName", **labels}),
        {"summary": "db7 is down"},
        now_ns - 60 * 10**9,
        now_ns + HOUR_NS,
        now_ns,
    )
    await site.api.alertmanager.put([alert])


async def test_services_and_incidents(tmp_path: Path) -> None:
    async with system_site(tmp_path) as site:
        await fire(site, service="shop", severity="critical", host="db7")
        text = await site.page("/status")
        assert "There is a major outage" in text
        assert "checkout" in text
        for inside in ("InternalName", "db7", "/alerts", "/storage"):
            assert inside not in text
        found = await site.json("/status.json")
        assert found["status"] == "outage"
        assert {row["name"]: row["status"] for row in found["services"]} == {
            "shop": "outage",
            "checkout": "operational",
        }
        assert [(one["service"], one["text"]) for one in found["incidents"]] == [
            ("shop", "Major outage")
        ]


async def test_badges(tmp_path: Path) -> None:
    async with system_site(tmp_path) as site:
        await fire(site, service="shop", severity="warning")
        for name, words in (
            ("shop", "degraded performance"),
            ("checkout", "operational"),
            ("all", "degraded performance"),
            ("nobody", "unknown"),
        ):
            answer = await site.client.get(f"/status/badge/{name}.svg")
            assert answer.headers["Content-Type"].startswith("image/svg+xml")
            assert words in answer.text


async def test_who_may_read_it_beyond_loopback(tmp_path: Path) -> None:
    async with system_site(tmp_path, is_open=False) as site:
        for path in ("/status", "/status.json", "/status/badge/all.svg"):
            assert (await site.client.get(path)).status == 401
    folder = tmp_path / "public"
    folder.mkdir()
    async with system_site(folder, is_open=False, public=PUBLIC) as site:
        for path in ("/status", "/status.json", "/status/badge/all.svg"):
            assert (await site.client.get(path)).status == 200
        for path in ("/", "/storage", "/status/", "/statusx", "/config.json"):
            assert (await site.client.get(path)).status == 401
        assert (await site.client.post("/status")).status == 401


def test_the_setting_names_the_paths(tmp_path: Path) -> None:
    settings, _ = load(None, flags={}, environ={}, directory=tmp_path)
    assert settings.ui.public_paths == ()
    (tmp_path / "appliance.yml").write_text("ui: {status_page: public, services: shop}\n")
    settings, problems = load(None, flags={}, environ={}, directory=tmp_path)
    assert problems == []
    assert settings.ui.public_paths == PUBLIC
    assert settings.ui.services == ("shop",)
