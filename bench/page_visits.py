"""Pages in headless Chromium: when they can be used, what they ask for, and whether they grow."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

#: What has to be on a page before it can be used, by how its path begins; else scripts suffice.
DRAWN = (
    ("/metrics/cardinality", "table"),
    ("/metrics", ".metrics-card-name"),
    ("/logs", ".log-row"),
    ("/traces/", ".span-row"),
    ("/traces", ".trace-item"),
    ("/services/", ".service-charts canvas"),
    ("/services", ".services-table [data-row]"),
    ("/map", ".map-node"),
    ("/alerts/", ".panel"),
    ("/alerts", ".alert"),
    ("/dashboards", "main a"),
    ("/d/", ".dash-panel .dash-body > *"),
)
#: The time once scripts are at work and the first data are drawn.
_USABLE = """drawn => document.documentElement.dataset.ready !== undefined
  && document.querySelector(drawn) && performance.now()"""
_CONTENT = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WAIT_MS = 30_000


@dataclass
class Visit:
    """Medians over some loads of a page, in milliseconds.

    Attributes:
        content: DOMContentLoaded.
        usable: Scripts are at work and the first data are drawn.
        busy: The main thread until then.
        asked: Addresses that its scripts asked for until the network was quiet.
    """

    content: float
    usable: float
    busy: float
    asked: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        raise SystemExit("no browser: apt-get install chromium-headless-shell")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def visit(browser: Any, url: str, path: str, loads: int) -> Visit:
    """Open a page some times, each time with an empty cache."""
    drawn = next((found for start, found in DRAWN if path.startswith(start)), "main")
    contents, usables, busies, asked = [], [], [], []
    for number in range(loads):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        if number == 0:
            page.on("requestfinished", lambda request: asked.append(_asked(request, url)))
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(url + path, wait_until="commit")
        usable = page.wait_for_function(_USABLE, arg=drawn, timeout=WAIT_MS).json_value()
        usables.append(usable)
        busies.append(metrics_of(session)["TaskDuration"] * 1000)
        page.wait_for_load_state()
        contents.append(page.evaluate(_CONTENT))
        if number == 0:
            page.wait_for_load_state("networkidle", timeout=WAIT_MS)
        context.close()
    return Visit(
        statistics.median(contents),
        statistics.median(usables),
        statistics.median(busies),
        list(dict.fromkeys(filter(None, asked))),
    )


def _asked(request: Any, url: str) -> str:
    is_data = request.resource_type in {"fetch", "xhr"} and request.method == "GET"
    found: str = request.url.removeprefix(url)
    return found if is_data and "/static/" not in found else ""


def metrics_of(session: Any) -> dict[str, float]:
    answer = session.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in answer["metrics"]}


def stay(browser: Any, url: str, minutes: float) -> None:
    """Leave the home page open and print every half minute what it holds."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    page.wait_for_selector("html[data-ready]", state="attached")
    for number in range(int(minutes * 2) + 1):
        session.send("HeapProfiler.collectGarbage")
        now = metrics_of(session)
        print(
            f"home, open for {number * 30:>4} s: heap {now['JSHeapUsedSize'] / 1e6:5.1f} MB,"
            f" {now['Nodes']:6.0f} nodes, {now['JSEventListeners']:5.0f} listeners,"
            f" main thread {now['TaskDuration']:6.2f} s",
            flush=True,
        )
        if number < int(minutes * 2):
            page.wait_for_timeout(30_000)
    context.close()
