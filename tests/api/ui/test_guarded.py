"""Who may read the pages: where a token guards them, and where only this machine connects."""

from __future__ import annotations

import pytest

from appliance.api.ui.app import UiDeps, make_app
from appliance.api.ui.routes import DATA, PAGES
from tests.api.serving import http_deps, serving
from tests.ui.memory import MemoryOverview

#: Every path there is, its variables filled in.
READ = [
    *(path for method, path, _ in (*PAGES, *DATA) if method == "GET"),
    "/metrics",
    "/metrics?format=json",
    "/static/main.js",
    "/favicon.ico",
]
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("path", READ)
async def test_a_token_guards_all_pages_and_their_data(path: str) -> None:
    app = make_app(http_deps(token="t0p", is_open=False), UiDeps(MemoryOverview()))
    async with serving(app) as client:
        answer = await client.get(_filled(path), headers=dict(HTML))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", READ)
async def test_pages_are_not_for_other_names(path: str) -> None:
    """A page of another site whose name resolves to this machine reads nothing."""
    app = make_app(http_deps(), UiDeps(MemoryOverview()))
    async with serving(app) as client:
        headers = {**HTML, "Host": "rebound.example.com"}
        answer = await client.get(_filled(path), headers=headers)
    assert answer.status == 403


async def test_scrapers_need_no_token() -> None:
    app = make_app(http_deps(token="t0p", is_open=False), UiDeps(MemoryOverview()))
    async with serving(app) as client:
        answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")


def _filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")
