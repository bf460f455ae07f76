"""Journeys on the pages about the server itself, all on one real server."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = ("/targets", "/tail", "/ingest", "/push", "/storage", "/config", "/status")
PROMETHEUS = """\
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: gone
    static_configs: [{targets: ["127.0.0.1:1"], labels: {env: prod}}]
  - job_name: kept-out
    static_configs: [{targets: ["127.0.0.1:2"]}]
    relabel_configs: [{action: drop}]
"""
PROMTAIL = """\
scrape_configs:
  - job_name: app
    static_configs: [{targets: [localhost], labels: {job: app, __path__: %s/*.log}}]
    pipeline_stages:
      - json: {expressions: {level: level, msg: msg}}
      - labels: {level: }
      - output: {source: msg}
"""


def send(url: str, body: bytes, kind: str = "application/json") -> None:
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as error:
        error.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    folder = tmp_path_factory.mktemp("system")
    (folder / "logs").mkdir()
    (folder / "logs" / "shop.log").write_text('{"level":"info","msg":"paid"}\n' * 50)
    (folder / "prometheus.yml").write_text(PROMETHEUS)
    (folder / "promtail.yml").write_text(PROMTAIL % (folder / "logs"))
    (folder / "appliance.yml").write_text(
        "prometheus: {config: prometheus.yml}\npromtail: {config: promtail.yml}\n"
        "retention: {logs: 7d}\n"
    )
    args = ["--config", str(folder / "appliance.yml")]
    with Appliance(folder / "data", args=args) as running:
        now_ns = time.time_ns()
        shop.send_trace(running.urls["ui"], now_ns, "GET /", service="storefront")
        shop.send_line(running.urls["ui"], now_ns, "hello", service="storefront")
        send(running.urls["otlp_http"] + "/v1/traces", b"{bad")
        for job in ("nightly", "weekly"):
            send(running.urls["pushgateway"] + f"/metrics/job/{job}", b"rows 7\n", "text/plain")
        alert = {"labels": {"alertname": "Secret", "service": "storefront", "severity": "critical"}}
        send(running.urls["alertmanager"] + "/api/v2/alerts", json.dumps([alert]).encode())
        yield running


@pytest.fixture
def ui_url(server: Appliance) -> str:
    return server.urls["ui"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_axe_has_nothing_to_say(
    browser: Any, server: Appliance, scheme: str
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": 360, "height": 800}, bypass_csp=True
    )
    page = context.new_page()
    for path in PATHS:
        page.goto(server.urls["ui"] + path)
        page.wait_for_selector("html[data-ready]", state="attached")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
        assert found == [], path
    context.close()


def test_a_failing_target_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.open("/targets")
    row = page.get_by_role("row", name="http://127.0.0.1:1/metrics").first
    expect(row).to_contain_text("Down", timeout=10_000)
    expect(page.get_by_text("Nothing listens at 127.0.0.1:1.")).to_be_visible()
    row.get_by_text("Discovered labels").click()
    expect(row.get_by_text("__scheme__")).to_be_visible()
    page.get_by_label("State").select_option("up")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile("state=up"))
    expect(page.get_by_text("127.0.0.1:1/metrics")).to_have_count(0)


def test_stages_are_tried_in_the_page_also_without_scripts(visitor: Visitor) -> None:
    for scripts in (True, False):
        page = visitor.open("/tail", scripts=scripts)
        expect(page.get_by_text("shop.log").first).to_be_visible()
        expect(page.get_by_label("Stages, as in pipeline_stages")).to_have_value(
            re.compile("^- json: ")
        )
        page.get_by_label("Lines, at most 20").fill('{"level":"warn","msg":"slow"}\n')
        page.get_by_role("button", name="Try", exact=True).click()
        result = page.get_by_role("list", name="What the stages did")
        expect(result).to_contain_text("label level")
        expect(result.get_by_text("Stored")).to_be_visible()


def test_senders_are_listed_with_what_was_refused(visitor: Visitor) -> None:
    page = visitor.open("/ingest")
    expect(page.get_by_role("row", name=re.compile("storefront.*Traces"))).to_contain_text(
        re.compile(r"1 span\b")
    )
    expect(page.get_by_text("body is not JSON")).to_be_visible()
    page.get_by_label("Only with refusals").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("storefront")).to_have_count(0)


def test_a_pushed_group_is_deleted_after_a_question(visitor: Visitor) -> None:
    page = visitor.open("/push")
    group = page.get_by_role("region", name="Group job=nightly")
    expect(group).to_contain_text("rows")
    group.get_by_text("Delete…").click()
    group.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="is deleted")).to_contain_text("job=nightly")
    expect(page.get_by_role("region", name="Group job=weekly")).to_be_visible()
    expect(group).to_have_count(0)


def test_storage_is_pruned_by_hand(visitor: Visitor) -> None:
    page = visitor.open("/storage")
    expect(page.get_by_role("row", name=re.compile("^Logs"))).to_contain_text("7 days")
    page.get_by_role("button", name="Prune now").click()
    expect(page.get_by_text("there was nothing that retention does not cover")).to_be_visible()


def test_a_broken_file_is_refused_and_shown_with_its_line(
    visitor: Visitor, server: Appliance
) -> None:
    file = server.data.parent / "appliance.yml"
    before = file.read_text()
    page = visitor.open("/config")
    page.get_by_role("link", name=re.compile(r"appliance\.yml:3")).click()
    expect(page.locator("li:target")).to_have_text("retention: {logs: 7d}")
    try:
        file.write_text(before + "retension: {}\n")
        page.get_by_role("button", name="Reload").click()
        expect(page.get_by_text("The last reload was refused")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text(re.compile(r"appliance\.yml:4:1"))
    finally:
        file.write_text(before.replace("7d", "8d"))
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_text("was read anew")).to_be_visible()
    changed = page.get_by_role("region", name="Changed since the start")
    expect(changed).to_contain_text("retention.logs")
    assert all("status of 400" in problem for problem in visitor.problems)
    visitor.problems.clear()


def test_the_status_page_tells_nothing_of_the_inside(visitor: Visitor) -> None:
    page = visitor.open("/status")
    expect(page.get_by_role("heading", name="There is a major outage")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Secret")
    expect(page.get_by_role("img", name=re.compile("storefront"))).to_be_visible()


def test_a_page_follows_the_server_and_keeps_what_is_open(
    visitor: Visitor, server: Appliance
) -> None:
    page = visitor.open("/push")
    page.clock.install()
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    group = page.get_by_role("region", name="Group job=weekly")
    group.locator("details.family summary").click()
    page.evaluate("document.activeElement.blur()")
    send(server.urls["pushgateway"] + "/metrics/job/hourly", b"rows 9\n", "text/plain")
    page.clock.run_for(11_000)
    expect(page.get_by_role("region", name="Group job=hourly")).to_be_visible()
    expect(group.locator("details.family")).to_have_attribute("open", "")
