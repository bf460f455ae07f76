"""Loki's HTTP API: push, log queries, labels, series."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from appliance.api.loki import LokiDeps, make_app
from appliance.base.errors import LimitExceeded, StorageFull
from appliance.model.accepted import Accepted, Reject
from appliance.model.log import StreamBatch
from appliance.wire import snappy
from appliance.wire.messages.loki_push_pb2 import PushRequest
from tests.api.serving import Client, http_deps, serving
from tests.sources import Entry, PlainLogs, labels

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows
A, B = labels(app="x", pod="a"), labels(app="x", pod="b")
LOGS = PlainLogs(
    {
        A: [
            Entry(NOW - 3 * S, "one"),
            Entry(NOW - 2 * S, "two", (("trace", "t"),)),
            Entry(NOW - S, "three"),
        ],
        B: [Entry(NOW - 2 * S, "other"), Entry(NOW - 7200 * S, "old")],
        labels(app="ancient"): [Entry(NOW - 8 * 3600 * S, "x")],
    }
)


class Door:
    """Keeps what it is given; `error` or `rejects` make it refuse."""

    def __init__(self, error: Exception | None = None, rejects: tuple[Reject, ...] = ()) -> None:
        self.kept: list[tuple[str, list[tuple[str, int, bytes]]]] = []
        self._error = error
        self._rejects = rejects

    async def accept(self, tenant: str, streams: Sequence[StreamBatch]) -> Accepted:
        if self._error is not None:
            raise self._error
        entries = [
            (stream.labels.get("app"), int(at), line)
            for stream in streams
            for at, line in zip(stream.timestamps_ns, stream.lines, strict=True)
        ]
        self.kept.append((tenant, entries))
        return Accepted(len(entries), len(self._rejects), self._rejects)


def loki(door: Door | None = None, **changes: Any) -> AbstractAsyncContextManager[Client]:
    def logs(tenant: str) -> PlainLogs:
        return LOGS if tenant == "anonymous" else PlainLogs()

    return serving(make_app(http_deps(**changes), LokiDeps(logs, door or Door())))


PUSH = "/loki/api/v1/push"
JSON = {"Content-Type": "application/json"}
AS_JSON = json.dumps(
    {"streams": [{"stream": {"app": "x"}, "values": [["1", "one"], ["2", "zwö"]]}]}
).encode()
STORED = [("x", 1, b"one"), ("x", 2, "zwö".encode())]


def as_protobuf() -> bytes:
    message = PushRequest()
    stream = message.streams.add(labels=b'{app="x"}')
    for at, line in ((1, "one"), (2, "zwö")):
        stream.entries.add(line=line.encode()).timestamp.nanos = at
    return snappy.compress(message.SerializeToString())


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (AS_JSON, JSON),
        (AS_JSON, {"Content-Type": "application/json; charset=utf-8"}),
        (gzip.compress(AS_JSON), JSON | {"Content-Encoding": "gzip"}),
        (as_protobuf(), {"Content-Type": "application/x-protobuf"}),
        (as_protobuf(), {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}),
        (as_protobuf(), {}),
    ],
)
async def test_pushes_in_every_encoding(body: bytes, headers: dict[str, str]) -> None:
    door = Door()
    async with loki(door) as client:
        answer = await client.post(PUSH, data=body, headers=headers | {"X-Scope-OrgID": "acme"})
    assert (answer.status, answer.body) == (204, b"")
    assert door.kept == [("acme", STORED)]


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (b"{", JSON, "body is not JSON"),
        (b"{}[", JSON, "body is not JSON"),
        (b'{"streams":[{"stream":{"a":"b"},"values":[["x","y"]]}]}', JSON, "streams[0].values[0]"),
        (b"nothing", {"Content-Type": "application/x-protobuf"}, "snappy"),
        (b"nothing", JSON | {"Content-Encoding": "gzip"}, "cannot be decompressed"),
        (AS_JSON, JSON | {"Content-Encoding": "br"}, 'Content-Encoding "br" not supported'),
        (AS_JSON, JSON | {"Content-Encoding": "snappy"}, "not supported"),
    ],
)
async def test_broken_pushes(body: bytes, headers: dict[str, str], message: str) -> None:
    async with loki() as client:
        answer = await client.post(PUSH, data=body, headers=dict(headers))
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert message in answer.text
    assert answer.text.endswith("\n")


async def test_refused_entries_are_named() -> None:
    async with loki(Door(rejects=(Reject(1, "max entry size exceeded"),))) as client:
        answer = await client.post(PUSH, data=AS_JSON, headers=dict(JSON))
    assert (answer.status, answer.text) == (400, "max entry size exceeded\n")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageFull("disk full"), 503),
        (LimitExceeded("too many streams", limit="limits.streams_per_tenant", retryable=True), 429),
        (RuntimeError("bug"), 500),
    ],
)
async def test_refusals_of_the_door(error: Exception, status: int) -> None:
    async with loki(Door(error)) as client:
        answer = await client.post(PUSH, data=AS_JSON, headers=dict(JSON))
    assert answer.status == status


async def test_pushing_needs_the_token_if_there_is_one() -> None:
    async with loki(token="s3cret") as client:
        without = await client.post(PUSH, data=AS_JSON, headers=dict(JSON))
        bearer = {"Authorization": "Bearer s3cret"}
        given = await client.post(PUSH, data=AS_JSON, headers=JSON | bearer)
    assert (without.status, given.status) == (401, 204)


async def query(text: str, client: Client, **params: Any) -> dict[str, list[list[str]]]:
    answer = await client.get("/loki/api/v1/query_range", params={"query": text, **params})
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    found = json.loads(answer.body)["data"]
    assert found["resultType"] == "streams"
    assert "summary" in found["stats"]
    return {
        ",".join(f"{k}={v}" for k, v in sorted(item["stream"].items())): item["values"]
        for item in found["result"]
    }


async def test_the_last_hour_newest_first() -> None:
    async with loki() as client:
        found = await query('{app="x"}', client)
    assert found == {
        "app=x,pod=a": [[str(NOW - S), "three"], [str(NOW - 3 * S), "one"]],
        "app=x,pod=a,trace=t": [[str(NOW - 2 * S), "two"]],
        "app=x,pod=b": [[str(NOW - 2 * S), "other"]],
    }


async def test_parameters_of_log_queries() -> None:
    async with loki() as client:
        forward = await query('{pod="a"} != "two"', client, direction="forward")
        assert [line for _, line in forward["app=x,pod=a"]] == ["one", "three"]
        assert await query('{app="x"}', client, limit=1) == {
            "app=x,pod=a": [[str(NOW - S), "three"]]
        }
        window = {"start": f"{NOW - 2 * S}", "end": f"{NOW - S}"}
        assert len(await query('{app="x"}', client, **window)) == 2
        assert "app=x,pod=b" in await query('{app="x"} |= "old"', client, since="3h")
        rfc = {"start": "2023-11-14T22:13:18Z", "end": "1700000000"}
        assert len(await query('{pod="b"}', client, **rfc)) == 1
        posted = await client.post("/loki/api/v1/query_range", data={"query": '{pod="b"}'})
        assert json.loads(posted.body)["data"]["result"][0]["values"][0][1] == "other"


async def test_categorized_labels() -> None:
    flags = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
    async with loki() as client:
        path = "/loki/api/v1/query_range"
        answer = await client.get(path, params={"query": '{pod="a"} |= "two"'}, headers=flags)
    found = json.loads(answer.body)["data"]
    assert found["encodingFlags"] == ["categorize-labels"]
    assert found["result"][0]["values"][0][2] == {"structuredMetadata": {"trace": "t"}}


X = {"query": '{app="x"}'}


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("query_range", {}, "parse error at line 1, col 1: syntax error: unexpected $end"),
        ("query_range", {"query": "{"}, "unexpected $end, expecting IDENTIFIER or }"),
        ("query_range", X | {"limit": "5001"}, "limit > max_entries_limit_per_query (5001 > 5000)"),
        ("query_range", X | {"limit": "x"}, "invalid syntax"),
        ("query_range", X | {"start": "x"}, "could not parse 'start' parameter"),
        ("query_range", X | {"start": "5", "end": "4"}, "must not be before or equal to start"),
        ("query_range", X | {"direction": "up"}, "invalid direction"),
        ("query_range", {"query": 'rate({app="x"}[5m])'}, "is not available yet"),
        ("query", X, "log queries are not supported as an instant query type"),
        ("query", {"query": "{"}, "parse error"),
        ("labels", {"start": "x"}, "could not parse 'start' parameter"),
        ("labels", {"query": "{app="}, "parse error"),
        ("series", {}, "0 matchers supplied"),
        ("series", {"match[]": "{app="}, "parse error"),
    ],
)
async def test_errors_are_plain_text(path: str, params: dict[str, str], message: str) -> None:
    async with loki() as client:
        answer = await client.get("/loki/api/v1/" + path, params=params)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert message in answer.text


async def names(path: str, **params: Any) -> Any:
    async with loki() as client:
        answer = await client.get("/loki/api/v1/" + path, params=params)
    assert answer.status == 200, answer.text
    found = json.loads(answer.body)
    assert found["status"] == "success"
    return found.get("data")


async def test_labels_and_series() -> None:
    assert await names("labels") == ["app", "pod"]
    assert await names("label") == ["app", "pod"]
    assert await names("label/pod/values") == ["a", "b"]
    assert await names("label/pod/values", query='{pod=~"b.*"}') == ["b"]
    assert await names("label/app/values", since="9h") == ["ancient", "x"]
    assert await names("labels", start="1", end="2") is None
    assert await names("series", **{"match[]": '{pod="a"}'}) == [{"app": "x", "pod": "a"}]
    assert len(await names("series", match="{}")) == 2
    assert await names("series", **{"match[]": '{pod="z"}'}) == []


async def test_small_paths() -> None:
    async with loki() as client:
        assert (await client.get("/ready")).text == "ready\n"
        assert "Running" in (await client.get("/services")).text
        info = await client.get("/loki/api/v1/status/buildinfo")
        missing = await client.get("/loki/api/v1/nothing")
    assert json.loads(info.body)["version"].startswith("3.")
    assert (missing.status, missing.text) == (404, "404 page not found\n")
