"""`/api/v2/status`, `/api/v2/receivers`, the page and health."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.api.alertmanager_app import alertmanager_api


async def test_status(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path, started_ms=1_000) as api:
        found = await api.get("/api/v2/status")
    assert found["cluster"] == {"peers": [], "status": "disabled"}
    assert found["uptime"] == "1970-01-01T00:00:01.000Z"
    assert set(found["versionInfo"]) == {
        "branch", "buildDate", "buildUser", "goVersion", "revision", "version",
    }  # fmt: skip
    assert found["versionInfo"]["version"].startswith("0.34.0+appliance.")
    original = yaml.safe_load(found["config"]["original"])
    assert original["route"]["receiver"] == "default"
    assert [one["name"] for one in original["receivers"]] == ["default", "team-a", "pager"]


async def test_receivers(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        found = await api.get("/api/v2/receivers")
        some = await api.get("/api/v2/receivers?receiver_matchers=name%3D~%22team.%2A%22")
        none = await api.get("/api/v2/receivers?receiver_matchers=owner%3Dops,name%3Dx")
        bad = await api.client.get("/api/v2/receivers?receiver_matchers=%7B")
    assert found[0] == {"labels": {"name": "default", "owner": "ops"}, "name": "default"}
    assert [one["name"] for one in found] == ["default", "team-a", "pager"]
    assert [one["name"] for one in some] == ["team-a"]
    assert none == []
    assert (bad.status, bad.json) == (
        400, "failed to parse receiver_matchers param: unexpected open or close brace: {",
    )  # fmt: skip


async def test_links_into_the_original_page_lead_to_ours(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        page = await api.client.get("/")
        script = await api.client.get("/assets/deep-links.js")
    assert 'data-pages="http://pages.test:3000"' in page.text
    assert 'src="/assets/deep-links.js"' in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "window.location.hash" in script.text


async def test_health_is_told_in_the_words_of_the_original(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        answers = [await api.client.get(path) for path in ("/-/healthy", "/-/ready")]
        reload = await api.client.post("/-/reload")
    assert [(answer.status, answer.text) for answer in answers] == [(200, "OK")] * 2
    assert reload.status == 200


async def test_metrics_are_there_before_anything_happens(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        exposed = (await api.client.get("/metrics")).text
    for line in (
        'alertmanager_alerts_received_total{status="firing",version="v2"} 0.0',
        'alertmanager_alerts_received_total{status="resolved",version="v2"} 0.0',
        'alertmanager_alerts_invalid_total{version="v2"} 0.0',
        "alertmanager_cluster_enabled 0.0",
        'alertmanager_http_concurrency_limit_exceeded_total{method="get"} 0.0',
        "alertmanager_receivers 3.0",
    ):
        assert f"{line}\n" in exposed
    assert "alertmanager_build_info{" in exposed
    assert "alertmanager_config_hash " in exposed
