"""`python -m bench charts`: how long charts keep the browser's main thread busy.

The gallery of charts (web/gallery) is built into a temporary directory and opened in headless
Chromium. Each figure is the growth of the browser's own `TaskDuration` over one action: script,
style, layout and painting, without waiting for the next frame. Layouts are counted too: a tooltip
that measured itself would force one within the script of each move.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WEB = Path(__file__).parent.parent / "web"
#: Waits until the frame after the next one was drawn.
SETTLED = (
    "() => new Promise(r =>"
    " requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r))))"
)
INK = "() => document.querySelector('.plot[data-ready] canvas') !== null"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing per request."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()


@contextmanager
def gallery() -> Iterator[str]:
    """Build the gallery and serve it; the value is its address."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "gallery/build.mjs", folder], cwd=WEB, check=True)
        handler = functools.partial(_Quiet, directory=folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/index.html"
        finally:
            server.shutdown()
            server.server_close()


class Meter:
    """Main-thread time and layouts of single actions."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def _read(self) -> dict[str, float]:
        answer = self._session.send("Performance.getMetrics")
        return {one["name"]: one["value"] for one in answer["metrics"]}

    def measure(self, action: Callable[[], object]) -> tuple[float, float]:
        """Milliseconds of the main thread, and layouts, until the action is drawn."""
        before = self._read()
        action()
        self._page.evaluate(SETTLED)
        after = self._read()
        return (
            (after["TaskDuration"] - before["TaskDuration"]) * 1000,
            after["LayoutCount"] - before["LayoutCount"],
        )


def report(name: str, found: list[tuple[float, float]]) -> None:
    times = sorted(time for time, _ in found)
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    layouts = statistics.median(layouts for _, layouts in found)
    print(
        f"{name:<28} median {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms"
        f"   layouts {layouts:.0f}   n {len(times)}"
    )


def run(page: Any, url: str, *, series: int, points: int) -> None:
    page.goto(f"{url}?only=large&series={series}&points={points}")
    page.wait_for_function(INK)
    page.evaluate(SETTLED)
    meter = Meter(page)
    over = page.locator(".u-over").bounding_box()
    left, top, width = over["x"], over["y"] + over["height"] / 2, over["width"]

    def move(i: int) -> Callable[[], object]:
        # Two steps forward, one across, as a hand does.
        return lambda: page.mouse.move(left + (i * 37) % width, top + (i * 13) % 120 - 60)

    report("nothing", [meter.measure(lambda: None) for _ in range(20)])
    for i in range(10):
        meter.measure(move(i))
    report("pointer moves", [meter.measure(move(i)) for i in range(150)])
    page.mouse.move(left + width * 0.2, top)
    page.mouse.down()
    report("drag to zoom", [meter.measure(move(i)) for i in range(60)])
    page.mouse.move(left + width * 0.8, top)
    page.mouse.up()
    page.mouse.move(5, 5)
    page.evaluate("() => gallery.zoom()")
    page.evaluate(SETTLED)
    report("zoom", [meter.measure(lambda: page.evaluate("gallery.zoom()")) for _ in range(20)])
    report(
        "new values", [meter.measure(lambda: page.evaluate("gallery.feed()")) for _ in range(20)]
    )
    drawn = []
    for _ in range(15):
        page.evaluate("gallery.toggle()")
        page.evaluate(SETTLED)
        drawn.append(meter.measure(lambda: page.evaluate("gallery.toggle()")))
    report("first draw", drawn)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=50)
    parser.add_argument("--points", type=int, default=2000)
    chosen = parser.parse_args()
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        raise SystemExit("no browser: apt-get install chromium-headless-shell")
    with gallery() as url, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        print(f"{chosen.series} series of {chosen.points} points, 1440 pixels wide")
        run(page, url, series=chosen.series, points=chosen.points)
        browser.close()
