"""One time window for all pages: chosen, typed, shifted, frozen, kept from page to page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server with a little of everything for all journeys of this module."""
    with Appliance(tmp_path_factory.mktemp("times") / "data") as server:
        shop.send_shop(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


@pytest.fixture
def ui_url(seeded: str) -> str:
    return seeded


def chosen(page: Any) -> Any:
    return page.locator(".time-button")


def cells(page: Any) -> list[str]:
    """What the page's table says, but for how long ago things were."""
    found: list[str] = page.locator("main td").all_inner_texts()
    return [text for text in found if not text.endswith("ago")]


def test_a_quick_window_is_in_the_address_and_back_undoes_it(visitor: Visitor) -> None:
    page = visitor.open("/services")
    page.keyboard.press("t")
    page.get_by_role("button", name="6 hours").click()
    expect(page).to_have_url(re.compile(r"from=now-6h&to=now"))
    expect(chosen(page)).to_contain_text("6 h")
    expect(chosen(page)).to_be_focused()
    page.go_back()
    expect(page).not_to_have_url(re.compile("from="))
    expect(chosen(page)).to_contain_text("1 h")


def test_a_typed_window_works_and_a_wrong_one_is_said(visitor: Visitor) -> None:
    page = visitor.open("/services")
    page.keyboard.press("t")
    field = page.get_by_label("From, or from and to")
    expect(field).to_be_focused()
    field.fill("soon to later")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No window")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("now-3h to now-1h")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"from=now-3h&to=now-1h"))
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_arrows_shift_by_half_a_window(visitor: Visitor) -> None:
    page = visitor.open("/services?from=1700000000000&to=1700003600000")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("from=1699998200000&to=1700001800000"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("from=1700000000000&to=1700003600000"))


def test_times_can_be_shown_in_utc(visitor: Visitor) -> None:
    page = visitor.open("/services?from=1700000000000&to=1700003600000")
    page.keyboard.press("t")
    page.get_by_role("button", name="Show UTC").click()
    expect(chosen(page)).to_contain_text("UTC")
    expect(chosen(page)).to_contain_text("22:13")
    expect(page).to_have_url(re.compile("tz=utc"))


def test_live_asks_again_and_is_in_the_address(visitor: Visitor) -> None:
    page = visitor.open("/services")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("live=1"))
    page.keyboard.press("l")
    expect(page).not_to_have_url(re.compile("live"))


def test_r_asks_again(visitor: Visitor) -> None:
    page = visitor.open("/services")
    with page.expect_request(lambda request: "/services" in request.url):
        page.keyboard.press("r")


def test_a_copied_link_freezes_the_window_and_shows_the_same(visitor: Visitor) -> None:
    page = visitor.open("/services")
    expect(page.get_by_role("link", name="checkout").first).to_be_visible()
    page.keyboard.press("t")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied link")).to_be_visible()
    url = urlsplit(page.evaluate("navigator.clipboard.readText()"))
    times = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
    assert times["to"] - times["from"] == 3_600_000
    first, second = (cells(visitor.open(f"{url.path}?{url.query}")) for _ in range(2))
    assert first == second
    assert "checkout" in first


def test_links_keep_the_window(visitor: Visitor) -> None:
    page = visitor.open("/services?from=now-30m&to=now")
    page.get_by_role("link", name="checkout").first.click()
    page.wait_for_url("**/services/checkout?*from=now-30m*")
