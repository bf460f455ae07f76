"""A browser, a server behind the pages, and pages that complain about what must never happen."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from appliance.api.http import make_runner
from appliance.ui.assets import BUILD_COMMAND, Assets
from tests.ui.memory import MemoryOverview, memory_app

playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: What the journeys run against.
SERVERS = ("memory", "process")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium; Playwright's own download is not needed."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no browser: apt-get install chromium-headless-shell")
    if not Assets().is_built:
        pytest.fail(f"the front end is not built; run: {BUILD_COMMAND}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def serving_in_thread(app: web.Application) -> Iterator[str]:
    """Serve an application from a loop of its own; the value is its URL."""
    ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        runner = make_runner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stop = asyncio.Event()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set_result((url, asyncio.get_running_loop(), stop))
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    url, loop, stop = ready.result(10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@pytest.fixture(params=SERVERS)
def ui_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh server that takes OTLP/JSON on the pages' own port."""
    if request.param == "memory":
        with serving_in_thread(memory_app(MemoryOverview())) as url:
            yield url
        return
    from appliance.testing import Appliance

    with Appliance(tmp_path / "data") as server:
        yield server.urls["ui"]


class Visitor:
    """Opens pages and remembers what went wrong in them."""

    def __init__(self, browser: Any, url: str) -> None:
        self._browser = browser
        self._contexts: list[Any] = []
        self.url = url
        self.problems: list[str] = []

    def open(
        self, path: str = "/", *, width: int = 1280, scheme: str = "dark", scripts: bool = True
    ) -> Any:
        """A page in a context of its own, ready for use."""
        context = self._browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e =>"
            " console.error('CSP', e.violatedDirective, e.blockedURI))"
        )
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", self._on_request)
        page.goto(self.url + path)
        if scripts:
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.problems.append(f"external request: {request.url}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visitor(browser: Any, ui_url: str) -> Iterator[Visitor]:
    """No page may log an error, break its policy or ask anyone else for anything."""
    visitor = Visitor(browser, ui_url)
    yield visitor
    visitor.close()
    assert visitor.problems == []


@pytest.fixture
def now_ns() -> int:
    return time.time_ns()
