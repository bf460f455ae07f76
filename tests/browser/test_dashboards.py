"""Journeys through dashboards, on one real server that scrapes stock exporters' metrics."""

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
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")
EXPORTS = Path("tests/dashboards/exports")
EXPORTERS = Path("tests/dashboards/exporters")
FILES = sorted([*Path("data/dashboards").glob("*.json"), *EXPORTS.glob("*.json")])
JOBS = ("node", "nginx", "postgres", "redis", "cadvisor", "pm2", "immoflowme")
NOW = re.compile(r"NOW(-\d+)?")

#: What a panel shows: drawn, empty, unsupported, failed; else blank, which must not be.
OUTCOMES = """[...document.querySelectorAll('.dash-panel')].map((panel) => {
  const body = panel.querySelector('.dash-body');
  const has = (selector) => body.querySelector(selector) !== null;
  const outcome = has('.dash-unsupported') ? 'unsupported' : has('.dash-failed') ? 'failed'
    : has('.dash-nothing, .plot-empty, .empty') ? 'empty'
    : has('canvas, svg, table, li, pre, .dash-text, .dash-stat, .states') ? 'drawn' : 'blank';
  const title = panel.querySelector('.dash-title')?.innerText.trim() ?? '';
  return {title, outcome, text: body.innerText.trim()};
})"""
IDLE = (
    "document.querySelectorAll('.dash-bar').length > 0 && ![...document.querySelectorAll("
    "'.dash-panel')].some((one) => ['loading', 'waiting'].includes(one.dataset.state))"
)
BOARD = {
    "title": "Brought along",
    "uid": "brought",
    "panels": [
        {
            "id": 7,
            "type": "timeseries",
            "title": "Up by $job",
            "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
            "targets": [{"refId": "A", "expr": 'up{job=~"$job"}', "legendFormat": "{{job}}"}],
        },
        {
            "id": 8,
            "type": "table",
            "title": "Links",
            "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
            "fieldConfig": {
                "defaults": {
                    "links": [{"title": "Its host", "url": "/d/node?var-x=${__data.fields.job}"}]
                }
            },
            "targets": [{"refId": "A", "expr": "up", "format": "table", "instant": True}],
        },
    ],
    "templating": {
        "list": [
            {
                "name": "job",
                "type": "query",
                "query": "label_values(up, job)",
                "includeAll": True,
                "multi": True,
                "current": {"text": "node", "value": "node"},
            }
        ]
    },
}


class Exporters(BaseHTTPRequestHandler):
    """`/JOB/metrics`: what a stock exporter gives."""

    def do_GET(self) -> None:
        file = EXPORTERS / f"{self.path.split('/')[1]}.prom"
        now = int(time.time())
        text = NOW.sub(lambda found: str(now + int(found[1] or 0)), file.read_text())
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing per request."""


@pytest.fixture(scope="module")
def exporters() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Exporters)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(10)
    server.server_close()


def scraping(port: int) -> str:
    jobs = "".join(
        f"  - {{job_name: {job}, metrics_path: /{job}/metrics,"
        f" static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}\n"
        for job in JOBS
    )
    return f"global: {{scrape_interval: 1s}}\nscrape_configs:\n{jobs}"


@pytest.fixture(scope="module")
def board_url(tmp_path_factory: pytest.TempPathFactory, exporters: int) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("boards")
    (folder / "prometheus.yml").write_text(scraping(exporters))
    (folder / "appliance.yml").write_text(
        f"prometheus: {{config: ./prometheus.yml}}\n"
        f"dashboards: {{grafana: ['{EXPORTS.resolve()}/*.json']}}\n"
    )
    with Appliance(folder / "data", args=["-c", str(folder / "appliance.yml")]) as server:
        url = server.urls["ui"]
        shop.send_shop(url, time.time_ns())
        for _ in range(100):
            with urllib.request.urlopen(f"{url}/api/v1/query?query=count(up==1)") as answer:
                result = json.load(answer)["data"]["result"]
            if result and int(result[0]["value"][1]) >= len(JOBS):
                break
            time.sleep(0.1)
        yield url


@pytest.fixture
def ui_url(board_url: str) -> str:
    return board_url


def wait_until_idle(page: Any) -> None:
    """No panel waits or loads, twice in a row: what was opened begins to load a moment later."""
    idle, until = 0, time.monotonic() + 20
    while idle < 2:
        idle = idle + 1 if page.evaluate(IDLE) else 0
        assert time.monotonic() < until, "panels still load"
        page.wait_for_timeout(60)


def settled(page: Any) -> list[dict[str, str]]:
    """What the panels show once nothing is asked any more, collapsed rows open."""
    page.set_viewport_size({"width": 1400, "height": 12_000})
    wait_until_idle(page)
    page.evaluate(
        "document.querySelectorAll('[data-fold][aria-expanded=false]').forEach((b) => b.click())"
    )
    wait_until_idle(page)
    found: list[dict[str, str]] = page.evaluate(OUTCOMES)
    return found


def bring(url: str, board: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{url}/api/ui/dashboards?overwrite=true",
        json.dumps(board).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture(scope="module")
def brought(board_url: str) -> str:
    bring(board_url, BOARD)
    return "/d/brought"


def uid_of(file: Path, url: str) -> str:
    with urllib.request.urlopen(f"{url}/api/ui/dashboards") as answer:
        listed = json.load(answer)["dashboards"]
    return next(str(one["uid"]) for one in listed if Path(one["file"]).name == file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_draws_or_says_why_not(visitor: Visitor, file: Path) -> None:
    page = visitor.open(f"/d/{uid_of(file, visitor.url)}?refresh=off")
    panels = settled(page)
    assert panels
    assert [one for one in panels if one["outcome"] == "blank"] == []
    listed = page.locator(".dash-findings").inner_text()
    for one in panels:
        if one["outcome"] in {"unsupported", "failed"}:
            assert len(one["text"]) > 15, one
            assert "Not shown" in listed, one
            assert one["title"] in listed, one
    if "Not shown" in listed:  # queries, variables and marks with mistakes
        visitor.problems = [text for text in visitor.problems if "400 (Bad Request)" not in text]


@pytest.mark.parametrize("uid", ["node", "postgres", "redis", "nginx", "cadvisor", "pm2"])
def test_shipped_dashboards_show_what_exporters_give(visitor: Visitor, uid: str) -> None:
    outcomes = [one["outcome"] for one in settled(visitor.open(f"/d/{uid}?from=now-2m&to=now"))]
    assert outcomes.count("drawn") > 0.7 * len(outcomes)


def test_a_variable_is_in_the_address_and_in_the_queries(visitor: Visitor, brought: str) -> None:
    page = visitor.open(brought)
    expect(page.get_by_role("heading", name="Up by node")).to_be_visible()
    page.get_by_role("button", name="job: node").click()
    page.get_by_role("dialog", name="job").get_by_role("button", name="redis").click()
    expect(page).to_have_url(re.compile(r"var-job=node&var-job=redis"))
    legend = page.get_by_role("group", name="Series of Up by node + redis")
    expect(legend.get_by_text("redis")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Up by node", exact=True)).to_be_visible()


def test_a_panel_alone_and_back(visitor: Visitor, brought: str) -> None:
    page = visitor.open(brought)
    page.locator(".dash-panel[data-panel='7']").hover()
    page.keyboard.press("v")
    expect(page).to_have_url(re.compile("viewPanel=7"))
    expect(page.locator(".dash-panel")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".dash-panel")).to_have_count(2)


def test_a_panel_leads_to_its_explorer_with_its_query(visitor: Visitor, brought: str) -> None:
    page = visitor.open(f"{brought}?from=now-30m&to=now")
    page.locator(".dash-panel[data-panel='7'][data-state=done]").hover()
    page.get_by_role("button", name="Menu of Up by node").click()
    href = page.get_by_role("menuitem", name="Explore").get_attribute("href")
    query = parse_qs(urlsplit(href).query)
    assert query["g0.expr"] == ['up{job=~"node"}']
    assert int(query["to"][0]) - int(query["from"][0]) == 30 * 60 * 1000


def test_inspect_has_data_queries_and_the_original(visitor: Visitor, brought: str) -> None:
    page = visitor.open(brought)
    page.locator(".dash-panel[data-panel='7'][data-state=done]").hover()
    page.get_by_role("button", name="Menu of Up by node").click()
    page.get_by_role("menuitem", name="Inspect").click()
    dialog = page.get_by_role("dialog", name="Inspect Up by node")
    expect(dialog.get_by_role("columnheader", name="node")).to_be_visible()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download CSV").click()
    assert download.value.path().read_bytes().startswith(b"Time,node\r\n")
    dialog.get_by_role("tab", name="Queries").click()
    expect(dialog.get_by_text('up{job=~"node"}')).to_be_visible()
    dialog.get_by_role("tab", name="JSON").click()
    expect(dialog.get_by_text('"title": "Up by $job"')).to_be_visible()


def test_links_of_values_know_their_row(visitor: Visitor, brought: str) -> None:
    page = visitor.open(brought)
    row = page.get_by_role("row").filter(has_text="postgres")
    link = row.get_by_role("link").first
    expect(link).to_have_attribute("href", "/d/node?var-x=postgres")


def test_an_import_is_shown_at_once_and_a_second_one_asks(visitor: Visitor) -> None:
    page = visitor.open("/dashboards")
    board = json.dumps({**BOARD, "uid": f"u{time.time_ns()}", "title": "Pasted"})
    for _ in range(2):
        page.goto(f"{visitor.url}/dashboards")
        page.get_by_role("button", name="Import").click()
        dialog = page.get_by_role("dialog", name="Import a dashboard")
        dialog.get_by_role("textbox", name="JSON").fill(board)
        dialog.get_by_role("button", name="Import", exact=True).click()
        replace = dialog.get_by_role("button", name="Replace the one that is there")
        expect(replace.or_(page.get_by_role("heading", name="Pasted"))).to_be_visible()
        if replace.is_visible():
            replace.click()
        expect(page.get_by_role("heading", name="Pasted")).to_be_visible()
    visitor.problems = [text for text in visitor.problems if "409 (Conflict)" not in text]


def test_the_list_narrows(visitor: Visitor) -> None:
    page = visitor.open("/dashboards")
    page.keyboard.press("/")
    page.keyboard.type("redis")
    page.keyboard.press("Enter")
    expect(page.locator(".dashboard-list a[data-row]").first).to_contain_text("Redis")
    assert "query=redis" in page.url


@pytest.mark.parametrize("path", ["/dashboards", "/d/node", "/d/demo-shop"])
def test_nothing_scrolls_sideways_on_a_phone(visitor: Visitor, path: str) -> None:
    page = visitor.open(path, width=360)
    if path != "/dashboards":
        page.wait_for_selector(".dash-panel[data-state=done]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/dashboards", "/d/demo-shop", "/d/node", "/d/everything-today"])
def test_axe_finds_nothing(visitor: Visitor, path: str, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    page = visitor.open(path, scheme=scheme, width=1400)
    if path != "/dashboards":
        settled(page)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    shown = [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert shown == []
