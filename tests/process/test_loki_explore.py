"""Logs that came in different ways are found, explored and deleted alike."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from appliance.testing import Appliance
from appliance.wire import snappy
from appliance.wire.messages.loki_push_pb2 import PushRequest
from tests.reading import call, get_json

JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
LINES = ['{"level":"warn","msg":"slow 12ms"}', "level=error msg=gone", "plain text", "[info] hello"]
LEVELS = ["warn", "error", "unknown", "info"]


def push_json(server: Appliance, app: str, now: int) -> None:
    values = [[str(now + n), line] for n, line in enumerate(LINES)]
    body = json.dumps({"streams": [{"stream": {"service": app}, "values": values}]}).encode()
    assert call(server.urls["loki"] + "/loki/api/v1/push", body, headers=JSON) == (204, b"")


def push_protobuf(server: Appliance, app: str, now: int) -> None:
    message = PushRequest()
    stream = message.streams.add(labels=f'{{service="{app}"}}'.encode())
    for n, line in enumerate(LINES):
        entry = stream.entries.add(line=line.encode())
        entry.timestamp.seconds, entry.timestamp.nanos = divmod(now + n, 10**9)
    body = snappy.compress(message.SerializeToString())
    assert call(server.urls["loki"] + "/loki/api/v1/push", body, headers=PROTOBUF) == (204, b"")


def otlp(app: str, now: int) -> bytes:
    message = ExportLogsServiceRequest()
    group = message.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = app
    scoped = group.scope_logs.add()
    for n, line in enumerate(LINES):
        scoped.log_records.add(time_unix_nano=now + n).body.string_value = line
    return bytes(message.SerializeToString())


def push_otlp(server: Appliance, app: str, now: int) -> None:
    url = server.urls["otlp_http"] + "/v1/logs"
    assert call(url, otlp(app, now), headers=PROTOBUF)[0] == 200


def push_otlp_at_loki(server: Appliance, app: str, now: int) -> None:
    url = server.urls["loki"] + "/otlp/v1/logs"
    assert call(url, otlp(app, now), headers=PROTOBUF) == (204, b"")


def ask(server: Appliance, path: str, **given: str) -> Any:
    return get_json(server.urls["loki"] + "/loki/api/v1/" + path, **given)


def test_service_and_level_are_found_whatever_brought_the_lines(server: Appliance) -> None:
    pushes = (push_json, push_protobuf, push_otlp, push_otlp_at_loki)
    for number, push in enumerate(pushes):
        push(server, f"way-{number}", time.time_ns())
        query = f'{{service_name="way-{number}"}}'
        found = ask(server, "query_range", query=query, direction="forward")["data"]["result"]
        levels = {
            line: stream["stream"]["detected_level"]
            for stream in found
            for _, line in stream["values"]
        }
        assert [levels[line] for line in LINES] == LEVELS
        fields = {row["label"] for row in ask(server, "detected_fields", query=query)["fields"]}
        assert {"level", "msg", "detected_level"} <= fields
        stats = ask(server, "index/stats", query=query)
        assert (stats["streams"], stats["entries"]) == (1, 4)
        patterns = ask(server, "patterns", query=query)["data"]
        assert ("<_>slow <_>", "warn") in [(row["pattern"], row["level"]) for row in patterns]


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_entries_are_deleted_and_the_proof_remains(server: Appliance) -> None:
    push_json(server, "doomed", time.time_ns() - 60 * 10**9)
    url = server.urls["loki"] + "/loki/api/v1/delete"
    query = '{service_name="doomed"} |= "level"'
    start = str(int(time.time()) - 600)
    assert call(url, b"", query=query, start=start) == (204, b"")

    wait_for(lambda: bool(ask(server, "delete")[-1]["status"] == "processed"))
    deleted = ask(server, "delete")[-1]["deleted"]
    assert (deleted["entries"], deleted["streams"]) == (2, 1)
    left = ask(server, "query_range", query='{service_name="doomed"}')["data"]["result"]
    lines = {line for stream in left for _, line in stream["values"]}
    assert lines == {"plain text", "[info] hello"}


def test_rules_over_logs_write_series(server: Appliance) -> None:
    push_json(server, "ruled", time.time_ns())
    group = (
        b"{name: fast, interval: 1s, rules: [{record: ruled_lines,"
        b" expr: 'sum(count_over_time({service_name=\"ruled\"}[5m]))'}]}"
    )
    assert call(server.urls["loki"] + "/loki/api/v1/rules/team", group)[0] == 202

    def is_there() -> bool:
        url = server.urls["prometheus"] + "/api/v1/query"
        result = get_json(url, query="ruled_lines")["data"]["result"]
        return bool(result) and result[0]["value"][1] == "4"

    wait_for(is_there)
    assert call(server.urls["loki"] + "/loki/api/v1/rules/team", method="DELETE")[0] == 202
