"""Loki's HTTP API: what senders push, in all the forms that they have for it."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import AbstractAsyncContextManager
from typing import Any
from unittest.mock import Mock

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from appliance.api.loki.push import grouped
from appliance.api.loki.routes import LokiDeps, make_app
from appliance.api.otlp_http import OTLP, OtlpHttpDeps
from appliance.base import zstd
from appliance.base.clock import ManualClock
from appliance.base.errors import ApplianceError, LimitExceeded, StorageFull, Unavailable
from appliance.ingest.log_limits import LogLimits
from appliance.ingest.otlp import OtlpDoor
from appliance.model.accepted import Accepted, Reject
from appliance.wire import snappy
from appliance.wire.messages.loki_push_pb2 import PushRequest
from tests.api.serving import Client, http_deps, serving
from tests.ingest.log_door import NOW_NS, Appender, door
from tests.sources import PlainLogs

PUSH = "/loki/api/v1/push"
JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
AS_JSON = json.dumps(
    {"streams": [{"stream": {"app": "x"}, "values": [[str(NOW_NS), "one"], [str(NOW_NS), "zwö"]]}]}
).encode()
STORED: dict[str, list[tuple[int, bytes, dict[str, str]]]] = {
    "app=x,service_name=x": [(0, b"one", {}), (0, "zwö".encode(), {})]
}


def as_protobuf() -> bytes:
    message = PushRequest()
    stream = message.streams.add(labels=b'{app="x"}')
    for line in ("one", "zwö"):
        entry = stream.entries.add(line=line.encode())
        entry.timestamp.seconds, entry.timestamp.nanos = divmod(NOW_NS, 10**9)
    return snappy.compress(message.SerializeToString())


def loki(appender: Appender, **limits: Any) -> AbstractAsyncContextManager[Client]:
    logs = door(appender, limits=LogLimits(**limits))
    app = make_app(http_deps(), LokiDeps(lambda _: PlainLogs(), logs))
    clock = ManualClock()
    entrance = OtlpDoor(metrics=Mock(), logs=logs, traces=Mock(), clock=clock, translation=Mock())
    app[OTLP] = OtlpHttpDeps(entrance)
    return serving(app)


def deflated(body: bytes) -> bytes:
    """A bare stream, as Go's compress/flate writes it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (AS_JSON, JSON),
        (AS_JSON, {"Content-Type": "application/json; charset=utf-8"}),
        (gzip.compress(AS_JSON, mtime=0), JSON | {"Content-Encoding": "gzip"}),
        (deflated(AS_JSON), JSON | {"Content-Encoding": "deflate"}),
        (zlib.compress(AS_JSON), JSON | {"Content-Encoding": "deflate"}),
        (zstd.compress(AS_JSON), JSON | {"Content-Encoding": "zstd"}),
        (as_protobuf(), PROTOBUF),
        (as_protobuf(), PROTOBUF | {"Content-Encoding": "snappy"}),
        (gzip.compress(as_protobuf(), mtime=0), PROTOBUF | {"Content-Encoding": "gzip"}),
        (as_protobuf(), {}),
    ],
)
@pytest.mark.parametrize("path", [PUSH, "/api/prom/push"])
async def test_every_encoding(path: str, body: bytes, headers: dict[str, str]) -> None:
    appender = Appender()
    async with loki(appender) as client:
        answer = await client.post(path, data=body, headers=headers | {"X-Scope-OrgID": "acme"})
    assert (answer.status, answer.body) == (204, b"")
    assert [tenant for tenant, _ in appender.requests] == ["acme"]
    assert appender.stored() == STORED


#: Requests as the programs of these names are documented to send them.
SENDERS = {
    "python-logging-loki": {
        "streams": [
            {
                "stream": {"application": "my-app", "severity": "info", "logger": "l"},
                "values": [[str(NOW_NS), "text"]],
            }
        ]
    },
    "winston-loki": {
        "streams": [
            {
                "stream": {"job": "winston", "level": "info"},
                "values": [[str(NOW_NS), "text {}", {"trace": "abc"}]],
            }
        ]
    },
    "winston-loki, first form": {
        "streams": [
            {
                "labels": '{job="winston"}',
                "entries": [{"ts": "2023-11-14T22:13:20.000Z", "line": "text"}],
            }
        ]
    },
    "serilog": {
        "streams": [
            {
                "stream": {"app": "web", "level": "information"},
                "values": [[str(NOW_NS), '{"Message":"text"}']],
            }
        ]
    },
    "fluent-bit": {
        "streams": [
            {
                "stream": {"job": "fluent-bit"},
                "values": [[str(NOW_NS), '{"log":"x"}', {"pod_id": "p", "empty": ""}]],
            }
        ]
    },
    "vector": {
        "streams": [
            {
                "stream": {"forwarder": "vector", "n": "1"},
                "values": [[str(NOW_NS), "text", {"meta": "data"}], [str(NOW_NS), "more"]],
            }
        ]
    },
    "numbers for times": {"streams": [{"stream": {"app": "a"}, "values": [[NOW_NS, "text"]]}]},
    "no metadata after all": {
        "streams": [{"stream": {"app": "a"}, "values": [[str(NOW_NS), "x", {}], None]}]
    },
    "streams without entries": {"streams": [{"stream": {"app": "a"}, "values": []}]},
}


@pytest.mark.parametrize("document", SENDERS.values(), ids=SENDERS)
async def test_what_is_sent_in_json(document: Any) -> None:
    appender = Appender()
    async with loki(appender) as client:
        answer = await client.post(PUSH, json=document)
    assert (answer.status, answer.body) == (204, b"")
    sent = [len(stream.get("values", stream.get("entries"))) for stream in document["streams"]]
    nulls = json.dumps(document).count("null")
    assert sum(len(lines) for lines in appender.stored().values()) == sum(sent) - nulls


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (b"{", JSON, "body is not JSON"),
        (b"{}[", JSON, "body is not JSON"),
        (b'{"streams":[{"stream":{"a":"b"},"values":[["x","y"]]}]}', JSON, "streams[0].values[0]"),
        (b'{"streams":[{"stream":{"a-":"b"},"values":[]}]}', JSON, "couldn't parse labels: 1:3:"),
        (b"nothing", PROTOBUF, "snappy"),
        (b"nothing", JSON | {"Content-Encoding": "gzip"}, "cannot be decompressed"),
        (AS_JSON, JSON | {"Content-Encoding": "br"}, 'Content-Encoding "br" not supported'),
        (AS_JSON, JSON | {"Content-Encoding": "snappy"}, "not supported"),
    ],
)
async def test_broken_pushes(body: bytes, headers: dict[str, str], message: str) -> None:
    async with loki(Appender()) as client:
        answer = await client.post(PUSH, data=body, headers=dict(headers))
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert message in answer.text
    assert answer.text.endswith("\n")


@pytest.mark.parametrize(
    ("body", "headers"), [(b"{}", JSON), (b'{"streams":[]}', JSON), (snappy.compress(b""), {})]
)
async def test_a_push_needs_a_stream(body: bytes, headers: dict[str, str]) -> None:
    async with loki(Appender()) as client:
        answer = await client.post(PUSH, data=body, headers=dict(headers))
    assert answer.status == 422
    assert answer.text == "error at least one valid stream is required for ingestion\n"


async def test_reasons_come_once_with_their_number() -> None:
    appender = Appender()
    old = str(NOW_NS - 8 * 86_400 * 10**9)
    values = [[old, "x"], [str(NOW_NS), "fine"], [old, "y"], [str(NOW_NS), "too long"]]
    async with loki(appender, line_bytes=5) as client:
        answer = await client.post(
            PUSH, json={"streams": [{"stream": {"app": "x"}, "values": values}]}
        )
    shown = '{app="x", service_name="x"}'
    assert answer.status == 400
    assert answer.text == (
        f"2 errors like: entry for stream '{shown}' has timestamp too old: 2023-11-06T22:13:20Z,"
        f" oldest acceptable timestamp is: 2023-11-07T22:13:20Z; 1 errors like: max entry size '5'"
        f" bytes exceeded for stream '{shown}' while adding an entry with length '8' bytes\n"
    )
    assert [line for _, line, _ in appender.stored()["app=x,service_name=x"]] == [b"fine"]


def test_one_reason_stands_alone() -> None:
    assert grouped(Accepted(1, 1, (Reject(0, "why"),))) == "why"
    assert grouped(Accepted(1, 2, (Reject(0, "why"), Reject(1, "why")))) == "2 errors like: why"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LimitExceeded("many", limit="limits.other", retryable=True), 429),
        (StorageFull("full"), 503),
        (Unavailable("busy"), 503),
    ],
)
async def test_refusals(error: ApplianceError, status: int) -> None:
    async with loki(Appender(errors=[error])) as client:
        answer = await client.post(PUSH, data=AS_JSON, headers=JSON)
    assert (answer.status, answer.text) == (status, error.message + "\n")


def as_otlp(*, age_seconds: int = 0) -> ExportLogsServiceRequest:
    message = ExportLogsServiceRequest()
    group = message.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "cart"
    record = group.scope_logs.add().log_records.add(time_unix_nano=NOW_NS - age_seconds * 10**9)
    record.body.string_value = "hello"
    return message


OTLP_JSON = {
    "resourceLogs": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]},
            "scopeLogs": [
                {"logRecords": [{"timeUnixNano": str(NOW_NS), "body": {"stringValue": "hello"}}]}
            ],
        }
    ]
}


@pytest.mark.parametrize("path", ["/otlp/v1/logs", "/otlp"])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (as_otlp().SerializeToString(), PROTOBUF),
        (
            gzip.compress(as_otlp().SerializeToString(), mtime=0),
            PROTOBUF | {"Content-Encoding": "gzip"},
        ),
        (json.dumps(OTLP_JSON).encode(), JSON),
    ],
)
async def test_otlp(path: str, body: bytes, headers: dict[str, str]) -> None:
    appender = Appender()
    async with loki(appender) as client:
        answer = await client.post(path, data=body, headers=headers | {"X-Scope-OrgID": "acme"})
    assert (answer.status, answer.body) == (204, b"")
    assert [tenant for tenant, _ in appender.requests] == ["acme"]
    assert appender.stored() == {"service_name=cart": [(0, b"hello", {})]}


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"\x0a\xff", PROTOBUF, 400, "body is not a protobuf"),
        (b"x", {"Content-Type": "text/plain"}, 400, "content type: text/plain is not supported"),
        (
            as_otlp(age_seconds=8 * 86_400).SerializeToString(),
            PROTOBUF,
            400,
            "entry for stream '{service_name=\"cart\"}' has timestamp too old",
        ),
        (b"{", JSON, 400, "body is not JSON"),
    ],
)
async def test_otlp_refusals(
    body: bytes, headers: dict[str, str], status: int, message: str
) -> None:
    async with loki(Appender()) as client:
        answer = await client.post("/otlp/v1/logs", data=body, headers=dict(headers))
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/octet-stream")
    told = Status.FromString(answer.body)
    assert told.code == 0
    assert told.message.startswith(message)


async def test_otlp_senders_may_try_again_after_a_failure() -> None:
    async with loki(Appender(errors=[RuntimeError("bug")])) as client:
        answer = await client.post(
            "/otlp/v1/logs", data=as_otlp().SerializeToString(), headers=PROTOBUF
        )
    assert answer.status == 503
