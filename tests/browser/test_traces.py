"""Journeys through traces and services."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
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
MS = 1_000_000
FAST, SLOW, LARGE, SKEWED = (f"{letter}" * 32 for letter in "abcd")
#: Span id, parent, service, operation, kind, start and length in milliseconds, status.
ORDER = (
    (1, 0, "storefront", "POST /orders", 2, 0, 100, 1),
    (2, 1, "storefront", "call checkout", 3, 5, 90, 1),
    (3, 2, "checkout", "POST /checkout", 2, 10, 80, 1),
    (4, 3, "checkout", "SELECT stock", 3, 12, 20, 1),
    (5, 3, "checkout", "charge card", 3, 40, 45, 1),
)
Plain = tuple[int, int, str, str, int, float, float, int]


def span_of(trace: str, plain: Plain, start_ns: int) -> dict[str, Any]:
    number, parent, _, name, kind, start, length, status = plain
    begin = start_ns + int(start * MS)
    found: dict[str, Any] = {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + int(length * MS)),
        "status": {"code": status, "message": "card declined" if status == 2 else ""},
        "attributes": [{"key": "order.id", "value": {"stringValue": f"o-{number}"}}],
    }
    if status == 2:
        stack = "Traceback (most recent call last):\nCardError: card declined"
        pairs = {"exception.type": "CardError", "exception.stacktrace": stack}
        attributes = [{"key": k, "value": {"stringValue": v}} for k, v in pairs.items()]
        event = {"name": "exception", "timeUnixNano": str(begin + 1000), "attributes": attributes}
        found["events"] = [event]
    return found


def send(url: str, trace: str, plain: tuple[Plain, ...], start_ns: int) -> None:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in plain:
        groups.setdefault(one[2], []).append(span_of(trace, one, start_ns))
    shop.post(
        url,
        "traces",
        {
            "resourceSpans": [
                {"resource": shop.resource(service), "scopeSpans": [{"scope": {}, "spans": spans}]}
                for service, spans in groups.items()
            ]
        },
    )


def seed(url: str) -> None:
    """Two traces of one endpoint, a large one, one of skewed clocks, and a line of the slow one."""
    now = time.time_ns()
    send(url, FAST, ORDER, now - 60_000 * MS)
    slow = [(*one[:6], one[6] * 4, one[7]) for one in ORDER[:3]]
    failed: Plain = (5, 3, "checkout", "charge card", 3, 40, 250, 2)
    extra: Plain = (6, 3, "billing", "create invoice", 2, 300, 20, 1)
    send(url, SLOW, (*slow, failed, extra), now - 30_000 * MS)
    many: list[Plain] = [(1, 0, "batch", "run", 1, 0, 3000, 0)]
    many += [
        (n, max(1, n // 3), f"worker-{n % 4}", f"step {n % 7}", 1, n / 2, 3000 - n, 0)
        for n in range(2, 2001)
    ]
    send(url, LARGE, tuple(many), now - 20_000 * MS)
    lost: Plain = (9, 77, "lost", "orphan", 1, 20, 5, 0)
    early: Plain = (2, 1, "orders", "list", 2, -8, 30, 0)
    send(url, SKEWED, ((1, 0, "gateway", "GET /", 2, 0, 50, 0), early, lost), now - 10_000 * MS)
    record = {
        "timeUnixNano": str(now - 29_900 * MS),
        "severityText": "ERROR",
        "body": {"stringValue": "payment refused"},
        "traceId": SLOW,
        "spanId": f"{5:016x}",
    }
    group = {
        "resource": shop.resource("checkout"),
        "scopeLogs": [{"scope": {}, "logRecords": [record]}],
    }
    shop.post(url, "logs", {"resourceLogs": [group]})


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with traces for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("traces") / "data") as server:
        seed(server.urls["ui"])
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def parameters(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_the_form_writes_traceql_and_reads_it_back(visitor: Visitor) -> None:
    page = visitor.open("/traces")
    page.get_by_label("Service").select_option("checkout")
    expect(page.locator(".search-query")).to_contain_text('resource.service.name = "checkout"')
    page.get_by_label("Status").select_option("error")
    expect(page.locator(".trace-item")).to_have_count(1)
    expect(page.locator(".trace-item")).to_contain_text("POST /orders")
    query = '{ resource.service.name = "checkout" && status = error }'
    assert parameters(page)["q"] == [query]
    page.reload()
    expect(page.get_by_label("Status")).to_have_value("error")
    page.go_back()
    expect(page.get_by_label("Status")).to_have_value("")
    expect(page.get_by_label("Service")).to_have_value("checkout")
    hard = visitor.open("/traces?q=" + "{ .a =~ %22b.*%22 } | count() > 1".replace(" ", "%20"))
    expect(hard.get_by_text("says more than the form can")).to_be_visible()
    expect(hard.get_by_label("Operation")).to_be_disabled()


def test_a_wrong_query_points_at_the_column(visitor: Visitor) -> None:
    page = visitor.open("/traces?q=%7B%20status%20%3D%3D%20error%20%7D")
    expect(page.get_by_role("alert")).to_contain_text("Column")
    visitor.problems.clear()  # the browser itself logs a refused request


def test_sorting_spans_and_metrics(visitor: Visitor) -> None:
    page = visitor.open("/traces")
    page.get_by_label("Sort").select_option("spans")
    expect(page.locator(".trace-item").first).to_contain_text("2000 spans")
    page.get_by_role("button", name="Spans", exact=True).click()
    expect(page.locator("td", has_text="charge card").first).to_be_visible()
    chart = visitor.open("/traces?q=%7B%7D%20%7C%20rate()%20by%20(resource.service.name)")
    expect(chart.get_by_text(re.compile(r"\d+ series"))).to_be_visible()
    expect(chart.locator(".chart")).to_contain_text("checkout")


def test_two_traces_are_chosen_and_compared(visitor: Visitor) -> None:
    page = visitor.open("/traces?q=%7B%20name%20%3D%20%22POST%20%2Forders%22%20%7D")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    boxes.nth(1).check()
    boxes.nth(0).check()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".compare-change")).to_contain_text("+300 ms")
    expect(page.locator("tr", has_text="create invoice")).to_contain_text("only in B")
    expect(page.locator("tr", has_text="SELECT stock")).to_contain_text("only in A")
    page.get_by_role("button", name="Only in B").click()
    expect(page.locator("tbody tr", has_text="SELECT stock")).to_have_count(0)
    page.get_by_role("button", name="Swap the two").click()
    expect(page.locator(".compare-change")).to_contain_text("\u2212300 ms")


def test_from_a_waterfall_to_a_span_its_exception_and_its_log(visitor: Visitor) -> None:
    page = visitor.open(f"/traces/{SLOW}")
    grid = page.get_by_role("treegrid")
    expect(grid.get_by_role("row")).to_have_count(6)
    expect(page.locator(".bar-path").first).to_be_attached()
    page.get_by_text("charge card").click()
    details = page.get_by_role("complementary", name="Span details")
    expect(details).to_contain_text("CardError")
    expect(details).to_contain_text("Traceback")
    expect(details.locator(".field", has_text="order.id")).to_contain_text("o-5")
    assert parameters(page)["span"] == [f"{5:016x}"]
    page.get_by_role("tab", name="Logs").click()
    line = page.locator(".trace-logs li")
    expect(line).to_contain_text("payment refused")
    line.get_by_role("button", name="Span").click()
    expect(page.get_by_role("row", selected=True)).to_contain_text("charge card")
    page.locator(".field", has_text="order.id").get_by_role("button", name="Only").click()
    page.wait_for_url("**/traces?q=*")
    expect(page.locator(".trace-item")).not_to_have_count(0)


def test_the_waterfall_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open(f"/traces/{FAST}")
    grid = page.get_by_role("treegrid")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(grid.get_by_role("row")).to_have_count(3)  # with the head
    page.keyboard.press("ArrowRight")
    expect(grid.get_by_role("row")).to_have_count(6)
    page.keyboard.press("[")
    expect(grid.get_by_role("row")).to_have_count(2)
    page.keyboard.press("]")
    expect(grid.get_by_role("row")).to_have_count(6)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", selected=True)).to_contain_text("charge card")
    page.keyboard.press("z")
    expect(page.get_by_text("Show all")).to_be_visible()
    assert "z" in parameters(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Span details")).to_have_count(0)


def test_find_filters_and_the_address_of_a_large_trace(visitor: Visitor) -> None:
    page = visitor.open(f"/traces/{LARGE}")
    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "2001")
    assert page.locator(".span-row").count() < 100
    page.keyboard.press("/")
    page.keyboard.type("order.id=o-1777")
    expect(page.locator(".find-count")).to_have_text("1")
    page.keyboard.press("Enter")
    expect(page.locator(".span-row[data-hit]")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name=re.compile("worker-1")).click()
    expect(page.get_by_text("499 of 2000 spans")).to_be_visible()
    box = page.locator(".minimap-map").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.up()
    expect(page.locator(".minimap-note")).to_contain_text("Show all")
    again = visitor.open(page.url.removeprefix(visitor.url))
    expect(again.locator(".minimap-note")).to_contain_text("Show all")
    expect(again.get_by_text("499 of 2000 spans")).to_be_visible()


def test_skewed_clocks_and_missing_parents_are_told(visitor: Visitor) -> None:
    page = visitor.open(f"/traces/{SKEWED}")
    expect(
        page.get_by_text("orders starts up to 8 ms before the call from gateway")
    ).to_be_visible()
    expect(page.get_by_text("one span names a parent")).to_be_visible()


def test_copies_and_uploads(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.open(f"/traces/{FAST}")
    page.get_by_role("button", name="Copy as").click()
    page.get_by_role("menuitem", name="Test (pytest)").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert 'appliance.traces.expect(service="storefront", name="POST /orders"' in copied
    compile(copied, "test_copied.py", "exec")
    document = page.evaluate(
        f"fetch('/api/ui/traces/{FAST}/export?format=otlp').then(r => r.text())"
    )
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(json.loads(document.replace(FAST, "e" * 32))))
    page = visitor.open("/traces")
    page.get_by_label("File with traces").set_input_files(file)
    page.wait_for_url(f"**/traces/{'e' * 32}*")
    expect(page.get_by_role("row", name=re.compile("charge card"))).to_be_visible()


def test_services_lead_to_one_and_back_to_traces(visitor: Visitor) -> None:
    page = visitor.open("/services")
    page.get_by_role("searchbox", name="Find a service").fill("check")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row.get_by_role("link", name="Logs of checkout")).to_be_visible()
    row.get_by_role("link", name="checkout", exact=True).click()
    expect(page.locator("h1")).to_have_text("checkout")
    expect(page.locator(".chart").first).to_be_visible()
    expect(page.get_by_role("region", name="Called by").first).to_contain_text("storefront")
    page.get_by_role("link", name="charge card").click()
    expect(page.locator(".trace-item").first).to_contain_text("POST /orders")


def test_the_map_leads_to_services(visitor: Visitor) -> None:
    page = visitor.open("/map")
    node = page.locator(".map-node", has_text="billing")
    expect(node).to_be_visible()
    page.get_by_label("Around").select_option("billing")
    expect(page.locator(".map-node")).to_have_count(2)
    node.click()
    page.wait_for_url("**/services/billing*")


def test_a_trace_that_is_not_here_names_similar_ones(visitor: Visitor) -> None:
    page = visitor.open(f"/traces/{'a' * 30}77")
    expect(page.get_by_role("link", name=FAST)).to_be_visible()
    visitor.problems.clear()  # the browser itself logs the 404


PATHS = (
    "/traces",
    "/traces?view=spans&q=%7B%20status%20%3D%20error%20%7D",
    f"/traces/{SLOW}?span={5:016x}",
    f"/traces/{LARGE}",
    f"/traces/{SLOW}?tab=logs",
    f"/traces/{SLOW}?tab=table",
    f"/traces/compare?a={FAST}&b={SLOW}",
    "/services",
    "/services/checkout",
    "/map",
)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visitor: Visitor, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    for path in PATHS:
        page = visitor.open(path, scheme=scheme)
        expect(page.locator("main .loading-line")).to_have_count(0)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        shown = [
            f"{path}: {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert shown == []
        page.context.close()


def test_nothing_scrolls_sideways_at_360_pixels(visitor: Visitor) -> None:
    for path in PATHS:
        page = visitor.open(path, width=360)
        expect(page.locator("main .loading-line")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.context.close()


def test_pages_are_readable_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/traces", scripts=False)
    page.get_by_role("link", name="POST /orders").first.click()
    expect(page.locator(".span-cell", has_text="charge card")).to_be_visible()
    page.goto(visitor.url + "/services")
    page.get_by_role("link", name="checkout").click()
    expect(page.get_by_role("cell", name="charge card")).to_be_visible()
