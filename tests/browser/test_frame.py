"""What holds on every page: themes, narrow screens, accessibility, the Connect page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

AXE = Path("web/node_modules/axe-core/axe.min.js")
PAGES = ["/", "/connect", "/nothing-here"]


def background(page: Any) -> int:
    """Brightness of the page's background, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")) // 3


def test_theme_follows_the_system_and_the_button(visitor: Visitor) -> None:
    assert background(visitor.open(scheme="light")) > 200
    page = visitor.open(scheme="dark")
    assert background(page) < 40
    page.get_by_role("button", name="Switch to light").click()
    assert background(page) > 200
    page.reload()
    assert background(page) > 200
    page.get_by_role("button", name="Switch to dark").click()
    assert background(page) < 40
    assert page.evaluate("localStorage.getItem('theme')") is None


@pytest.mark.parametrize("state", ["empty", "full"])
def test_nothing_scrolls_sideways_at_360_pixels(visitor: Visitor, now_ns: int, state: str) -> None:
    if state == "full":
        shop.send_shop(visitor.url, now_ns)
        shop.send_line(visitor.url, now_ns, "x" * 300, service="a-very-long-service-name-indeed")
        shop.send_trace(visitor.url, now_ns, "GET /" + "y" * 120, error=True)
    for path in PAGES[:2]:
        page = visitor.open(path, width=360)
        if state == "full" and path == "/":
            page.wait_for_selector(".plot[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("state", ["empty", "full"])
def test_axe_finds_nothing(visitor: Visitor, now_ns: int, scheme: str, state: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    if state == "full":
        shop.send_shop(visitor.url, now_ns)
    for path in PAGES:
        page = visitor.open(path, scheme=scheme)
        if state == "full" and path == "/":
            page.wait_for_selector(".plot[data-ready]")
            page.locator(".line summary").first.click()
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        shown = [
            f"{path}: {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert shown == []
    visitor.problems = [text for text in visitor.problems if "404" not in text]


def test_test_data_reach_the_home_page(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    page.get_by_role("button", name="Send test data").click()
    for name in ("Span", "Log line", "Metric"):
        expect(page.get_by_text(f"{name}: accepted")).to_be_visible()
    page.get_by_role("link", name="See it on the home page").click()
    expect(page.locator(".line-text").first).to_contain_text("test line from the Connect page")
    expect(page.locator(".trace").first).to_contain_text("test from the Connect page")


def test_refused_test_data_say_why(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    page.route("**/v1/logs", lambda route: route.fulfill(status=503, json={"message": "full"}))
    page.get_by_role("button", name="Send test data").click()
    expect(page.get_by_text("Log line: full")).to_be_visible()
    expect(page.get_by_text("Span: accepted")).to_be_visible()
    visitor.problems.clear()  # the browser itself logs the 503


def test_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
