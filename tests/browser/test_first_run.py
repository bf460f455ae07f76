"""From nothing to a trace on the screen: the whole way of somebody who starts this first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.browser import shop
from tests.browser.conftest import Visitor, playwright
from tests.browser.test_home import wait_for_chart

pytestmark = pytest.mark.browser
expect = playwright.expect

#: Seconds that the whole way may take, and that a step of the list may take to be ticked.
WHOLE_WAY, TICK = 60.0, 1.0


class Watch:
    """Seconds since it was made, noted by step."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.steps: list[str] = []
        self.seconds = 0.0

    def note(self, step: str) -> None:
        self.seconds = time.monotonic() - self._start
        self.steps.append(f"{step} {self.seconds:.2f} s")


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ui_url(watch: Watch, tmp_path: Path) -> Iterator[str]:
    with Appliance(tmp_path / "data") as server:
        watch.note("ready")
        yield server.urls["ui"]


def test_from_the_start_to_a_trace_with_its_line(visitor: Visitor, watch: Watch) -> None:
    page = visitor.open("/")
    wait_for_chart(page, least_ink=5)  # the server measures itself: one value so far
    watch.note("first chart")
    page.get_by_role("link", name="your language or tool").click()
    page.get_by_role("button", name="Send test data").click()
    page.get_by_role("link", name="Open the trace").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("test from the Connect page")
    expect(page.get_by_role("treegrid")).to_contain_text("browser-test")
    watch.note("waterfall")
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_text("test line from the Connect page")).to_be_visible()
    watch.note("its line")
    print("from the start of the process:", ", ".join(watch.steps))  # noqa: T201 - see pytest -rP
    assert watch.seconds < WHOLE_WAY


def test_what_was_sent_can_be_opened(visitor: Visitor) -> None:
    page = visitor.open("/connect")
    arrivals = page.locator(".arrivals")
    expect(arrivals).to_contain_text("Traceswaiting")
    page.get_by_role("button", name="Send test data").click()
    expect(arrivals).to_contain_text("received 1 span")
    expect(arrivals).to_contain_text("received 1 line")
    page.get_by_role("link", name="Open the line").click()
    expect(page.get_by_text("test line from the Connect page").first).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Send test data").click()
    page.get_by_role("link", name="Open the metric").click()
    page.wait_for_url("**/metrics?g0.expr=connect_test_clicks*")
    expect(page.locator("main")).to_contain_text("browser-test")


def test_the_list_ticks_within_a_second(visitor: Visitor) -> None:
    page = visitor.open("/")
    took = {
        "logs": _tick(page, "logs", lambda: shop.send_line(visitor.url, time.time_ns(), "first")),
        "traces": _tick(
            page, "traces", lambda: shop.send_trace(visitor.url, time.time_ns(), "GET /")
        ),
    }
    print("ticked after", took)  # noqa: T201 - see pytest -rP
    assert min(took.values()) < TICK
    expect(page.get_by_text("All three signals arrive")).to_be_visible()


def _tick(page: Any, signal: str, send: Any) -> float:
    """Seconds from the answer to the first item until its step is done."""
    step = page.locator(f"[data-step={signal}]")
    expect(step).to_have_attribute("data-state", "waiting")
    send()
    sent = time.monotonic()
    page.wait_for_selector(f"[data-step={signal}][data-state=done]", state="attached")
    return time.monotonic() - sent
