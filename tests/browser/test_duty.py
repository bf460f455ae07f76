"""Journeys of whoever is on duty: notifications, rotas, runbooks, all on one real server."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright
from tests.process.alert_sinks import HttpSink, http_sink

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = ("/notifications", "/oncall", "/runbooks", "/runbooks/ShopDown")
ROUTING = """\
route: {{receiver: hook, group_wait: 1s, routes: [{{matchers: [team="b"], receiver: broken}}]}}
receivers:
- {{name: hook, webhook_configs: [{{url: '{url}/hook'}}]}}
- {{name: broken, webhook_configs: [{{url: 'http://127.0.0.1:1/hook'}}]}}
"""
ONCALL = """\
users: {ann: {receivers: [hook]}, bob: {receivers: [hook]}}
rotas: {primary: {users: [ann, bob], every: 1d}}
policies: {page: {match: severity="critical", steps: [{rota: primary}]}}
"""
SETTINGS = """\
alertmanager: {config: alertmanager.yml}
oncall: oncall.yml
runbooks: runbooks
"""
RUNBOOK = """\
# ShopDown

P1, shop

## Diagnosis

- [ ] Is it up?

```promql
vector(42)
```

```logql
{service_name="shop"} |= "paid"
```
"""


@pytest.fixture(scope="module")
def sink() -> Iterator[HttpSink]:
    with http_sink() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sink: HttpSink) -> Iterator[Appliance]:
    folder = tmp_path_factory.mktemp("duty")
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "ShopDown.md").write_text(RUNBOOK)
    (folder / "alertmanager.yml").write_text(ROUTING.format(url=sink.url))
    (folder / "oncall.yml").write_text(ONCALL)
    (folder / "appliance.yml").write_text(SETTINGS)
    args = ["--config", str(folder / "appliance.yml")]
    with Appliance(folder / "data", args=args) as running:
        shop.send_line(running.urls["ui"], time.time_ns(), "paid 9 euros", service="shop")
        fire(running, alertname="ShopDown", severity="critical")
        fire(running, alertname="Slow", team="b")
        yield running


def fire(server: Appliance, **labels: str) -> None:
    body = json.dumps([{"labels": labels, "annotations": {"summary": "A trial"}}]).encode()
    url = server.urls["alertmanager"] + "/api/v2/alerts"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture
def ui_url(server: Appliance) -> str:
    return server.urls["ui"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_pages_are_accessible_and_fit_a_phone(visitor: Visitor, path: str, scheme: str) -> None:
    page = visitor.open(path, width=360, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    page.evaluate(AXE.read_text())  # the page's policy lets no script in
    found = page.evaluate("axe.run(document.querySelector('main'))")
    broken = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert broken == []


def test_a_receiver_is_tried_and_a_request_sent_again(visitor: Visitor, sink: HttpSink) -> None:
    page = visitor.open("/notifications")
    row = page.locator(".attempt", has_text="ShopDown").first
    while not row.count():  # the first notification goes out after a second
        page.reload()
    told = len(sink.documents("/hook"))
    page.get_by_role("button", name="Send a test to hook").click()
    expect(page.get_by_role("status")).to_contain_text("hook took a test notification")
    assert len(sink.documents("/hook")) == told + 1
    page.locator(".attempt", has_text="ShopDown").first.locator("summary").click()
    page.get_by_role("button", name="Send again").first.click()
    expect(page.get_by_role("status")).to_contain_text("which answered 202")
    assert len(sink.documents("/hook")) == told + 2
    page.get_by_role("link", name="Failures").click()
    expect(page.locator(".attempt[data-state=good]")).to_have_count(0)
    expect(page.locator(".attempt[data-state=bad]").first).to_contain_text("broken")


def test_somebody_stands_in_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/oncall", scripts=False)
    expect(page.locator("#rota-1")).to_have_text("primary")
    page.get_by_label("Who", exact=True).select_option("bob")
    page.get_by_label("To (UTC)").fill("2099-01-31T18:00")
    page.get_by_label("Entered by").fill("me")
    page.get_by_role("button", name="Stand in").click()
    expect(page.get_by_role("status")).to_have_text("bob stands in on primary.")
    expect(page.locator(".rota-now strong")).to_have_text("bob")
    page.get_by_role("button", name=re.compile("^Take back")).click()
    expect(page.get_by_role("status")).to_contain_text("taken back")


def test_queries_of_a_runbook_run_in_place_and_ticks_are_kept(visitor: Visitor) -> None:
    page = visitor.open("/runbooks")
    row = page.get_by_role("listitem").filter(has_text="ShopDown")
    expect(row).to_contain_text("P1, shop")
    expect(row.get_by_role("link", name="1 firing")).to_be_visible()
    row.get_by_role("link", name="ShopDown").click()
    runs = page.get_by_role("button", name="Run")
    runs.first.click()
    expect(page.locator(".runnable").first.locator("td")).to_have_text("42")
    runs.last.click()
    expect(page.locator(".runnable").last).to_contain_text("paid 9 euros")
    page.get_by_role("checkbox").check()
    page.reload()
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.locator(".runnable").last.get_by_role("link", name="Open").click()
    expect(page).to_have_url(re.compile("/logs\\?q="))
