"""`appliance query traceql` and `trace` against a real server."""

from __future__ import annotations

import csv
import io
import json
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.commands.trace_output import as_prometheus
from appliance.commands.trace_query import is_metrics_query
from appliance.commands.visible import visible
from appliance.testing import Appliance
from tests.spans import PlainEvent, PlainSpan, otlp_request

MS = 10**6
NOW = time.time_ns() // 10**9 * 10**9 - 60 * 10**9
ROOT, CHILDREN = 0xABC, 0xABD
DEEP = 300


def run(*arguments: str, width: int = 100) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(cli, arguments)


def spans() -> list[PlainSpan]:
    failed = PlainEvent("exception", NOW + 60 * MS, {"exception.message": "no\nmoney"})
    checkout = [
        PlainSpan(ROOT, 1, "POST /orders", "front", 0, NOW, 100 * MS, attributes={"n": 1}),
        PlainSpan(ROOT, 2, "stock", "store", 1, NOW + 10 * MS, 20 * MS, kind=3, status=1),
        PlainSpan(ROOT, 3, "log", "store", 1, NOW + 10 * MS, 10 * MS, kind=1),
        PlainSpan(
            ROOT, 4, "charge \x1b[31mcard", "pay", 1, NOW + 50 * MS, 40 * MS,
            status=2, status_message="no money", events=[failed],
        ),
        PlainSpan(ROOT, 5, "late", "store", 77, NOW + 95 * MS, 5 * MS),
    ]  # fmt: skip
    deep = [
        PlainSpan(CHILDREN, number, f"level {number}", "deep", number - 1, NOW + number, 10**6)
        for number in range(1, DEEP + 1)
    ]
    return [*checkout, *deep]


@pytest.fixture(scope="module")
def addr() -> Iterator[str]:
    """A server that has the spans."""
    with Appliance(only=["tempo", "otlp_http"]) as server:
        url = server.urls["otlp_http"] + "/v1/traces"
        headers = {"Content-Type": "application/x-protobuf"}
        request = urllib.request.Request(url, otlp_request(spans()), headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        yield server.urls["tempo"]


# -- queries


def test_forms_of_traces(addr: str) -> None:
    query = ["query", "traceql", "{ status = error }", "--addr", addr]
    (line,) = run(*query).stdout.splitlines()
    assert json.loads(line)["traceID"] == f"{ROOT:x}"
    assert json.loads(run(*query, "-o", "json").stdout)["traces"] == [json.loads(line)]
    head, row = csv.reader(io.StringIO(run(*query, "-o", "csv").stdout))
    assert dict(zip(head, row, strict=True)) == {
        "traceID": f"{ROOT:x}", "startTimeUnixNano": str(NOW), "durationMs": "100",
        "rootServiceName": "front", "rootTraceName": "POST /orders", "matched": "1",
        "spans": "5", "errors": "1",
    }  # fmt: skip
    head_line, shown = run(*query, "-o", "table").stdout.splitlines()
    assert head_line.split() == ["trace", "start", "duration", "root", "spans", "err"]
    assert shown.startswith(f"{ROOT:032x} ")
    assert shown.split()[3:] == ["100", "ms", "front:", "POST", "/orders", "1/5", "1"]


def test_a_narrow_table_keeps_the_ids(addr: str) -> None:
    table = run("query", "traceql", "{ status = error }", "--addr", addr, "-o", "table", width=70)
    assert f"{ROOT:032x}" in table.stdout


def test_as_many_traces_and_spans_as_asked_for(addr: str) -> None:
    asked = ["query", "traceql", "{ }", "--addr", addr]
    assert len(run(*asked).stdout.splitlines()) == 2
    assert len(run(*asked, "--limit", "1").stdout.splitlines()) == 1
    found = [json.loads(line) for line in run(*asked, "--spans", "4").stdout.splitlines()]
    assert [len(one["spanSet"]["spans"]) for one in found] == [4, 4]


def test_what_lies_before_the_start_is_not_found(addr: str) -> None:
    asked = ["query", "traceql", "{ }", "--addr", addr, "--from", "now-20s", "--fail-empty"]
    empty = run(*asked)
    assert (empty.exit_code, empty.stdout) == (1, "")
    assert run(*asked[:-1]).exit_code == 0


def test_one_number_or_many(addr: str) -> None:
    query = "{ } | count_over_time() by (resource.service.name)"
    asked = ["query", "traceql", query, "--addr", addr]
    rows = [json.loads(line) for line in run(*asked).stdout.splitlines()]
    counts = {row["metric"]["resource.service.name"]: row["value"] for row in rows}
    assert counts == {"deep": str(DEEP), "front": "1", "pay": "1", "store": "3"}
    assert run(*asked, "--from", "now-10m", "--instant").stdout.count("\n") == 4
    (row,) = json.loads(run("query", "traceql", "{ } | rate()", *asked[3:], "-o", "json").stdout)[
        "series"
    ]
    assert row["value"] > 0


def test_numbers_over_a_range(addr: str) -> None:
    query = '{ resource.service.name = "deep" } | count_over_time()'
    asked = ["query", "traceql", query, "--addr", addr, "--step", "1m"]
    head, *rows = csv.reader(io.StringIO(run(*asked, "-o", "csv").stdout))
    assert head == ["__name__", "time", "value"]
    assert sum(float(value) for _, _, value in rows) == DEEP
    assert {float(b[1]) - float(a[1]) for a, b in pairwise(rows)} == {60.0}
    table = run(*asked, "-o", "table", "--from", "now-10m").stdout
    assert table.splitlines()[1].split()[0] == "count_over_time"


def test_a_refused_query_is_shown_with_its_place(addr: str) -> None:
    refused = run("query", "traceql", "{ .a = }", "--addr", addr)
    assert refused.exit_code == 2
    assert "parse error at line 1, col 8" in refused.stderr
    assert refused.stderr.endswith("{ .a = }\n       ^\n")


def test_what_is_no_tempo() -> None:
    with Appliance(only=["otel_metrics"]) as server:
        asked = ["--addr", server.urls["otel_metrics"]]
        refused = run("query", "traceql", "{ }", *asked)
        assert (refused.exit_code, "HTTP 404" in refused.stderr) == (2, True)
    gone = run("query", "traceql", "{ }", *asked)
    assert (gone.exit_code, "is the server running?" in gone.stderr) == (2, True)


def test_which_queries_give_numbers() -> None:
    assert is_metrics_query("{ } | rate() | topk(3)")
    assert not is_metrics_query('{ name = "rate()" }')
    assert is_metrics_query("{ } | rate() with something newer")
    assert not is_metrics_query("{ } | newer()")


def test_series_in_the_form_of_prometheus() -> None:
    labels = [
        {"key": "a", "value": {"intValue": "5"}},
        {"key": "b", "value": {"boolValue": True}},
        {"key": "c", "value": {"doubleValue": 0.5}},
        {"key": "d", "value": {}},
    ]
    samples = [{"timestampMs": "1500"}, {"timestampMs": "2500", "value": "Infinity"}]
    given = {"series": [{"labels": labels, "samples": samples}, {"samples": []}]}
    assert as_prometheus(given, 9.0) == {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"a": "5", "b": "true", "c": "0.5", "d": ""},
                "values": [[1.5, "0"], [2.5, "+Inf"]],
            }
        ],
    }
    vector = as_prometheus({"series": [{"value": "NaN"}]}, 9.0)
    assert vector == {"resultType": "vector", "result": [{"metric": {}, "value": [9.0, "NaN"]}]}


# -- one trace


def test_a_trace_as_a_tree(addr: str) -> None:
    shown = run("trace", f"{ROOT:x}", "--addr", addr, "-o", "tree")
    title, figures, _, *lines, _, path = shown.stdout.splitlines()
    assert title == "front: POST /orders"
    assert figures.startswith(f"trace {ROOT:032x}  ")
    assert figures.endswith("  100 ms  5 spans  3 services  1 error")
    rows = [
        tuple(part.rstrip() for part in (line[:49], line[50:59], line[60:66], line[66:]))
        for line in lines
        if not line.startswith("    ")
    ]
    assert rows == [
        ("front  POST /orders", "   100 ms", "", "━━━━─────━━━━━━━━────────────━━━━"),
        ("├─store  stock", "    20 ms", "ok", "   ━━━━━━━"),
        ("├─store  log", "    10 ms", "", "   ────"),
        ("└─pay  charge ␛[31mcard", "    40 ms", "error", " " * 16 + "━" * 14),
        ("store  late  (its parent is missing)", "     5 ms", "", " " * 31 + "──"),
    ]
    assert lines[4:6] == [
        "      ! no money",
        "      · 60 ms  exception  exception.message=no␊money",
    ]
    assert path == "━━ critical path: front 40 ms, pay 40 ms, store 20 ms"


def test_services_and_errors_have_colours(addr: str) -> None:
    env = {"COLUMNS": "100", "FORCE_COLOR": "1", "TERM": "xterm"}
    asked = ["trace", f"{ROOT:x}", "--addr", addr, "-o", "tree"]
    shown = CliRunner(env=env).invoke(cli, asked, color=True).stdout
    assert "\x1b[31m  1 error\x1b[0m" in shown
    assert "\n\x1b[36mfront\x1b[0m  POST /orders" in shown
    assert "\x1b[2m├─\x1b[0m\x1b[32mstore\x1b[0m" in shown
    assert "\x1b[1;31merror \x1b[0m" in shown


def test_attributes_are_shown_when_asked_for(addr: str) -> None:
    asked = ["trace", "show", f"{ROOT:x}", "--addr", addr, "-o", "tree"]
    assert "n=1" not in run(*asked).stdout
    assert "│   n=1\n" in run(*asked, "--attributes").stdout


def test_many_levels_stay_in_their_column(addr: str) -> None:
    asked = ["trace", f"{CHILDREN:x}", "--addr", addr, "-o", "tree"]
    lines = run(*asked).stdout.splitlines()[3 : 3 + DEEP]
    assert [line.split("deep  level ")[1].split()[0] for line in lines] == [
        str(number) for number in range(1, DEEP + 1)
    ]
    assert max(map(len, lines)) <= 100
    part = run(*asked, "--limit", "10")
    assert len(part.stdout.splitlines()) == 3 + 10 + 2
    assert part.stderr == f"10 of {DEEP} spans are shown (--limit)\n"


def test_a_trace_as_json(addr: str) -> None:
    asked = ["trace", f"{ROOT:x}", "--addr", addr]
    groups = json.loads(run(*asked).stdout)["resourceSpans"]
    names = [span["name"] for one in groups for two in one["scopeSpans"] for span in two["spans"]]
    assert sorted(names) == sorted(span.name for span in spans() if span.trace == ROOT)
    assert run("trace", "show", *asked[1:], "-o", "json").stdout == run(*asked).stdout


@pytest.mark.parametrize("form", ["tree", "json"])
def test_a_trace_that_is_not_there(addr: str, form: str) -> None:
    answer = run("trace", "123", "--addr", addr, "-o", form)
    assert answer.exit_code == 1
    assert answer.stderr == f"appliance: there is no trace 123 at {addr}\n"


def test_what_is_no_trace_id() -> None:
    answer = run("trace", "exprot")
    assert answer.exit_code == 2
    assert "commands: show, import, export" in answer.stderr


def test_controls_are_shown() -> None:
    assert visible("a\nb\x7f\x9b") == "a␊b␡\ufffd"
