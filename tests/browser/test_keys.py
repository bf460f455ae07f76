"""Keyboard and navigation of every page: shortcuts, the drawer, the size of the side."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with a little of everything for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("keys") / "data") as server:
        shop.send_shop(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def ready(page: Any, path: str) -> None:
    page.wait_for_url(f"**{path}*")
    page.wait_for_selector("html[data-ready]", state="attached")


def test_g_and_a_letter_go_to_a_page(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    for letter, path in (("l", "/logs"), ("m", "/metrics"), ("t", "/traces"), ("a", "/alerts")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        ready(page, path)
    page.go_back()
    ready(page, "/traces")


def test_letters_in_a_field_are_letters(visitor: Visitor) -> None:
    page = visitor.open("/")
    box = page.get_by_role("combobox", name="Metric")
    box.fill("")
    box.press_sequentially("gl?")
    expect(box).to_have_value("gl?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == visitor.url + "/"


def test_the_list_of_shortcuts_opens_and_closes(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_text("Time window")).to_be_visible()
    page.keyboard.press("g")  # keys of the page rest while it is open
    page.keyboard.press("l")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/connect")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()


def test_rows_are_walked_through_with_j_and_k(visitor: Visitor) -> None:
    page = visitor.open("/services")
    rows = page.locator("[data-row]")
    expect(rows.first).to_be_visible()
    for key, at in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        focused = rows.nth(at).evaluate("row => row.contains(document.activeElement)")
        assert focused, (key, at)
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/*")


def test_the_drawer_opens_and_closes_by_keyboard_at_360_pixels(visitor: Visitor) -> None:
    page = visitor.open("/connect", width=360)
    menu = page.get_by_role("button", name="Navigation")
    link = page.locator('#side a[href="/logs"]')
    expect(link).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="Appliance, home")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(link).to_be_hidden()
    menu.click()
    page.locator("main").click(position={"x": 340, "y": 300})
    expect(link).to_be_hidden()
    page.keyboard.press("Escape")
    menu.click()
    link.click()
    ready(page, "/logs")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_side_stays_small_once_it_is_made_so(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    side = page.locator("#side")
    wide = side.bounding_box()["width"]
    page.get_by_role("button", name="Show only icons in the navigation").click()
    small = side.bounding_box()["width"]
    assert small < wide / 2
    page.reload()
    assert side.bounding_box()["width"] == small
    expect(side.get_by_role("link", name="Logs")).to_be_visible()  # its icon has the name
    page.get_by_role("button", name="Show names in the navigation").click()
    assert side.bounding_box()["width"] == wide


def test_the_page_in_use_is_marked(visitor: Visitor) -> None:
    page = visitor.open("/services/checkout")
    link = page.locator("#side [aria-current]")
    expect(link).to_have_text(re.compile("Services"))
    expect(link).to_have_attribute("aria-current", "true")
