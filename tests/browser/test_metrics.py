"""Journeys on the metrics page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")
TRACE = "0af7651916cd43dd8448eb211c80319c"
ROUTES = ("/cart", "/orders", "/products")
STEP_NS = 15_000_000_000
POINTS = 120
NOTHING = {"total": 0, "found": 0, "metrics": []}
RATE = "sum by (route) (rate(shop_requests_total[2m]))"


def attributes(**values: str) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]


def requests_of(route: str, weight: int, times: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "attributes": attributes(route=route),
            "startTimeUnixNano": str(times[0]),
            "timeUnixNano": str(at),
            "asInt": str(n * weight),
        }
        for n, at in enumerate(times)
    ]


def durations(times: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "startTimeUnixNano": str(times[0]),
            "timeUnixNano": str(at),
            "count": str(10 * n),
            "sum": 1.5 * n,
            "explicitBounds": [0.1, 0.5, 1],
            "bucketCounts": [str(6 * n), str(3 * n), str(n), "0"],
            "exemplars": [
                {
                    "timeUnixNano": str(at),
                    "asDouble": 0.7,
                    "traceId": TRACE,
                    "spanId": "b7ad6b7169203331",
                }
            ],
        }
        for n, at in enumerate(times)
    ]


def seed(url: str, now_ns: int) -> None:
    """Half an hour of a counter, a histogram with exemplars and a gauge."""
    times = [now_ns - (POINTS - n) * STEP_NS for n in range(POINTS)]
    counted = [
        point for n, route in enumerate(ROUTES) for point in requests_of(route, n + 1, times)
    ]
    cumulative = {"aggregationTemporality": 2}
    gauge = [{"timeUnixNano": str(at), "asDouble": float(n % 20)} for n, at in enumerate(times)]
    metrics = [
        {
            "name": "shop.requests",
            "sum": {**cumulative, "isMonotonic": True, "dataPoints": counted},
        },
        {
            "name": "shop.duration",
            "unit": "s",
            "histogram": {**cumulative, "dataPoints": durations(times)},
        },
        {"name": "shop.queue", "gauge": {"dataPoints": gauge}},
    ]
    group = {"resource": shop.resource("storefront"), "scopeMetrics": [{"metrics": metrics}]}
    shop.post(url, "metrics", {"resourceMetrics": [group]})


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with series for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("metrics") / "data") as server:
        seed(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def address(**panel: str) -> str:
    """The page with one panel, over the half hour that has data."""
    given = "".join(f"&g0.{name}={quote(value, safe='')}" for name, value in panel.items())
    return f"/metrics?from=now-30m&to=now{given}"


def given(page: Any, name: str) -> str:
    """A parameter of the page's address."""
    found: list[str] = parse_qs(urlsplit(page.url).query).get(name, [""])
    return found[0]


def type_query(page: Any, text: str) -> None:
    page.wait_for_selector(".editor[data-ready]")
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run").click()


def drag(page: Any) -> None:
    """Choose the middle of the graph."""
    page.wait_for_selector(".plot[data-ready] canvas")
    box = page.locator(".plot .u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    page.mouse.up()


def test_a_first_visit_shows_what_is_stored(visitor: Visitor) -> None:
    page = visitor.open("/metrics")
    card = page.locator(".metrics-card", has_text="shop_requests_total").first
    expect(card.locator("svg")).to_be_visible()
    card.click()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert given(page, "g0.expr") == "sum(rate(shop_requests_total[5m]))"
    page.wait_for_selector(".plot[data-ready] canvas")


def test_a_query_becomes_a_graph_and_its_legend_narrows_it(visitor: Visitor) -> None:
    page = visitor.open("/metrics")
    type_query(page, RATE)
    expect(page.locator(".metrics-facts")).to_contain_text("3 series in")
    assert given(page, "g0.expr") == RATE
    page.get_by_role("button", name="Filter for /orders").click()
    expect(page.locator(".metrics-facts")).to_contain_text("1 series in")
    assert given(page, "g0.expr") == RATE.replace("total[", 'total{route="/orders"}[')
    page.go_back()
    expect(page.locator(".metrics-facts")).to_contain_text("3 series in")


def test_zoom_is_in_the_address_and_back_undoes_it(visitor: Visitor) -> None:
    page = visitor.open(address(expr=RATE, tab="graph", range_input="30m"))
    drag(page)
    page.wait_for_function("!location.search.includes('now-30m')")
    seconds = (int(given(page, "to")) - int(given(page, "from"))) / 1000
    assert 300 < seconds < 900
    page.wait_for_function("!location.search.includes('range_input=30m')")
    page.go_back()
    page.wait_for_function("location.search.includes('from=now-30m')")


def test_errors_point_at_the_column_and_keep_the_old_result(visitor: Visitor) -> None:
    page = visitor.open(address(expr=RATE, tab="graph"))
    page.wait_for_selector(".plot[data-ready] canvas")
    type_query(page, "sum(shop_requests_total))")
    expect(page.locator(".metrics-panel")).to_contain_text("olumn 25")
    expect(page.locator(".chart[data-stale]")).to_be_visible()
    visitor.problems[:] = [one for one in visitor.problems if "400" not in one]


def test_links_of_prometheus_open_as_they_were(visitor: Visitor) -> None:
    page = visitor.open(
        "/metrics?g0.expr=shop_requests_total&g0.tab=1&g0.range_input=30m"
        "&g1.expr=shop_queue&g1.tab=0&g1.stacked=1&g1.range_input=30m"
    )
    expect(page.locator(".metrics-panel")).to_have_count(2)
    expect(page.locator(".metrics-table tbody tr")).to_have_count(3)
    expect(page.get_by_role("button", name="Stacked")).to_have_attribute("aria-pressed", "true")
    assert given(page, "from") == "now-30m"


def test_a_table_is_sorted_and_narrows(visitor: Visitor) -> None:
    page = visitor.open(address(expr="shop_requests_total", tab="table"))
    rows = page.locator(".metrics-table tbody tr")
    page.get_by_role("button", name="value").click()
    expect(rows.first).to_contain_text("/products")
    page.get_by_role("button", name="value").click()
    expect(rows.first).to_contain_text("/cart")
    page.get_by_role("button", name="/orders").click(modifiers=["Alt"])
    expect(rows).to_have_count(2)
    assert given(page, "g0.expr") == 'shop_requests_total{route!="/orders"}'


def test_exemplars_lead_to_their_trace(visitor: Visitor) -> None:
    query = "histogram_quantile(0.9, sum by (le) (rate(shop_duration_seconds_bucket[2m])))"
    page = visitor.open(address(expr=query, tab="graph", show_exemplars="1"))
    dots = page.get_by_role("list", name="Exemplars").get_by_role("link")
    expect(dots.first).to_have_attribute("href", f"/traces/{TRACE}")


def test_buckets_are_a_heatmap(visitor: Visitor) -> None:
    query = "sum by (le) (rate(shop_duration_seconds_bucket[2m]))"
    page = visitor.open(address(expr=query, tab="graph"))
    page.get_by_role("button", name="Heatmap").click()
    chart = page.get_by_role("img", name="heatmap of 3 buckets")
    expect(chart).to_be_visible()
    assert given(page, "g0.display_mode") == "heatmap"


def test_a_query_is_explained_part_by_part(visitor: Visitor) -> None:
    page = visitor.open(address(expr="sum(rate(shop_queue[5m]))", tab="explain"))
    panel = page.locator(".metrics-panel")
    expect(panel).to_contain_text("shop_queue is a gauge")
    page.get_by_role("button", name="shop_queue[5m]", exact=True).click()
    expect(page.locator(".query-node", has_text="1 result")).to_contain_text("ms")


def test_an_alert_is_tried_and_marked(visitor: Visitor) -> None:
    page = visitor.open(address(expr="shop_queue", tab="graph"))
    page.wait_for_selector(".plot[data-ready] canvas")
    page.get_by_role("button", name="Panel", exact=True).click()
    page.get_by_role("menuitem", name="Make an alert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Threshold").fill("15")
    dialog.get_by_label("For", exact=True).fill("0s")
    expect(dialog.locator("pre")).to_contain_text("expr: shop_queue > 15")
    dialog.get_by_role("button", name="Backtest").click()
    expect(dialog.get_by_role("status")).to_contain_text("would have fired")


def test_a_panel_goes_to_a_dashboard(visitor: Visitor) -> None:
    page = visitor.open(address(expr="shop_queue", tab="graph"))
    page.get_by_role("button", name="Panel", exact=True).click()
    page.get_by_role("menuitem", name="Add to a dashboard").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Its name").fill("Explored queues")
    dialog.get_by_role("button", name="Add", exact=True).click()
    dialog.get_by_role("link", name="Open Explored queues").click()
    expect(page.get_by_role("heading", name="Explored queues")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_on_a_phone_and_axe_finds_nothing(visitor: Visitor, scheme: str) -> None:
    page = visitor.open(address(expr=RATE, tab="graph"), width=360, scheme=scheme)
    page.wait_for_selector(".plot[data-ready] canvas")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []


def test_the_tree_stands_above_the_result_and_is_in_the_address(visitor: Visitor) -> None:
    page = visitor.open(address(expr=RATE, tab="graph"))
    page.wait_for_selector(".plot[data-ready] canvas")
    page.get_by_role("button", name="Panel", exact=True).click()
    page.get_by_role("menuitem", name="Show the tree").click()
    expect(page.locator(".query-node")).to_have_count(3)
    assert given(page, "g0.show_tree") == "1"
    page.get_by_role("button", name="Use shop_requests_total[2m]").focus()
    page.get_by_role("button", name="Panel", exact=True).click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.locator(".metrics-panel")).to_have_count(2)
    assert given(page, "g1.expr") == RATE


def test_an_empty_store_says_how_to_scrape(visitor: Visitor) -> None:
    page = visitor.open("/status")
    page.route("**/api/ui/metrics?*", lambda route: route.fulfill(json=NOTHING))
    page.goto(visitor.url + "/metrics")
    expect(page.locator(".nothing")).to_contain_text("No metrics yet")
    expect(page.locator(".nothing pre")).to_contain_text("scrape_configs:")


def test_cardinality_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/metrics/cardinality", scripts=False)
    targets = page.get_by_role("region", name="Targets")
    link = targets.get_by_role("link", name="storefront", exact=True)
    expect(link).to_be_visible()
    assert "g0.expr=sort_desc" in link.get_attribute("href")
    expect(page.locator("pre").first).to_contain_text("action: drop")
