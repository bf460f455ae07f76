"""Journeys on the logs page."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.testing import Appliance
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")
TRACE = "0af7651916cd43dd8448eb211c80319c"
SERVICES = ("checkout", "billing", "search")
LEVELS = ("info", "info", "info", "warn", "debug")


def push(url: str, streams: list[dict[str, Any]]) -> None:
    request = urllib.request.Request(
        f"{url}/loki/api/v1/push",
        data=json.dumps({"streams": streams}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 204


def stream(service: str, values: list[list[Any]], **labels: str) -> dict[str, Any]:
    return {"stream": {"service_name": service, **labels}, "values": values}


def seed(url: str, now_ns: int) -> None:
    """Half an hour of three services: JSON, logfmt and prose."""
    values: dict[str, list[list[Any]]] = {service: [] for service in SERVICES}
    for n in range(3000):
        at = str(now_ns - (3000 - n) * 600_000_000)
        service, level = SERVICES[n % 3], LEVELS[n % 5]
        line = {
            "checkout": json.dumps(
                {"level": level, "msg": "order placed", "orderId": n, "ms": n % 90}
            ),
            "billing": f'level={level} msg="invoice created" invoice=i{n} total={n % 50}',
            "search": f"{level.upper()} query took {n % 211} ms",
        }[service]
        values[service].append([at, line, {"pod": f"{service}-{n % 2}"}])
    refused = json.dumps({"level": "error", "msg": "card declined", "trace_id": TRACE})
    values["checkout"].append([str(now_ns - 1_000_000_000), refused])
    push(url, [stream(service, lines, env="prod") for service, lines in values.items()])


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with lines for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("logs") / "data") as server:
        seed(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def open_logs(visitor: Visitor, query: str = "", **how: Any) -> Any:
    page = visitor.open(f"/logs{query}", **how)
    page.wait_for_selector(".log-row")
    return page


def query_of(page: Any) -> str:
    """The query in the page's address."""
    found: list[str] = parse_qs(urlsplit(page.url).query).get("q", [""])
    return found[0]


def ask(page: Any, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def rows(page: Any) -> Any:
    return page.locator(".log-list .log-row")


def test_the_first_line_shows_as_it_comes(browser: Any, tmp_path: Path) -> None:
    with Appliance(tmp_path / "data", only=["ui", "loki"]) as server:
        visitor = Visitor(browser, server.urls["ui"])
        page = visitor.open("/logs")
        expect(page.get_by_role("status")).to_contain_text("Waiting for the first line")
        expect(page.locator(".code").first).to_contain_text(server.urls["loki"])
        page.evaluate("window.untouched = true")
        push(visitor.url, [stream("first", [[str(time.time_ns()), "hello there"]])])
        expect(rows(page)).to_contain_text("hello there")
        assert page.evaluate("window.untouched") is True
        visitor.close()
    assert visitor.problems == []


def test_plain_words_are_shown_as_logql_and_found(visitor: Visitor) -> None:
    page = open_logs(visitor)
    expect(page.locator(".log-status")).to_have_text("1,000 of ~3,001 lines shown")
    ask(page, '"card declined" -invoice')
    expect(page.locator(".log-becomes")).to_contain_text('|= "card declined" != "invoice"')
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("card declined")
    expect(page.locator(".log-status")).to_have_text("1 line")
    assert query_of(page) == '"card declined" -invoice'
    page.go_back()
    expect(page.locator(".log-status")).to_have_text("1,000 of ~3,001 lines shown")


def test_a_click_on_a_value_filters_and_with_alt_excludes(visitor: Visitor) -> None:
    page = open_logs(visitor)
    facets = page.get_by_role("complementary", name="Fields")
    facets.locator(".facet-only", has_text="billing").first.click()
    assert query_of(page) == '{service_name="billing"}'
    expect(rows(page).first).to_contain_text("invoice created")
    expect(facets.locator(".facet-only", has_text="checkout")).to_have_count(0)

    page.get_by_role("searchbox", name="Search fields and values").fill("pod")
    facets.locator(".facet-only", has_text="billing-1").click(modifiers=["Alt"])
    assert query_of(page) == '{service_name="billing"} | pod!="billing-1"'
    expect(facets.locator(".facet-only", has_text="billing-1")).to_have_count(0)

    page.get_by_role("group", name="Levels").get_by_role("button", name="warn").click()
    assert query_of(page).endswith('| detected_level="warn"')
    expect(rows(page).first.locator(".log-level")).to_have_text("warn")
    page.get_by_role("group", name="Levels").get_by_role("button", name="warn").click()
    assert "detected_level" not in query_of(page)


def test_a_line_opens_with_fields_its_trace_and_its_context(visitor: Visitor) -> None:
    page = open_logs(visitor, "?q=declined")
    row = rows(page).first
    row.get_by_role("button", name="details").press("Enter")
    trace = row.locator(".log-actions").get_by_role("link", name="Trace 0af76519")
    expect(trace).to_have_attribute("href", f"/traces/{TRACE}")
    row.get_by_role("button", name="msg as a column").click()
    expect(page.get_by_role("columnheader", name="msg")).to_be_visible()

    row.get_by_role("button", name="Context", exact=True).click()
    context = page.get_by_role("region", name="Context")
    expect(context.locator(".log-row")).to_have_count(51)
    expect(context.locator("[data-marked]")).to_contain_text("card declined")
    expect(context).to_contain_text("No lines later within 6 h")

    row.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visitor.open(link.removeprefix(visitor.url))
    expect(other.locator(".log-row[data-marked][data-open]")).to_contain_text("card declined")

    row.get_by_role("button", name="Only msg=card declined").click()
    assert query_of(page).endswith('| json | msg="card declined"')


def test_live_lines_never_move_what_is_being_read(visitor: Visitor) -> None:
    page = open_logs(visitor, "?live=1&from=now-15m")
    expect(page.locator(".log-status")).to_contain_text("lines/s")
    expect(rows(page).nth(30)).to_be_attached()
    push(visitor.url, [stream("live", [[str(time.time_ns()), "one for the top"]])])
    expect(rows(page).first).to_contain_text("one for the top")

    scroller = page.locator(".long-list")
    scroller.evaluate("list => list.scrollTo(0, 300)")
    expect(page.locator(".log-row[aria-rowindex='20']")).to_be_visible()
    read = page.locator(".log-row[aria-rowindex='20']")
    before = read.inner_text(), read.bounding_box()
    lines = [[str(time.time_ns() + n), f"later {n}"] for n in range(3)]
    push(visitor.url, [stream("live", lines)])
    pill = page.get_by_role("button", name="3 new")
    expect(pill).to_be_visible()
    assert (read.inner_text(), read.bounding_box()) == before

    pill.click()
    expect(rows(page).first).to_contain_text("later 2")
    expect(pill).to_have_count(0)
    rows(page).nth(2).get_by_role("button").first.click()
    push(visitor.url, [stream("live", [[str(time.time_ns()), "while a line is open"]])])
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    page.keyboard.press("l")
    expect(page.locator(".log-status")).to_contain_text("lines shown")


def test_patterns_filter(visitor: Visitor) -> None:
    page = open_logs(visitor)
    page.get_by_role("tab", name="Patterns").click()
    pattern = page.locator(".log-pattern button", has_text="INFO query took").first
    expect(pattern).to_be_visible()
    pattern.click()
    assert "|> " in query_of(page)
    expect(rows(page).first).to_contain_text("INFO query took")
    page.go_back()
    expect(page.get_by_role("tab", name="Patterns")).to_have_attribute("aria-selected", "true")


def test_a_drag_over_the_volume_zooms(visitor: Visitor) -> None:
    page = open_logs(visitor, "?from=now-30m")
    over = page.locator(".log-volume .u-over")
    over.wait_for()
    box = over.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 22, steps=5)
    page.mouse.up()
    page.wait_for_url("**from=1*")
    given = parse_qs(urlsplit(page.url).query)
    length_ms = int(given["to"][0]) - int(given["from"][0])
    assert length_ms == pytest.approx(6 * 60_000, rel=0.1)
    expect(page.locator(".log-status")).to_have_text(re.compile(r"(5|6)\d\d lines"))


def test_numbers_are_drawn(visitor: Visitor) -> None:
    page = visitor.open('/logs?q=sum by (service_name) (rate({env="prod"}[5m]))')
    chart = page.get_by_role("img", name="sum by (service_name)")
    expect(chart).to_be_visible()
    expect(page.locator(".log-metric .legend")).to_contain_text("billing")


def test_a_wrong_query_points_at_the_column_and_keeps_the_lines(visitor: Visitor) -> None:
    page = open_logs(visitor)
    ask(page, "| json | ms >")
    expect(page.locator(".editor-message[role=alert]")).to_contain_text("Column 14")
    expect(page.locator(".log-list[data-stale] .log-row").first).to_be_visible()
    assert any("400" in text for text in visitor.problems)
    visitor.problems = [text for text in visitor.problems if "400" not in text]


def test_scrolling_loads_more_and_draws_only_what_is_seen(visitor: Visitor) -> None:
    page = open_logs(visitor, '?limit=500&q={env="prod"}')
    expect(page.locator(".log-status")).to_have_text("500 of ~3,001 lines shown")
    for _ in range(12):
        page.locator(".long-list").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        page.wait_for_timeout(60)
    expect(page.get_by_text("That is all in this window")).to_be_visible()
    expect(page.locator(".log-status")).to_contain_text("3,0")
    assert rows(page).count() < 120
    order = page.locator(".log-row time").evaluate_all("all => all.map(one => one.dateTime)")
    assert order == sorted(order, reverse=True)


def test_downloads_and_copies(visitor: Visitor) -> None:
    page = open_logs(visitor, "?q=declined")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="NDJSON").click()
    text = Path(waiting.value.path()).read_text()
    assert [json.loads(line)["level"] for line in text.splitlines()] == ["error"]
    page.get_by_role("button", name="Copy as").click()
    page.get_by_role("menuitem", name="logcli").click()
    assert "logcli --addr=http" in page.evaluate("navigator.clipboard.readText()")


def test_shared_links_become_queries(visitor: Visitor) -> None:
    page = open_logs(visitor, f"?trace={TRACE}")
    expect(rows(page)).to_have_count(1)
    page = open_logs(visitor, "?svc=billing&level=warn")
    assert query_of(page) == '{service_name="billing"} | detected_level="warn"'
    assert "svc=" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(visitor: Visitor, scheme: str) -> None:
    for query in ("", "?view=patterns"):
        page = visitor.open(f"/logs{query}", scheme=scheme)
        page.wait_for_selector(".log-row, .log-patterns tbody tr")
        if not query:
            rows(page).first.get_by_role("button").first.click()
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run('main', {resultTypes: ['violations']})")
        assert [
            (rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]
        ] == []


def test_narrow(visitor: Visitor) -> None:
    page = open_logs(visitor, width=360)
    rows(page).first.get_by_role("button").first.click()
    expect(page.get_by_role("button", name="Copy line")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "(list => list.scrollWidth - list.clientWidth)(document.querySelector('.long-list'))"
    assert page.evaluate(wide) <= 0
    page.get_by_role("button", name="Fields", exact=True).click()
    page.get_by_role("complementary", name="Fields").locator(
        ".facet[open] .facet-only"
    ).first.click()
    assert query_of(page) != ""
