"""Journeys on the home page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import shop
from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

#: Pixels of the chart that are far from the colour of its corner.
INK = """() => {
  const canvas = document.querySelector('.plot canvas');
  if (!canvas) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b, a] = data.slice(i, i + 4);
    if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60) ink += 1;
  }
  return ink;
}"""

#: Ends once the chart has some ink. The pages' policy forbids what `wait_for_function` does.
DRAWN = f"""async (least) => {{
  const ink = {INK};
  const until = performance.now() + 10_000;
  while (ink() < least) {{
    if (performance.now() > until) throw new Error('nothing is drawn');
    await new Promise(requestAnimationFrame);
  }}
}}"""


def wait_for_chart(page: Any, least_ink: int = 200) -> None:
    page.wait_for_selector(".plot[data-ready]")
    page.evaluate(DRAWN, least_ink)


def choose_metric(page: Any, name: str) -> None:
    box = page.get_by_role("combobox", name="Metric")
    box.click()
    box.fill(name)
    page.get_by_role("option", name=name, exact=True).click()


def test_empty_state_gives_the_commands_and_copies_them(visitor: Visitor) -> None:
    page = visitor.open()
    step = page.locator("[data-step=traces]")
    expect(step).to_have_attribute("data-state", "waiting")
    expect(step).to_contain_text("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:")
    expect(page.get_by_text("appliance demo")).to_be_visible()
    step.get_by_role("button", name="Copy").click()
    expect(step.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:")


def test_data_appear_and_the_list_ticks_without_a_reload(visitor: Visitor, now_ns: int) -> None:
    page = visitor.open()
    page.evaluate("window.untouched = true")
    shop.send_line(visitor.url, now_ns, "a line for the living")
    expect(page.locator(".line-text").first).to_contain_text("a line for the living")
    expect(page.locator("[data-step=logs]")).to_have_attribute("data-state", "done")
    shop.send_trace(visitor.url, now_ns, "GET /living", error=True)
    expect(page.locator(".trace").first).to_contain_text("GET /living")
    expect(page.locator(".trace").first).to_contain_text("1 error")
    shop.send_values(visitor.url, "living_value", [(now_ns, 42.0)])
    expect(page.get_by_text("All three signals arrive")).to_be_visible()
    expect(page.get_by_role("region", name="Logs").locator(".tile-state")).to_contain_text("ago")
    assert page.evaluate("window.untouched") is True


def test_numbered_levels_have_names(visitor: Visitor, now_ns: int) -> None:
    shop.send_line(visitor.url, now_ns, '{"level":40,"msg":"as Pino writes it"}', level="")
    page = visitor.open("/")
    row = page.locator(".line", has_text="as Pino writes it")
    expect(row.locator(".level")).to_have_text("warn")


def test_chart_draws_and_follows_the_choice_of_a_metric(visitor: Visitor, now_ns: int) -> None:
    shop.send_shop(visitor.url, now_ns)
    page = visitor.open()
    wait_for_chart(page)
    choose_metric(page, "http_requests_total")
    wait_for_chart(page)
    expect(page.locator(".legend tbody tr")).to_have_count(3)
    expect(page.locator(".legend tbody td").first).to_contain_text("/s")
    choose_metric(page, "nodejs_heap_used_bytes")
    expect(page.locator(".legend tbody td").first).to_contain_text("MiB")
    wait_for_chart(page)
    page.get_by_role("button", name="5m", exact=True).click()
    expect(page).to_have_url(re.compile(r"g0\.expr=nodejs_heap_used_bytes&g0\.range_input=5m"))


def test_the_address_is_the_state(visitor: Visitor, now_ns: int) -> None:
    shop.send_shop(visitor.url, now_ns)
    page = visitor.open("/?g0.expr=nodejs_heap_used_bytes&g0.range_input=1h")
    expect(page.get_by_role("combobox", name="Metric")).to_have_value("nodejs_heap_used_bytes")
    expect(page.get_by_role("button", name="1h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="5m", exact=True).click()
    page.go_back()
    expect(page.get_by_role("button", name="1h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_dragging_zooms_and_a_double_click_returns(visitor: Visitor, now_ns: int) -> None:
    shop.send_shop(visitor.url, now_ns)
    page = visitor.open("/?g0.expr=nodejs_heap_used_bytes")
    wait_for_chart(page)
    over = page.locator(".u-over").bounding_box()
    page.mouse.move(over["x"] + over["width"] * 0.3, over["y"] + 60)
    page.mouse.down()
    page.mouse.move(over["x"] + over["width"] * 0.6, over["y"] + 80, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"g0\.end_input="))
    expect(page.get_by_text("Back to live")).to_be_visible()
    wait_for_chart(page)
    page.locator(".u-over").dblclick()
    expect(page).not_to_have_url(re.compile("end_input"))


def test_the_picker_works_by_keyboard(visitor: Visitor, now_ns: int) -> None:
    shop.send_shop(visitor.url, now_ns)
    page = visitor.open()
    page.wait_for_selector(".plot[data-ready]")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Metric")
    expect(box).to_be_focused()
    page.keyboard.type("heap nodejs")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(box).to_have_value("nodejs_heap_used_bytes")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(box).to_have_value("nodejs_heap_used_bytes")


def test_new_lines_never_move_one_that_is_read(visitor: Visitor, now_ns: int) -> None:
    shop.send_line(visitor.url, now_ns - 10**9, "the first line")
    page = visitor.open()
    row = page.locator("details.line", has_text="the first line")
    row.locator("summary").click()
    expect(row.locator(".labels")).to_contain_text("service_name")
    before = row.bounding_box()["y"]
    shop.send_line(visitor.url, now_ns, "the second line")
    pill = page.get_by_role("button", name="1 new line")
    expect(pill).to_be_visible()
    assert row.bounding_box()["y"] == before
    pill.click()
    expect(page.locator(".line-text").first).to_contain_text("the second line")


def test_lost_server_is_said_and_old_data_stay(visitor: Visitor, now_ns: int) -> None:
    shop.send_line(visitor.url, now_ns, "still here")
    page = visitor.open()
    page.route("**/api/ui/overview", lambda route: route.abort())
    expect(page.locator(".live")).to_contain_text("the server cannot be reached")
    expect(page.locator(".tail")).to_have_attribute("data-stale", "true")
    expect(page.locator(".line-text").first).to_contain_text("still here")
    page.unroute("**/api/ui/overview")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".live")).to_have_text("Live")
    assert all("ERR_FAILED" in problem for problem in visitor.problems)
    visitor.problems.clear()


def test_failed_chart_says_why(visitor: Visitor, now_ns: int) -> None:
    shop.send_values(visitor.url, "some_value", [(now_ns, 1.0)])
    page = visitor.open()
    refused = {"status": "error", "errorType": "bad_data", "error": "no such thing"}
    page.route("**/api/v1/query_range*", lambda route: route.fulfill(status=400, json=refused))
    choose_metric(page, "some_value")
    expect(page.get_by_text("no such thing")).to_be_visible(timeout=12_000)  # two refreshes
    visitor.problems.clear()  # the browser itself logs the 400


def test_everything_is_readable_without_scripts(visitor: Visitor, now_ns: int) -> None:
    shop.send_line(visitor.url, now_ns, "plain text")
    shop.send_trace(visitor.url, now_ns, "GET /plain")
    page = visitor.open(scripts=False)
    expect(page.get_by_text("plain text")).to_be_visible()
    expect(page.get_by_text("GET /plain")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
