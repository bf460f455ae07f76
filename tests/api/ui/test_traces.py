"""Pages of traces and services, over real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.api.jaeger.deps import JaegerDeps
from appliance.api.tempo.deps import TEMPO, TempoDeps
from appliance.api.traces.deps import TRACES, TracesDeps
from appliance.api.traces.routes import routes
from appliance.api.ui.app import UiDeps, make_app
from appliance.base.telemetry import Telemetry
from appliance.ingest.spans import TranslatedSpans
from appliance.ingest.traces import SpanDoor
from tests.api.jaeger_app import ListArchive
from tests.api.serving import Client, http_deps, serving
from tests.api.ui.test_app import HTML
from tests.correlate.stores import NOW, SHORT_HEX, TRACE_HEX, S, Signals
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview

#: A window around the stored spans, in milliseconds.
AT = f"from={NOW // 10**6 - 60_000}&to={NOW // 10**6 + 60_000}"


async def site(folder: Path, *, is_full: bool) -> AsyncIterator[Client]:
    signals = Signals(folder)
    if is_full:
        signals.fill()
    telemetry = Telemetry()
    door = TranslatedSpans(SpanDoor(signals.traces, telemetry), telemetry)
    app = make_app(http_deps(), UiDeps(MemoryOverview()))
    jaeger = JaegerDeps(signals.traces.source, ListArchive())
    app[TRACES] = TracesDeps(jaeger, door, signals.metrics.source, signals.logs.source)
    app[TEMPO] = TempoDeps(signals.traces.source, lambda: {"retention.traces": "14d"})
    app.add_routes(routes())
    async with serving(app) as made:
        yield made
    signals.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async for made in site(tmp_path, is_full=True):
        yield made


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Client]:
    async for made in site(tmp_path, is_full=False):
        yield made


async def page(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers=dict(HTML))
    assert answer.status == status, answer.text
    read = Page(answer.text)
    assert read.inline == []
    return answer.text


async def test_traces_are_listed_without_scripts(client: Client) -> None:
    text = await page(client, f"/traces?{AT}")
    assert f'href="/traces/{TRACE_HEX}"' in text
    assert "GET /" in text
    found = await client.get(f"/traces.json?{AT}&q=%7Bname%3D%22SELECT%22%7D")
    [row] = found.json["traces"]
    assert (row["trace_id"], row["duration_ns"], row["start_ns"]) == (TRACE_HEX, S, str(NOW))
    assert (row["spans"], row["matched"]) == (2, 1)
    [span] = row["matches"]
    assert (span["name"], span["service"], span["kind"]) == ("SELECT", "db", "client")


async def test_limits_say_that_there_is_more(client: Client) -> None:
    found = (await client.get(f"/traces.json?{AT}&limit=1")).json
    assert (len(found["traces"]), found["is_partial"]) == (1, True)
    assert (await client.get(f"/traces.json?{AT}&limit=2")).json["is_partial"] is False
    assert (await client.get("/traces.json?limit=0")).status == 400


async def test_a_wrong_query_is_told_on_the_page_and_refused_as_json(client: Client) -> None:
    text = await page(client, "/traces?q=%7B+foo")
    assert "unexpected IDENTIFIER" in text
    refused = await client.get("/traces.json?q=%7B+foo")
    assert (refused.status, "foo" in refused.text) == (400, True)


async def test_metrics_queries_are_told_from_searches(client: Client) -> None:
    found = await client.get("/traces.json?q=%7B%7D%7Crate()")
    assert (found.json["is_metrics"], found.json["traces"]) == (True, [])


async def test_forms_and_old_links_become_queries(client: Client) -> None:
    for path, wanted in {
        "/traces?service=web&operation=GET+/&limit=20": (
            "/traces?q=%7B+resource.service.name+%3D+%22web%22+%26%26+name+%3D+%22GET+/%22+%7D"
            "&limit=20"
        ),
        "/traces?start=1700000000000000&end=1700000001000000": (
            "/traces?q=%7B+%7D&from=1700000000000&to=1700000001001"
        ),
        f"/traces?q={TRACE_HEX.upper()}": f"/traces/{TRACE_HEX}",
    }.items():
        answer = await client.get(path, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (302, wanted)


async def test_an_empty_store_says_how_to_send(empty: Client) -> None:
    for path in ("/traces", "/services", "/map"):
        text = await page(empty, path)
        assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:" in text
        assert "appliance demo" in text


async def test_a_trace_is_a_tree_without_scripts_and_columns_as_json(client: Client) -> None:
    text = await page(client, f"/traces/{TRACE_HEX}")
    assert text.index('data-depth="0"') < text.index('data-depth="1"')
    found = (await client.get(f"/traces/{TRACE_HEX}.json")).json
    assert found["trace_id"] == TRACE_HEX
    assert found["parents"] == [-1, 0]
    assert [found["texts"][number] for number in found["names"]] == ["GET /", "SELECT"]
    assert (found["span_count"], found["total"], found["duration_ns"]) == (2, 2, S)


async def test_a_short_id_finds_its_trace(client: Client) -> None:
    assert "job" in await page(client, f"/traces/{SHORT_HEX}")


async def test_a_missing_trace_names_those_that_begin_alike(client: Client) -> None:
    text = await page(client, f"/traces/{TRACE_HEX[:6]}", status=404)
    assert f'href="/traces/{TRACE_HEX}"' in text
    assert "14d" in text
    assert (await client.get(f"/traces/{'7' * 32}.json")).status == 404
    assert "no trace id" in await page(client, "/traces/xyz", status=404)


async def test_spans_tell_all_and_are_found_by_attributes(client: Client) -> None:
    found = await client.get(f"/api/ui/traces/{TRACE_HEX}/spans/{2:016x}")
    [one] = found.json["spans"]
    assert one["span"]["name"] == "SELECT"
    assert one["resource"]["attributes"] == [
        {"key": "service.name", "value": {"stringValue": "db"}}
    ]
    assert (await client.get(f"/api/ui/traces/{TRACE_HEX}/spans/{9:016x}")).status == 404
    assert (await client.get(f"/api/ui/traces/{TRACE_HEX}/spans/9")).status == 400
    hits = await client.get(f"/api/ui/traces/{TRACE_HEX}/find?q=service.name%3Ddb")
    assert hits.json == {"spans": [f"{2:016x}"], "is_partial": False}
    assert (await client.get(f"/api/ui/traces/{TRACE_HEX}/find?q=%3D")).status == 400


async def test_services_of_all_signals(client: Client) -> None:
    text = await page(client, f"/services?{AT}")
    assert 'href="/services/web"' in text
    rows = {
        row["service"]: row for row in (await client.get(f"/services.json?{AT}")).json["services"]
    }
    assert rows["web"]["signals"] == ["traces", "logs", "metrics"]
    assert (rows["web"]["requests"], rows["web"]["p50_ns"]) == (1, S)
    assert rows["prometheus"] == {"service": "prometheus", "signals": ["metrics"]}


async def test_a_service_has_operations_and_neighbours(client: Client) -> None:
    assert "GET /" in await page(client, f"/services/web?{AT}")
    found = (await client.get(f"/services/web.json?{AT}")).json
    assert [row["name"] for row in found["operations"]] == ["GET /"]
    assert [edge["child"] for edge in found["callees"]] == ["db"]
    assert found["callers"] == []
    assert sum(found["figures"]["calls_over_time"]) == 1
    assert {one["label"] for one in found["logs"]} == {"service_name", "job"}
    nobody = (await client.get(f"/services/nobody.json?{AT}")).json
    assert (nobody["figures"], nobody["operations"]) == (None, [])


async def test_the_map_lists_calls(client: Client) -> None:
    assert 'href="/services/db"' in await page(client, f"/map?{AT}")
    [edge] = (await client.get(f"/map.json?{AT}")).json["edges"]
    assert (edge["parent"], edge["child"], edge["calls"]) == ("web", "db", 1)


async def test_comparing_needs_two_ids(client: Client) -> None:
    await page(client, "/traces/compare")
    assert (await client.get("/traces/compare.json?a=1")).status == 400
    found = await client.get(f"/traces/compare.json?a={TRACE_HEX}&b={TRACE_HEX}")
    assert found.json["counts"]["both"] == 2
