"""Our own paths about traces, over real stores."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from appliance.api.http import base_app
from appliance.api.jaeger.deps import JaegerDeps
from appliance.api.traces.deps import TRACES, TracesDeps
from appliance.api.traces.routes import routes
from appliance.base.telemetry import Telemetry
from appliance.ingest.spans import TranslatedSpans
from appliance.ingest.traces import SpanDoor
from appliance.logql.parser import parse
from tests.api.jaeger_app import ListArchive
from tests.api.serving import Client, http_deps, serving
from tests.correlate.stores import NOW, SHORT_HEX, TRACE_HEX, S, Signals

WINDOW = f"start={NOW // S - 60}&end={NOW // S + 60}"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    signals = Signals(tmp_path)
    signals.fill()
    telemetry = Telemetry()
    door = TranslatedSpans(SpanDoor(signals.traces, telemetry), telemetry)
    app = base_app("ui", http_deps())
    jaeger = JaegerDeps(signals.traces.source, ListArchive())
    app[TRACES] = TracesDeps(jaeger, door, signals.metrics.source, signals.logs.source)
    app.add_routes(routes())
    async with serving(app) as made:
        yield made
    signals.close()


async def get(client: Client, path: str, status: int = 200) -> Any:
    answer = await client.get(f"/api/ui/{path}")
    assert answer.status == status, answer.text
    return answer.json


async def test_critical_path(client: Client) -> None:
    found = await get(client, f"traces/{TRACE_HEX}/critical-path")
    assert (found["trace_id"], found["duration_ns"]) == (TRACE_HEX, S)
    assert [one["span_id"][-1] for one in found["sections"]] == ["1", "2", "1"]
    assert found["sections"][0] == {
        "span_id": "0" * 15 + "1",
        "start_ns": str(NOW),
        "end_ns": str(NOW + 1000),
    }
    assert {one["name"]: one["ratio"] for one in found["spans"]} == {"GET /": 0.5, "SELECT": 0.5}


async def test_comparison(client: Client) -> None:
    found = await get(client, f"traces/{TRACE_HEX}/compare/{SHORT_HEX}")
    assert found["counts"] == {
        "both": 0,
        "only_first": 2,
        "only_second": 1,
        "slower": 0,
        "faster": 0,
    }
    assert [row["name"] for row in found["rows"]] == ["GET /", "SELECT", "job"]
    same = await get(client, f"traces/{TRACE_HEX}/compare/{TRACE_HEX}")
    assert same["counts"]["both"] == 2
    assert same["rows"][1] == {
        "depth": 1,
        "service": "db",
        "name": "SELECT",
        "first": (side := {
            "span_id": "0" * 15 + "2",
            "start_ns": 1000,
            "duration_ns": S // 2,
            "is_error": False,
        }),
        "second": side,
        "change_ns": 0,
    }  # fmt: skip


async def test_figures(client: Client) -> None:
    found = await get(client, f"operations?service=db&{WINDOW}")
    [row] = found["operations"]
    assert (row["name"], row["calls"], row["p99_ns"], row["error_ratio"]) == ("SELECT", 1, S / 2, 0)
    found = await get(client, f"service-map?{WINDOW}")
    assert found["services"] == ["db", "web"]
    [edge] = found["edges"]
    assert (edge["parent"], edge["child"], edge["calls"], edge["errors"]) == ("web", "db", 1, 0)
    assert (await get(client, "service-map?start=5&end=6"))["edges"] == []


@pytest.mark.parametrize("form", ["jaeger", "otlp", "tempo", "zipkin"])
async def test_export_and_import(client: Client, form: str) -> None:
    answer = await client.get(f"/api/ui/traces/{TRACE_HEX}/export?format={form}")
    assert f"trace-{TRACE_HEX}.{form}.json" in answer.headers["Content-Disposition"]
    other = "7" * 32
    moved = answer.body
    for written in (TRACE_HEX, _base64(TRACE_HEX)):
        new = other if written == TRACE_HEX else _base64(other)
        moved = moved.replace(written.encode(), new.encode())
    stored = await client.post("/api/ui/traces/import", data=moved)
    assert stored.status == 200, stored.text
    assert stored.json == {
        "format": form,
        "spans": 2,
        "traces": [other],
        "trace_count": 1,
        "rejected": 0,
        "message": "",
    }
    found = await get(client, f"traces/{other}/compare/{TRACE_HEX}")
    assert found["counts"]["both"] == 2


def _base64(hexadecimal: str) -> str:
    import base64

    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


async def test_logs_of_a_trace(client: Client) -> None:
    found = await get(client, f"correlate/traces/{TRACE_HEX}/logs")
    assert [one["via"] for one in found["entries"]] == ["metadata", "line", "line", "label"]
    assert found["entries"][0] == {
        "timestamp_ns": str(NOW + S),
        "labels": {"service_name": "web"},
        "metadata": {"trace_id": TRACE_HEX},
        "line": "with metadata",
        "via": "metadata",
    }
    assert found["services_query"] == '{service_name=~"db|web"}'
    assert found["query"].endswith(f"| trace_id_in_line=`true` or trace_id=`{TRACE_HEX}`")
    parse(found["query"])  # raises what is wrong with it
    assert len((await get(client, f"correlate/traces/{TRACE_HEX}/logs?pad=1h"))["entries"]) == 5
    few = await get(client, f"correlate/traces/{TRACE_HEX}/logs?limit=1")
    assert (len(few["entries"]), few["is_partial"]) == (1, True)


async def test_traces_of_a_log_entry(client: Client) -> None:
    document = {
        "labels": {"app": "x"},
        "metadata": {"trace_id": TRACE_HEX, "span_id": "0" * 15 + "2"},
        "line": f"and trace_id={'9' * 32}",
    }
    answer = await client.post("/api/ui/correlate/log", data=json.dumps(document))
    first, second = answer.json["traces"]
    assert first == {
        "trace_id": TRACE_HEX,
        "span_id": "0" * 15 + "2",
        "via": "metadata",
        "name": "trace_id",
        "exists": True,
    }
    assert (second["trace_id"], second["exists"]) == ("9" * 32, False)


async def test_exemplars_and_their_traces(client: Client) -> None:
    found = await get(client, f"correlate/exemplars?{WINDOW}&query=rate(http_requests_total[5m])")
    [one] = found["exemplars"]
    assert (one["trace_id"], one["exists"], one["value"]) == (TRACE_HEX, True, 7)
    assert one["series"]["service_name"] == "web"


async def test_signals_of_a_service(client: Client) -> None:
    found = await get(client, f"correlate/services/web?{WINDOW}")
    assert [one["selector"] for one in found["logs"]] == [
        '{service_name="web"}',
        '{job=~"(.+/)?web"}',
    ]
    assert [one["names"] for one in found["metrics"]] == [["http_requests_total"], ["up"]]
    assert found["operations"] == [{"name": "GET /", "kind": "server"}]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        (f"traces/{'9' * 32}/critical-path", 404, "is not here"),
        ("traces/xyz!/critical-path", 400, "invalid syntax"),
        (f"traces/{TRACE_HEX}/compare/{'9' * 32}", 404, "is not here"),
        (f"traces/{TRACE_HEX}/export?format=xml", 400, "unknown format 'xml'"),
        (f"correlate/traces/{'9' * 32}/logs", 404, "is not here"),
        (f"correlate/traces/{TRACE_HEX}/logs?pad=x", 400, "x"),
        (f"correlate/traces/{TRACE_HEX}/logs?pad=2d", 400, "at most a day"),
        (f"correlate/traces/{TRACE_HEX}/logs?limit=0", 400, "'limit' must be a number"),
        ("operations?start=x", 400, "could not parse 'start' parameter"),
        ("operations?start=9&end=5", 400, "'start' must not be after 'end'"),
        ("correlate/exemplars?query=(", 400, ""),
    ],
)
async def test_refusals(client: Client, path: str, status: int, message: str) -> None:
    assert message in (await get(client, path, status))["error"]


@pytest.mark.parametrize(
    "when",
    ["-9223372036854775808", "9223372036854775807", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
)
async def test_times_far_away_are_no_error(client: Client, when: str) -> None:
    for name in ("start", "end"):
        for path in ("operations", "service-map", "correlate/services/web", "correlate/exemplars"):
            answer = await client.get(f"/api/ui/{path}", params={name: when, "query": "up"})
            assert answer.status in {200, 400}, (path, answer.text)


@pytest.mark.parametrize("limit", ["000000000001" + "9" * 5000, "00000000000199999", "9" * 5000])
async def test_limits_are_not_got_round(client: Client, limit: str) -> None:
    await get(client, f"correlate/exemplars?query=up&limit={limit}", 400)


async def test_bodies_that_are_refused(client: Client) -> None:
    for path in ("traces/import", "correlate/log"):
        for body in ("[", "[]", '{"labels":7}', '{"labels":{"a":1}}', '{"line":5}'):
            answer = await client.post(f"/api/ui/{path}", data=body)
            assert answer.status in {400} | (
                {200} if (path, body) == ("traces/import", "[]") else set()
            ), body
    foreign = {"Origin": "https://evil.example"}
    assert (await client.post("/api/ui/traces/import", data="{}", headers=foreign)).status == 403
