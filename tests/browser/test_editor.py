"""Journeys with the query field, on the page of metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with data for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("editor") / "data") as server:
        shop.send_shop(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def open_field(visitor: Visitor, **how: Any) -> tuple[Any, Any]:
    """The page and its first query field, ready and focused."""
    page = visitor.open("/metrics", **how)
    page.wait_for_selector(".editor[data-ready]")
    field = page.locator(".cm-content").first
    field.click()
    return page, field


def expression(page: Any) -> str | None:
    """The first panel's query in the page's address."""
    found: str | None = page.evaluate("new URLSearchParams(location.search).get('g0.expr')")
    return found


def suggestion(page: Any, label: str) -> Any:
    return page.locator(".cm-tooltip-autocomplete li").filter(
        has=page.locator(".cm-completionLabel").get_by_text(label, exact=True)
    )


def expect_refused(visitor: Visitor) -> None:
    """Chromium logs a refused query as a failed resource; that alone is no fault of the page."""
    assert any("400" in text for text in visitor.problems)
    visitor.problems = [text for text in visitor.problems if "400" not in text]


def test_names_labels_and_values_complete_a_query(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    page.keyboard.type("sum by (job) (rate(REQUESTS_TOT", delay=10)
    expect(suggestion(page, "http_requests_total")).to_contain_text("gauge")
    page.wait_for_timeout(100)  # a list that has just come takes no keys yet
    page.keyboard.press("Enter")
    page.keyboard.type("{jo", delay=10)
    suggestion(page, "job").click()
    expect(field).to_have_text('sum by (job) (rate(http_requests_total{job=""}))')
    suggestion(page, "billing").click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("[5", delay=10)
    suggestion(page, "5m").click()
    page.keyboard.press("Control+Enter")
    wanted = 'sum by (job) (rate(http_requests_total{job="billing"}[5m]))'
    expect(field).to_have_text(wanted)
    assert expression(page) == wanted
    page.wait_for_selector(".plot canvas")


def test_a_grouping_suggests_the_labels_of_its_metric(visitor: Visitor) -> None:
    page, _ = open_field(visitor)
    page.keyboard.type("sum(http_requests_total) by (", delay=10)
    labels = page.locator(".cm-completionLabel")
    expect(labels.get_by_text("job", exact=True)).to_be_visible()
    assert "__name__" not in labels.all_inner_texts()


def test_enter_runs_one_line_and_shift_enter_adds_one(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    page.keyboard.insert_text("up")
    page.keyboard.press("Enter")
    page.wait_for_function("() => new URLSearchParams(location.search).get('g0.expr') === 'up'")
    page.keyboard.press("Shift+Enter")
    page.keyboard.insert_text("+ up")
    page.keyboard.press("Enter")
    expect(field.locator(".cm-line")).to_have_count(3)
    assert expression(page) == "up"
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => new URLSearchParams(location.search).get('g0.expr') === 'up\\n+ up'"
    )


def test_an_error_is_marked_where_it_is_and_goes_with_a_change(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    page.keyboard.insert_text("sum(up) foo")
    page.keyboard.press("Control+Enter")
    alert = page.locator(".editor").get_by_role("alert")
    expect(alert).to_have_text('Column 9: unexpected identifier "foo"')
    expect(page.locator(".code-wrong")).to_have_text("foo")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert field.get_attribute("aria-describedby") == alert.get_attribute("id")
    page.keyboard.press("Backspace")
    expect(page.locator(".code-wrong")).to_have_count(0)
    expect(alert).to_have_attribute("data-kind", "old")
    expect_refused(visitor)


def test_mistakes_are_hinted_at_after_a_rest(visitor: Visitor) -> None:
    page, _ = open_field(visitor)
    page.keyboard.insert_text("sum(up) foo")
    hint = page.locator(".editor-message[data-kind=hint]")
    expect(hint).to_have_text('Column 9: unexpected identifier "foo"')
    expect(page.locator(".code-doubtful")).to_have_text("foo")
    expect(page.locator(".editor").get_by_role("alert")).to_have_count(0)
    page.keyboard.insert_text("[")
    expect(hint).to_have_count(0)


def test_earlier_queries_come_back(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    for query in ("up", "vector(1)"):
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(query)
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("half a th")
    for key, text in [
        ("Up", "vector(1)"),
        ("Up", "up"),
        ("Down", "vector(1)"),
        ("Down", "half a th"),
    ]:
        page.keyboard.press(f"Alt+Arrow{key}")
        expect(field).to_have_text(text)


def test_keys_never_trap(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    page.keyboard.type("http_requests_t", delay=10)
    expect(suggestion(page, "http_requests_total")).to_be_visible()
    page.wait_for_timeout(100)
    page.keyboard.press("Tab")
    expect(field).to_have_text("http_requests_total")
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    field.click()
    page.keyboard.type(" + h", delay=10)
    expect(page.locator(".cm-tooltip-autocomplete")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".cm-tooltip-autocomplete")).to_have_count(0)
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).not_to_be_focused()


def test_nothing_typed_is_lost(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    text = "sum by abc rate xyz offset ty and up_x y"
    page.keyboard.type(text, delay=2)
    expect(field).to_have_text(text)


def test_pasted_text_stays_as_it_was(visitor: Visitor) -> None:
    page, field = open_field(visitor)
    page.evaluate("navigator.clipboard.writeText('sum(\\n  rate(x{a=\"(\"}[5m])\\n)')")
    page.keyboard.press("Control+v")
    expect(field.locator(".cm-line")).to_have_text(["sum(", '  rate(x{a="("}[5m])', ")"])


def test_without_its_chunk_the_field_is_a_text_area(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    page.route("**/chunk-codemirror-*.js", lambda route: route.abort())
    page.goto(f"{visitor.url}/metrics")
    field = page.get_by_role("textbox", name="Query of panel 1")
    field.fill("vector(1)")
    field.press("Enter")
    page.wait_for_function(
        "() => new URLSearchParams(location.search).get('g0.expr') === 'vector(1)'"
    )
    field.press("Alt+ArrowUp")
    field.press("Escape")
    expect(field).not_to_be_focused()
    visitor.problems = [text for text in visitor.problems if "ERR_FAILED" not in text]


def test_a_long_query_wraps_on_a_phone(visitor: Visitor) -> None:
    page, field = open_field(visitor, width=360)
    page.keyboard.insert_text("sum(" + "very_long_metric_name_" * 40 + ")")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    height = page.locator(".cm-scroller").bounding_box()["height"]
    assert 100 < height < 12 * 24 + 20
    page.keyboard.press("Control+a")
    page.keyboard.type("http", delay=10)
    box = page.locator(".cm-tooltip-autocomplete").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert field.is_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_in_a_field_with_suggestions(visitor: Visitor, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    page, _ = open_field(visitor, scheme=scheme)
    page.keyboard.insert_text('sum by (job) (rate(a{b="c"}[5m] offset 1d)) > bool 2 # all colours')
    page.keyboard.press("Home")
    page.keyboard.type("r", delay=10)
    page.wait_for_selector(".cm-tooltip-autocomplete")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('.editor', {resultTypes: ['violations']})")
    assert [
        (rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]
    ] == []
