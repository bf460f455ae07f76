"""Journeys over the charts, on a page that shows every kind of them (web/gallery)."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visitor, playwright

pytestmark = pytest.mark.browser
expect = playwright.expect

WEB = Path("web")
AXE = WEB / "node_modules/axe-core/axe.min.js"


class Guarded(SimpleHTTPRequestHandler):
    """Files under the policy that pages of the product have."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing per request."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()


@pytest.fixture(scope="module")
def gallery_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery, built and served under the policy of the pages."""
    if not (WEB / "node_modules/esbuild").is_dir():
        pytest.skip("esbuild is not installed: cd web && npm ci")
    folder = tmp_path_factory.mktemp("gallery")
    subprocess.run(["node", "gallery/build.mjs", str(folder)], cwd=WEB, check=True, timeout=60)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def ui_url(gallery_url: str) -> str:
    return gallery_url


def open_chart(visitor: Visitor, name: str, **options: Any) -> Any:
    page = visitor.open(f"/?only={name}", **options)
    page.wait_for_selector(".plot[data-ready] canvas")
    return page


def point_at(page: Any, across: float, down: float = 0.5, where: str = ".u-over") -> None:
    box = page.locator(where).bounding_box()
    x, y = box["x"] + box["width"] * across, box["y"] + box["height"] * down
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)


def rows(page: Any) -> list[list[str]]:
    """Names and values of the tooltip, from above."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.plot-tip-row:not([hidden])')].map(row =>"
        " [row.querySelector('.plot-tip-name'), row.querySelector('.plot-tip-value')]"
        ".map(cell => cell.textContent))"
    )
    return found


def test_the_tooltip_follows_is_pinned_and_let_go(visitor: Visitor) -> None:
    page = open_chart(visitor, "lines")
    tip = page.locator(".plot-tip")
    expect(tip).to_be_hidden()
    point_at(page, 0.4)
    expect(tip).to_be_visible()
    expect(page.locator(".plot-tip-row[data-nearest]")).to_have_count(1)
    first = page.locator(".plot-tip-head").inner_text()
    values = [float(value.removesuffix(" req/s")) for _, value in rows(page)]
    assert len(values) == 4
    assert values == sorted(values, reverse=True)
    page.mouse.down()
    page.mouse.up()
    expect(tip).to_have_attribute("data-pinned", "")
    point_at(page, 0.8)
    expect(page.locator(".plot-tip-head")).to_have_text(first)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    point_at(page, 0.6)
    expect(page.locator(".plot-tip-head")).not_to_have_text(first)
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_the_tooltip_stays_inside_a_narrow_window(visitor: Visitor) -> None:
    page = open_chart(visitor, "lines", width=360)
    for across in (0.05, 0.5, 0.95):
        point_at(page, across)
        expect(page.locator(".plot-tip")).to_be_visible()
        box = page.locator(".plot-tip").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_the_legend_chooses_by_mouse_and_keyboard(visitor: Visitor) -> None:
    page = open_chart(visitor, "lines")
    names = page.locator(".legend-name")
    pressed = "[...document.querySelectorAll('.legend-name')].map(b => b.ariaPressed).join()"
    names.nth(1).click()
    assert page.evaluate(pressed) == "false,true,false,false"
    point_at(page, 0.4)
    expect(page.locator(".plot-tip-row:not([hidden])")).to_have_count(1)
    assert rows(page)[0][0] == "catalogue"
    names.nth(2).click(modifiers=["Control"])
    assert page.evaluate(pressed) == "false,true,true,false"
    names.nth(0).focus()
    page.keyboard.press("Enter")
    assert page.evaluate(pressed) == "true,false,false,false"
    page.keyboard.press("Enter")
    assert page.evaluate(pressed) == "true,true,true,true"
    page.get_by_role("button", name="Filter for payment").click(modifiers=["Alt"])
    expect(page.locator("body")).to_have_attribute("data-chosen", "not payment")


def test_dragging_zooms_and_a_double_click_returns(visitor: Visitor) -> None:
    page = open_chart(visitor, "lines")
    chart = page.get_by_role("img", name="Requests")
    whole = chart.get_attribute("aria-label")
    point_at(page, 0.3)
    page.mouse.down()
    point_at(page, 0.6)
    page.mouse.up()
    expect(chart).not_to_have_attribute("aria-label", whole)
    page.locator(".u-over").dblclick()
    expect(chart).to_have_attribute("aria-label", whole)


def test_charts_of_one_key_share_their_crosshair(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.wait_for_selector("#areas .plot[data-ready] canvas")
    point_at(page, 0.5, where="#lines .u-over")
    expect(page.locator("#areas .plot-spot:visible")).to_have_count(3)
    expect(page.locator("#areas .plot-tip")).to_be_hidden()
    point_at(page, 0.5, where="#gaps .u-over")
    expect(page.locator("#areas .plot-spot:visible")).to_have_count(0)


def test_exemplars_and_marks_are_read_and_followed(visitor: Visitor) -> None:
    page = open_chart(visitor, "marked")
    page.evaluate("document.querySelector('#marked .plot-flag').focus()")
    expect(page.locator(".plot-note").first).to_contain_text("checkout 1.42.0")
    expect(page.get_by_role("link", name="Deploy: checkout 1.42.0")).to_have_attribute(
        "href", "#deploy"
    )
    dot = page.get_by_role("button", name="trace 2abc")
    dot.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-dot", "2")
    # The same by pointer: somewhere over the plot the crosshair becomes a hand.
    box = page.locator(".u-over").bounding_box()
    x = box["x"] + box["width"] * 0.3
    for step in range(int(box["height"] / 6)):
        page.mouse.move(x, box["y"] + step * 6)
        page.wait_for_timeout(20)
        if page.locator(".u-over[data-on-dot]").count():
            break
    assert "trace 0abc" in [name for name, _ in rows(page)]
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("body")).to_have_attribute("data-dot", "0")


def test_new_values_feed_the_chart_and_removing_it_leaves_nothing(visitor: Visitor) -> None:
    page = visitor.open("/?only=large&series=5&points=50")
    page.wait_for_selector(".plot[data-ready] canvas")
    page.evaluate("document.querySelector('.plot canvas').kept = true")
    before = page.locator(".plot canvas").get_attribute("aria-label")
    page.evaluate("gallery.feed()")
    expect(page.locator(".plot canvas")).not_to_have_attribute("aria-label", before)
    assert page.evaluate("document.querySelector('.plot canvas').kept") is True
    session = page.context.new_cdp_session(page)

    def used() -> dict[str, float]:
        session.send("HeapProfiler.collectGarbage")
        counters: dict[str, float] = session.send("Memory.getDOMCounters")
        return counters

    def again(times: int) -> None:
        for _ in range(times):
            page.evaluate("gallery.toggle()")
            expect(page.locator(".plot")).to_have_count(0)
            page.evaluate("gallery.toggle()")
            # No handle: it would keep the element alive.
            expect(page.locator(".plot[data-ready] canvas")).to_have_count(1)

    again(3)
    first = used()
    again(8)
    last = used()
    assert last["jsEventListeners"] <= first["jsEventListeners"]
    assert last["nodes"] <= first["nodes"] + 20


def test_a_tap_shows_values(browser: Any, gallery_url: str) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(f"{gallery_url}/?only=lines")
    page.wait_for_selector(".plot[data-ready] canvas")
    box = page.locator(".u-over").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".plot-tip")).to_be_visible()
    page.touchscreen.tap(box["x"] + 20, box["y"] + box["height"] + 60)
    expect(page.locator(".plot-tip")).to_be_hidden()
    context.close()


def test_points_states_and_levels_answer(visitor: Visitor) -> None:
    page = visitor.open("/?only=scatter")
    canvas = page.locator(".plot-surface canvas")
    box = canvas.bounding_box()
    for step in range(200):
        page.mouse.move(box["x"] + 60 + step * 2, box["y"] + box["height"] / 2)
        if page.locator("[data-on-dot]").count():
            break
    expect(page.locator(".plot-tip")).to_contain_text("GET /orders/")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("body")).to_have_attribute("data-point", re.compile("GET /orders/"))

    page = visitor.open("/?only=states")
    page.locator(".states-span").nth(3).hover()
    expect(page.locator(".plot-tip")).to_contain_text("2026-03-01")

    page = open_chart(visitor, "volume")
    names = page.locator(".legend-name").all_inner_texts()
    assert names == ["critical", "error", "warn", "info", "debug", "trace", "unknown"]
    page.get_by_role("button", name="Filter for error").click()
    expect(page.locator("body")).to_have_attribute("data-level", "error")


def test_heatmap_says_what_is_in_a_cell_and_zooms(visitor: Visitor) -> None:
    page = visitor.open("/?only=heatmap")
    point_at(page, 0.5, 0.4, where=".plot-surface")
    expect(page.locator(".plot-tip")).to_contain_text(" to ")
    times = "document.querySelector('.plot-tip-head').textContent"
    before = page.evaluate(times)
    page.mouse.down()
    point_at(page, 0.7, 0.4, where=".plot-surface")
    page.mouse.up()
    point_at(page, 0.2, 0.4, where=".plot-surface")
    assert page.evaluate(times) != before


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_and_nothing_overflows(visitor: Visitor, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    page = visitor.open("/", scheme=scheme)
    page.wait_for_selector("#flows .plot[data-ready] canvas")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    shown = [
        f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]
    ]
    assert shown == []
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
