from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from unittest.mock import Mock

from appliance.api.loki.deps import LOKI, LokiDeps
from appliance.api.ui.app import UiDeps, make_app
from tests.api.serving import Client, http_deps, serving
from tests.api.ui.test_app import HTML
from tests.sources import Entry, PlainLogs, labels
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows
HOSTILE = "<script>alert(1)</script>"
LOGS = PlainLogs(
    {
        labels(service_name="shop", env="prod"): [
            Entry(NOW - 30 * S, '{"level":50,"msg":"payment refused"}', (("pod", "p-1"),)),
            Entry(NOW - 20 * S, HOSTILE, (("detected_level", "warn"),)),
        ],
        labels(service_name="cart"): [Entry(NOW - 10 * S, "took 5 ms")],
    }
)


def site(logs: PlainLogs = LOGS) -> AbstractAsyncContextManager[Client]:
    app = make_app(http_deps(), UiDeps(MemoryOverview()))
    app[LOKI] = LokiDeps(lambda _: logs, door=Mock())
    return serving(app)


async def test_the_page_has_lines_without_scripts() -> None:
    async with site() as client:
        answer = await client.get("/logs?q=refused", headers=dict(HTML))
        everything = await client.get("/logs", headers=dict(HTML))
    page = Page(answer.text)

    assert answer.status == 200
    assert page.inline == []
    assert "logs" in page.islands
    assert "payment refused" in answer.text
    assert "took 5 ms" not in answer.text.partition("<form")[2]
    assert HOSTILE not in everything.text
    assert everything.text.index("took 5 ms") < everything.text.rindex("payment refused")


async def test_an_empty_store_says_how_to_send() -> None:
    async with site(PlainLogs()) as client:
        answer = await client.get("/logs", headers=dict(HTML))
    assert "No log lines yet" in answer.text
    assert "http://127.0.0.1:3100/loki/api/v1/push" in answer.text
    assert "appliance demo" in answer.text


async def test_a_wrong_query_is_told_on_the_page_and_refused_as_json() -> None:
    async with site() as client:
        page = await client.get("/logs?q=%7Ba", headers=dict(HTML))
        twin = await client.get("/logs.json?q=%7Ba")
    assert page.status == 200
    assert "parse error at line 1" in page.text
    assert twin.status == 400


async def test_rows_as_json() -> None:
    async with site() as client:
        found = (await client.get("/logs.json?svc=shop&limit=1")).json
        numbers = await client.get("/logs.json?q=rate(%7Ba%3D%22b%22%7D%5B1m%5D)")
        much = await client.get("/logs.json?limit=5001")

    assert found["query"] == '{service_name="shop"}'
    assert [row["level"] for row in found["rows"]] == ["warn"]
    assert found["rows"][0]["labels"] == {"service_name": "shop", "env": "prod"}
    assert (numbers.status, much.status) == (400, 400)
    assert "metric query" in numbers.text


async def test_fields_of_lines() -> None:
    query = {"query": '{service_name="shop"}', "lines": "10"}
    async with site() as client:
        found = (await client.get("/api/ui/logs/fields", params=query)).json
        long = await client.post("/api/ui/logs/fields", data=query)
        much = await client.get("/api/ui/logs/fields", params={**query, "lines": "5001"})

    assert found["lines"] == 2
    assert {"name", "origin", "parser", "values"} <= set(found["fields"][0])
    assert long.json == found
    assert much.status == 400


async def test_downloads() -> None:
    query = {"query": '{service_name=~".+"}'}
    async with site() as client:
        ndjson = await client.get("/api/ui/logs/download", params=query)
        text = await client.get(
            "/api/ui/logs/download", params={**query, "as": "text", "direction": "forward"}
        )
        wrong = await client.get("/api/ui/logs/download", params={**query, "as": "xml"})
        unread = await client.get("/api/ui/logs/download", params={"query": "{"})

    assert ndjson.headers["Content-Disposition"] == 'attachment; filename="logs.ndjson"'
    assert len([json.loads(line) for line in ndjson.text.splitlines()]) == 3
    assert text.text.splitlines()[0].endswith('"payment refused"}')
    assert (wrong.status, unread.status) == (400, 400)
