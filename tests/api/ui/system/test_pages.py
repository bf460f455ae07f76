"""Every page about the server itself: empty and filled, as HTML and as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.ingest.senders import SenderKey, Senders
from appliance.ingest.tail.status import ClientStatus, SourceKind, SourceStatus, TailStatus
from appliance.model.accepted import Origin
from appliance.wire.metric_family import parse_text
from tests.api.ui.system.site import Site, system_site
from tests.sources import labels
from tests.ui.system.test_targets import DOWN

PATHS = ["/targets", "/tail", "/ingest", "/push", "/storage", "/config", "/status"]
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with system_site(tmp_path) as found:
        yield found


async def test_pages_are_sound_and_have_twins(site: Site) -> None:
    for path in PATHS:
        await site.page(path)
        assert await site.json(path + ".json") == await site.json(path + "?format=json")


async def test_what_senders_and_targets_say_is_text(site: Site) -> None:
    bad = replace(DOWN, last_error=HOSTILE, labels=labels(job=HOSTILE))
    site.scraping.found = [bad]
    site.tailing.found = TailStatus(
        HOSTILE,
        [SourceStatus("app", SourceKind.FILE, HOSTILE, labels(x=HOSTILE), error=HOSTILE)],
        (),
        [ClientStatus(HOSTILE, is_own=False, error=HOSTILE)],
        [HOSTILE],
    )
    await site.gateway.push({"job": HOSTILE}, parse_text(b"a 1\n"), replaces=True)
    for path in ("/targets", "/tail", "/push"):
        text = await site.page(path)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


async def test_a_target_that_fails_comes_with_advice(site: Site) -> None:
    text = await site.page("/targets")
    assert "connect: connection refused" in text
    assert "Nothing listens at db.internal:9100" in text
    assert "1 down" in text
    text = await site.page("/targets?state=up")
    assert "db.internal" not in text
    assert "No target matches" in await site.page("/targets?q=nothing-like-it")
    found = await site.json("/targets.json?state=down")
    assert [row["url"] for row in found["pools"][0]["targets"]] == [DOWN.scrape_url]


async def test_empty_pages_have_the_command_that_fills_them(site: Site) -> None:
    assert "appliance up --promtail-config promtail-config.yml" in await site.page("/tail")
    text = await site.page("/ingest")
    assert "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318" in text
    assert "/metrics/job/backup" in await site.page("/push")


async def test_stages_are_tried(site: Site) -> None:
    stages = "- json: {expressions: {level: level}}\n- labels: {level: }"
    fields = {"stages": stages, "lines": '{"level":"warn"}\n', "labels": "job=shop"}
    answer = await site.submit("/tail", fields)
    assert answer.status == 200
    assert "label level" in answer.text
    found = (await site.submit("/tail?format=json", fields)).json
    assert found["lines"][0]["entries"][0]["labels"] == [["job", "shop"], ["level", "warn"]]


async def test_stages_that_cannot_be_used_are_shown_again(site: Site) -> None:
    for name, text, reason in (
        ("stages", "- jsn: {}", "line 1, column 3: unknown key"),
        ("labels", "nonsense", "write name=value"),
    ):
        fields = {"stages": "", "lines": "x", "labels": "", name: text}
        answer = await site.submit("/tail", fields)
        assert answer.status == 400
        assert reason in answer.text
        assert text in answer.text


async def test_a_pushed_group_is_deleted_by_those_who_may(site: Site) -> None:
    await site.gateway.push({"job": "nightly"}, parse_text(b"rows 7\n"), replaces=True)
    assert "rows" in await site.page("/push")
    key = {"key": "job=nightly"}
    assert (await site.submit("/push", key, token="wrong")).status == 401
    assert (await site.submit("/push", key, origin="http://evil.test")).status == 403
    assert (await site.submit("/push", {"key": "job=other"})).status == 404
    assert len(site.gateway.groups) == 1
    answer = await site.submit("/push", key)
    assert answer.status == 303
    assert site.gateway.groups == {}
    assert "job=nightly</strong> is deleted" in await site.page(answer.headers["Location"])


async def test_pruning_is_for_those_who_may(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert (await site.submit("/storage/prune", {}, token="wrong")).status == 401
    assert (await site.submit("/storage/prune", {}, origin="http://evil.test")).status == 403
    assert site.files.pruned == 0
    answer = await site.submit("/storage/prune", {})
    assert (answer.status, site.files.pruned) == (303, 1)
    assert "3 blocks are gone" in await site.page(answer.headers["Location"])
    assert "prune now: by 127.0.0.1" in caplog.text


async def test_storage_tells_of_damage_and_retention(site: Site) -> None:
    text = await site.page("/storage")
    assert "set aside as logs.db.damaged-1" in text
    assert "16 MiB</strong> of 1 GiB" in text
    assert "7 days" in text
    assert "3 MiB a day" in text  # of three signals together
    assert "Levels off at 21 MiB" in text
    assert "levels off at 7 MiB" in text
    assert "at its bound in 1 day" in text
    assert "Metrics by tenant" in text
    assert "2 blocks, 4 KiB" in text
    assert "{app=&#34;shop&#34;}" in text


async def test_a_reload_that_is_refused_shows_why(site: Site) -> None:
    site.reload.append("prometheus.yml:3:7: error[unknown-key]: unknown key 'x'")
    answer = await site.submit("/config/reload", {})
    assert answer.status == 400
    assert "The last reload was refused" in answer.text
    assert "prometheus.yml:3:7" in answer.text
    site.reload.clear()
    answer = await site.submit("/config/reload", {})
    assert answer.status == 303
    text = await site.page(answer.headers["Location"])
    assert "is in use" in text
    assert "The last reload was refused" not in text


async def test_reloads_are_for_those_who_may(site: Site) -> None:
    assert (await site.submit("/config/reload", {}, token="wrong")).status == 401
    assert (await site.submit("/config/reload", {}, origin="http://evil.test")).status == 403


async def test_configuration_has_origins_and_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "appliance.yml").write_text("auth: {ingest_token: hunter2}\nlog: {level: debug}\n")
    (tmp_path / "prometheus.yml").write_text(
        "scrape_configs:\n- job_name: x # hunter3\n  basic_auth: {username: u, password: hunter4}\n"
    )
    async with system_site(tmp_path) as site:
        text = await site.page("/config")
        assert "hunter" not in text
        assert 'href="#file0-2">' in text
        assert 'id="file1-3"' in text
        assert "found in the working directory" in text
        assert "retention.logs" not in text
        assert "retention.logs" in await site.page("/config?all=1")
        answer = await site.client.get("/config.json")
        assert "hunter" not in answer.text
        origins = answer.json["look"]["origins"]
        assert origins["log.level"].endswith("appliance.yml:2")


async def test_what_a_reload_would_change(tmp_path: Path) -> None:
    async with system_site(tmp_path) as site:
        assert "What is on the disk is in use." in await site.page("/config")
        (tmp_path / "appliance.yml").write_text("log: {level: debug}\n")
        text = await site.page("/config")
        assert "1 setting differs" in text
        (tmp_path / "appliance.yml").write_text("log: {levle: debug}\n")
        text = await site.page("/config")
        assert "A reload would be refused" in text
        assert "did you mean" in text


async def test_senders_are_listed(tmp_path: Path) -> None:
    senders = Senders()
    async with system_site(tmp_path, senders=senders) as site:
        now_ms = site.api.clock.now_ms()
        key = SenderKey("logs", "loki", "anonymous", "10.0.0.9", HOSTILE)
        senders.note(key, now_ms, items=3, origins=[Origin("shop")], reasons=[(HOSTILE, 2)])
        text = await site.page("/ingest")
        assert "<script>alert" not in text
        assert "10.0.0.9" in text
        assert "Loki push" in text
        assert "No sender matches" in await site.page("/ingest?signal=traces")
        found = await site.json("/ingest.json?signal=logs")
        assert found["rows"][0]["reasons"][0]["count"] == 2
