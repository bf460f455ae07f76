"""Journeys with what fires: acknowledge, silence, explain, replay, rules, backtests."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from appliance.testing import Appliance
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")
RULES = """\
groups:
- name: shop
  interval: 1s
  rules:
  - alert: HighTraffic
    expr: vector(42) > 10
    labels: {severity: critical, service: checkout}
    annotations: {summary: "Too much at once"}
  - alert: PodDown
    expr: >
      label_replace(vector(1), "pod", "a", "", "")
      or label_replace(vector(1), "pod", "b", "", "")
    labels: {severity: warning, service: api}
  - alert: Quiet
    expr: vector(0) > 1
    for: 5m
"""
ALERTMANAGER = """\
route: {{receiver: team, group_by: [alertname], group_wait: 1s}}
receivers:
- name: team
  webhook_configs: [{{url: "{url}"}}]
"""


class _Hook(BaseHTTPRequestHandler):
    """Takes every notification."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok": true}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def firing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server whose rules fire and whose receiver was told, for all journeys."""
    folder = tmp_path_factory.mktemp("alerts")
    hook = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    (folder / "rules.yml").write_text(RULES)
    url = f"http://127.0.0.1:{hook.server_port}/hook"
    (folder / "alertmanager.yml").write_text(ALERTMANAGER.format(url=url))
    (folder / "prometheus.yml").write_text(
        f"global: {{evaluation_interval: 1s}}\nrule_files: ['{folder}/rules.yml']\n"
    )
    args = ["--prometheus-config", str(folder / "prometheus.yml")]
    args += ["--alertmanager-config", str(folder / "alertmanager.yml")]
    with Appliance(folder / "data", args=args) as server:
        base = server.urls["ui"]
        until = time.monotonic() + 20
        while time.monotonic() < until:
            told = get(base, "/api/ui/alerts/events?kind=notified")["events"]
            if len({name for one in told for name in one["fingerprints"]}) >= 3:
                break
            time.sleep(0.1)
        yield base
    hook.shutdown()
    hook.server_close()


@pytest.fixture
def ui_url(firing: str) -> str:
    return firing


def get(base: str, path: str) -> Any:
    with urllib.request.urlopen(base + path, timeout=10) as answer:
        return json.loads(answer.read())


def fingerprint(base: str, name: str) -> str:
    rows = get(base, "/alerts.json")["alerts"]
    return next(str(row["fingerprint"]) for row in rows if row["name"] == name)


def row(page: Any, name: str) -> Any:
    return page.locator(".alert").filter(has=page.get_by_role("link", name=name, exact=True))


def test_what_fires_is_shown_worst_first_with_its_value(visitor: Visitor) -> None:
    page = visitor.open("/alerts")
    names = page.locator(".alert h3 a:first-child")
    expect(names).to_have_text(["HighTraffic", "PodDown", "PodDown"])
    first = row(page, "HighTraffic")
    expect(first).to_contain_text("critical")
    expect(first).to_contain_text("Too much at once")
    expect(first.locator(".alert-value")).to_contain_text("42 > 10")
    expect(first.locator(".sparkline-line")).to_have_attribute("d", re.compile("^M"))
    first.get_by_role("button", name="More about HighTraffic").click()
    link = page.get_by_role("menuitem", name="Query").get_attribute("href")
    assert link == f"/metrics?g0.expr={quote('vector(42) > 10').replace('%20', '+')}"


def test_ack_takes_one_click_and_stays(visitor: Visitor) -> None:
    page = visitor.open("/alerts")
    page.get_by_label("You").fill("ann")
    row(page, "HighTraffic").get_by_role("button", name="Ack HighTraffic").click()
    expect(page.locator(".toast")).to_contain_text("HighTraffic acknowledged by ann")
    expect(row(page, "HighTraffic")).to_contain_text("Acked by ann")
    page.reload()
    expect(row(page, "HighTraffic")).to_contain_text("Acked by ann")
    row(page, "HighTraffic").get_by_role("button", name="Unack HighTraffic").click()
    expect(row(page, "HighTraffic")).not_to_contain_text("Acked")


def test_silence_takes_two_clicks_and_shows_what_it_takes(visitor: Visitor) -> None:
    page = visitor.open('/alerts?m={pod="a"}')
    page.get_by_role("button", name="Silence PodDown").click()
    dialog = page.get_by_role("dialog", name="Silence")
    expect(dialog).to_contain_text("Silences 1 alert now")
    dialog.get_by_label('pod="a"').uncheck()
    expect(dialog).to_contain_text("Silences 2 alerts now")
    dialog.get_by_label('pod="a"').check()
    expect(dialog).to_contain_text("Silences 1 alert now")
    dialog.get_by_role("button", name="Silence for 4h").click()
    expect(row(page, "PodDown")).to_contain_text("Silenced")
    row(page, "PodDown").get_by_role("link", name="Silenced").click()
    expect(page.locator("main")).to_contain_text("Alerts that match: 1")
    page.get_by_role("button", name="End it now").click()
    expect(page.locator("main")).to_contain_text("expired")


def test_chips_filter_and_exclude_and_the_address_has_it(visitor: Visitor) -> None:
    page = visitor.open("/alerts")
    page.locator(".chip").filter(has_text=re.compile("poda")).first.click()
    expect(page.locator(".alert")).to_have_count(1)
    assert 'm={pod="a"}' in page.evaluate("decodeURIComponent(location.search)")
    page.go_back()
    expect(page.locator(".alert")).to_have_count(3)
    page.locator(".chip").filter(has_text=re.compile("poda")).click(modifiers=["Alt"])
    expect(page.locator(".alert")).to_have_count(2)
    expect(page.get_by_label("Matchers")).to_have_value('{pod!="a"}')
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Group by").select_option("service")
    expect(page.locator(".panel-head h2")).to_have_text(["checkout", "api"])


def test_one_alert_tells_its_story_and_why(visitor: Visitor) -> None:
    page = visitor.open("/alerts/" + fingerprint(visitor.url, "HighTraffic"))
    expect(page.locator(".alert-chart .plot[data-ready]")).to_be_visible()
    story = page.locator(".timeline")
    for text in ("Rule fires", "Alert received", "HTTP 200", "Notified"):
        expect(story).to_contain_text(text)
    explain = page.locator(".explain")
    expect(explain).to_contain_text("told")
    expect(explain).to_contain_text("takes it")
    story.get_by_text("Request and answer").first.click()
    expect(story.get_by_label("payload", exact=True).first).to_contain_text('"HighTraffic"')
    story.get_by_text("Send again").first.click()
    story.get_by_role("button", name="Send it now").first.click()
    expect(page.get_by_role("status").filter(has_text="Sent again")).to_contain_text("HTTP 200")


def test_rules_are_searched_and_lead_to_a_backtest(visitor: Visitor) -> None:
    page = visitor.open("/rules")
    expect(page.locator(".rule")).to_have_count(3)
    page.keyboard.press("/")
    page.keyboard.type("vector(0)")
    expect(page.locator(".rule")).to_have_count(1)
    expect(page.locator(".rule")).to_contain_text("Quiet")
    page.get_by_label("Words").fill("")
    page.get_by_role("button", name="Firing").click()
    expect(page.locator(".rule")).to_have_count(2)
    page.locator(".rule").first.get_by_role("link", name="Backtest").click()
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator(".panel .badge")).to_contain_text("would have fired")
    page.get_by_label("Another threshold").fill("100")
    page.get_by_role("button", name="Compare").click()
    changed = page.get_by_label("HighTraffic (changed)")
    expect(changed).to_contain_text("would not have fired")
    assert "threshold=100" in page.url


def test_a_silence_is_made_and_edited_with_all_fields(visitor: Visitor) -> None:
    page = visitor.open("/silences/new")
    page.get_by_label("Matchers").fill('alertname="PodDown"')
    expect(page.locator(".preview")).to_contain_text("Silences 2 alerts now")
    page.get_by_role("button", name="1 d", exact=True).click()
    page.get_by_label("Why").fill("upgrade")
    page.get_by_label("Your name").fill("ann")
    page.get_by_role("button", name="Silence", exact=True).click()
    expect(page.locator("h1")).to_have_text("upgrade")
    page.get_by_role("link", name="Edit").click()
    page.wait_for_selector("html[data-ready]", state="attached")
    page.get_by_label("Why").fill("upgrade, longer")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("upgrade, longer")
    page.goto(visitor.url + "/silences")
    silence = page.locator(".silence").filter(has_text="upgrade, longer")
    expect(silence).to_contain_text("2 alerts silenced now")
    silence.get_by_role("button", name="+1 h").click()
    expect(silence).to_contain_text("24 h")
    silence.get_by_role("button", name="End now").click()
    expect(page.get_by_role("region", name="Expired")).to_contain_text("upgrade, longer")


def test_everything_works_on_a_phone_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/alerts", width=360, scripts=False)
    assert page.locator(".alert").count() == 3
    page.locator(".alert").first.get_by_role("button", name="Ack").click()
    expect(page.locator(".alert").first).to_contain_text("Acked by web")
    page.locator(".alert").first.get_by_role("button", name="Unack").click()
    page.locator(".alert").first.get_by_role("link", name="Silence").click()
    expect(page.locator("main")).to_contain_text("matches 1 alert now")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(visitor: Visitor, scheme: str) -> None:
    at = "/alerts/" + fingerprint(visitor.url, "HighTraffic")
    views = ("/alerts", "/alerts?view=rules", "/alerts?view=groups", "/alerts?view=backtest", at)
    if not AXE.exists():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    page = visitor.open("/silences/new?m=severity%3D~%22.%2B%22", width=360, scheme=scheme)
    for path in (None, *views, "/silences"):
        if path is not None:
            page.goto(visitor.url + path)
            page.wait_for_selector("html[data-ready]", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
        )
        assert found == [], path
