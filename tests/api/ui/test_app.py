from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.api.ui.app import UiDeps, make_app
from appliance.base.errors import Unavailable
from appliance.ui.assets import Assets
from appliance.ui.overview import LogRow, TraceRow
from appliance.ui.pages import NAVIGATION
from tests.api.serving import Client, http_deps, serving
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview

HTML = {"Accept": "text/html,application/xhtml+xml"}
PATHS = ["/", "/connect", "/runbooks", "/runbooks/HighErrorRate"]
RUNBOOKS = {"HighErrorRate": "# HighErrorRate\n\nLook at `a < b`.\n", "A b": "# A b\n"}
#: Other contracts' routes, and pages that need their parts (`tests/process/test_pages.py`).
ELSEWHERE = (
    "/traces/",
    *(path for _, group in NAVIGATION for path, _, _ in group if path not in PATHS),
)
AT = 1_700_000_000_000_000_000


@pytest.fixture
def overview() -> MemoryOverview:
    return MemoryOverview()


@pytest.fixture
async def client(overview: MemoryOverview, tmp_path: Path) -> AsyncIterator[Client]:
    files = {f"{kind}.{end}": f"{kind}-A.{end}" for kind, end in _BUILT}
    for name in (*files.values(), "THIRD_PARTY.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files}))
    app = make_app(http_deps(), UiDeps(overview, lambda: RUNBOOKS, Assets(tmp_path)))
    async with serving(app) as client:
        yield client


_BUILT = (
    ("main", "js"),
    ("theme", "js"),
    ("style", "css"),
    ("favicon", "svg"),
    ("icons", "svg"),
)


def fill(overview: MemoryOverview) -> None:
    overview.add_sample("up", {}, 1.7e9, 1)
    overview.add_line(LogRow(AT, "shop", "error", "<boom> & co", {"level": "error"}))
    overview.add_trace(TraceRow("ab" * 16, "shop", "GET /", AT, 42_000_000, 3, 1))


@pytest.mark.parametrize("path", PATHS)
async def test_pages_have_landmarks_and_nothing_inline(client: Client, path: str) -> None:
    answer = await client.get(path)
    page = Page(answer.text)
    assert answer.status == 200
    assert {"header", "nav", "main", "footer", "h1"} <= set(page.tags)
    assert page.tags.count("h1") == 1
    assert page.inline == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("state", ["empty", "full"])
async def test_every_link_leads_somewhere(
    client: Client, overview: MemoryOverview, path: str, state: str
) -> None:
    if state == "full":
        fill(overview)
    page = Page((await client.get(path)).text)
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        elif not link.startswith(ELSEWHERE):
            assert (await client.get(link)).status == 200, link


async def test_an_empty_home_page_says_how_to_send_data(client: Client) -> None:
    text = (await client.get("/")).text
    for command in (
        "appliance demo",
        "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
        "http://127.0.0.1:3100/loki/api/v1/push",
    ):
        assert command in text


async def test_a_full_home_page_shows_data_without_scripts(
    client: Client, overview: MemoryOverview
) -> None:
    fill(overview)
    text = (await client.get("/")).text
    assert "&lt;boom&gt; &amp; co" in text
    assert f'href="/traces/{"ab" * 16}"' in text
    assert "42 ms" in text
    assert "data-checklist" not in text
    assert Page(text).islands == ["status", "tiles", "busiest", "chart", "tail", "traces"]


async def test_runbooks_can_be_read(client: Client) -> None:
    assert "Look at <code>a &lt; b</code>." in (await client.get("/runbooks/HighErrorRate")).text
    for path in ("/runbooks/HighErrorRate?format=json", "/runbooks/HighErrorRate.json"):
        found = json.loads((await client.get(path)).text)
        assert found == {"name": "HighErrorRate", "text": RUNBOOKS["HighErrorRate"]}
    for path in ("/runbooks?format=json", "/runbooks.json"):
        found = json.loads((await client.get(path)).text)
        assert found == {"runbooks": ["A b", "HighErrorRate"]}


async def test_an_unknown_runbook_says_where_there_are_some(client: Client) -> None:
    answer = await client.get("/runbooks/Nothing", headers=HTML)
    assert answer.status == 404
    assert "no runbook &#39;Nothing&#39;; those there are are listed" in answer.text


async def test_json_twins_say_the_same(client: Client, overview: MemoryOverview) -> None:
    fill(overview)
    for path in ("/?format=json", "/.json", "/api/ui/overview"):
        document = (await client.get(path)).json
        assert document["lines"][0]["line"] == "<boom> & co"
        assert document["metrics"] == ["up"]
    for path in ("/connect?format=json", "/connect.json"):
        document = (await client.get(path)).json
        assert document["endpoints"]["urls"]["loki"] == "http://127.0.0.1:3100"
        assert "python" in {guide["id"] for guide in document["guides"]}


async def test_the_tenant_comes_from_the_header(client: Client, overview: MemoryOverview) -> None:
    await client.get("/api/ui/overview")
    await client.get("/api/ui/overview", headers={"X-Scope-OrgID": "acme"})
    assert overview.tenants == ["anonymous", "acme"]
    assert (await client.get("/", headers={"X-Scope-OrgID": "a/b", **HTML})).status == 400


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/ui/overview", "/static/main-A.js"])
async def test_answers_forbid_everything_from_elsewhere(client: Client, path: str) -> None:
    headers = (await client.get(path, headers=dict(HTML))).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


async def test_hashed_files_may_be_kept_for_ever(client: Client) -> None:
    answer = await client.get("/static/main-A.js")
    assert answer.body == b"main-A.js"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await client.get("/static/THIRD_PARTY.txt")).headers["Cache-Control"] == "no-cache"
    for path in ("/static/nothing.js", "/static/..%2Fpages.py", "/static/manifest.json"):
        assert (await client.get(path)).status == 404


async def test_people_get_an_error_page_and_programs_json(client: Client) -> None:
    page = await client.get("/no<where>", headers=dict(HTML))
    assert page.status == 404
    assert "/no&lt;where&gt;" in page.text
    assert "There is no such page" in page.text
    assert (await client.get("/nowhere")).json == {"error": "nothing is served at /nowhere"}
    assert (await client.post("/connect", headers=dict(HTML))).status == 405


async def test_an_unavailable_store_is_said_in_the_same_form(
    client: Client, overview: MemoryOverview, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> list[str]:
        raise Unavailable("the store is starting")

    monkeypatch.setattr(overview, "metric_names", refuse)
    page = await client.get("/", headers=dict(HTML))
    assert page.status == 503
    assert "the store is starting" in page.text
    assert (await client.get("/api/ui/overview")).json == {"error": "the store is starting"}


async def test_the_icon_is_found_where_browsers_look(client: Client) -> None:
    answer = await client.get("/favicon.ico", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/static/favicon-A.svg")


async def test_browsers_get_a_page_of_metrics_and_scrapers_the_exposition(client: Client) -> None:
    page = await client.get("/metrics", headers=dict(HTML))
    assert page.headers["Content-Type"].startswith("text/html")
    assert Page(page.text).islands == ["time", "metrics"]
    for accept in ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1", "*/*"):
        scraped = await client.get("/metrics", headers={"Accept": accept})
        assert scraped.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "appliance_api_requests_total" in scraped.text
