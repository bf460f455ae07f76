"""Loki's HTTP API: queries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.query.limits import QueryLimits
from tests.api.loki_reading import API, NOW, B, S, loki
from tests.api.serving import Client
from tests.sources import Entry, PlainLogs
from tests.wire.loki_messages import read

JSON = "application/json; charset=UTF-8"
PROTOBUF = {"Accept": "application/vnd.google.protobuf"}
COUNT = 'sum by (pod) (count_over_time({app="x"}[1h]))'
X = {"query": '{app="x"}'}


async def ask(client: Client, path: str, **params: Any) -> Any:
    answer = await client.get(API + path, params=params)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == JSON
    return json.loads(answer.body)["data"]


async def query(text: str, client: Client, **params: Any) -> dict[str, list[list[str]]]:
    found = await ask(client, "/query_range", query=text, **params)
    assert found["resultType"] == "streams"
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
        posted = await client.post(API + "/query_range", data={"query": '{pod="b"}'})
        assert json.loads(posted.body)["data"]["result"][0]["values"][0][1] == "other"
        spaced = await query('{pod="a"}', client, interval="2s", direction="forward")
        assert sum(map(len, spaced.values())) == 2


async def test_categorized_labels() -> None:
    flags = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
    params = {"query": '{pod="a"} |= "two" | logfmt'}
    async with loki() as client:
        answer = await client.get(API + "/query_range", params=params, headers=flags)
    found = json.loads(answer.body)["data"]
    assert found["encodingFlags"] == ["categorize-labels"]
    assert found["result"][0]["stream"] == {"app": "x", "pod": "a"}
    assert found["result"][0]["values"][0][2]["structuredMetadata"] == {"trace": "t"}


async def test_metric_queries() -> None:
    async with loki() as client:
        instant = await ask(client, "/query", query=COUNT)
        assert instant["resultType"] == "vector"
        assert instant["result"] == [
            {"metric": {"pod": "a"}, "value": [1_700_000_000, "3"]},
            {"metric": {"pod": "b"}, "value": [1_700_000_000, "1"]},
        ]
        earlier = await ask(client, "/query", query=COUNT, time=(NOW - 2 * S) / S)
        assert [item["value"][1] for item in earlier["result"]] == ["2", "1"]
        times = {"start": "1699996400", "end": "1700000000", "step": "1800"}
        matrix = await ask(client, "/query_range", query=COUNT, **times)
        # Steps are multiples of the step, so that the range grows to both sides.
        assert matrix["resultType"] == "matrix"
        assert matrix["result"][0]["values"] == [[1_700_001_000, "3"]]
        health = await ask(client, "/query", query="vector(1)+vector(1)")
        assert health["result"] == [{"metric": {}, "value": [1_700_000_000, "2"]}]


async def test_statistics_tell_what_was_read() -> None:
    async with loki() as client:
        found = (await ask(client, "/query_range", query='{app="x"} |= "o"'))["stats"]
    assert found["summary"]["totalLinesProcessed"] == 4
    assert found["summary"]["totalEntriesReturned"] == 3
    assert found["summary"]["totalPostFilterLines"] == 3
    assert found["summary"]["totalBytesProcessed"] > 0


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("query_range", {}, 400, "parse error : syntax error: unexpected $end"),
        ("query_range", {"query": "{"}, 400, "unexpected $end, expecting IDENTIFIER or }"),
        (
            "query_range",
            X | {"limit": "5001"},
            400,
            "exceeded, limit > max_entries_limit_per_query (5001 > 5000)",
        ),
        ("query_range", X | {"start": "x"}, 400, "could not parse 'start' parameter"),
        ("query_range", X | {"step": "0"}, 400, "zero or negative query resolution step"),
        ("query", X, 400, "log queries are not supported as an instant query type"),
        ("query", {"query": "{"}, 400, "parse error"),
        ("query", X | {"limit": "0"}, 400, "limit must be a positive value"),
        (
            "query",
            {"query": f"{COUNT} / on(app) {COUNT}"},
            500,
            "many-to-many matching not allowed",
        ),
    ],
)
async def test_errors_are_plain_text(
    path: str, params: dict[str, str], status: int, message: str
) -> None:
    async with loki() as client:
        answer = await client.get(f"{API}/{path}", params=params)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert message in answer.text
    assert not answer.text.endswith("\n")


async def test_limits() -> None:
    limits = QueryLimits(max_log_series=1, max_log_entries=2)
    async with loki(query_limits=limits) as client:
        series = await client.get(API + "/query", params={"query": COUNT})
        entries = await client.get(API + "/query_range", params=X | {"limit": "3"})
        unlimited = await client.get(
            API + "/query_range", params={"query": f"sum({COUNT})", "limit": "3"}
        )
    assert series.status == 400
    assert series.text.startswith("maximum number of series (1) reached for a single query")
    assert (entries.status, entries.text[-7:]) == (400, "(3 > 2)")
    assert unlimited.status == 200


async def test_a_query_that_takes_too_long() -> None:
    async with loki(query_limits=QueryLimits(timeout_seconds=-1)) as client:
        answer = await client.get(API + "/query_range", params=X)
    assert answer.status == 504
    assert answer.text.startswith("request timed out, decrease the duration of the request")


async def test_tenants() -> None:
    async with loki() as client:
        params = {"params": X}
        other = await client.get(API + "/query_range", headers={"X-Scope-OrgID": "acme"}, **params)
        both = await client.get(API + "/query_range", headers={"X-Scope-OrgID": "a|b"}, **params)
        long = await client.get(
            API + "/query_range", headers={"X-Scope-OrgID": "a" * 151}, **params
        )
    assert json.loads(other.body)["data"]["result"] == []
    assert (both.status, both.text) == (400, "tenant ID 'a|b' contains unsupported character '|'")
    assert (long.status, long.text) == (400, "tenant ID is too long: max 150 characters")


async def test_protobuf_for_clients_that_take_nothing_else() -> None:
    async with loki() as client:
        log = await client.get(API + "/query_range", params=X, headers=dict(PROTOBUF))
        metric = await client.get(API + "/query", params={"query": COUNT}, headers=dict(PROTOBUF))
        either = await client.get(
            API + "/query", params={"query": COUNT}, headers={"Accept": "text/html, */*"}
        )
        parquet = await client.get(
            API + "/query_range",
            params=X,
            headers={"Accept": "application/vnd.apache.parquet"},
        )
    assert log.headers["Content-Type"] == PROTOBUF["Accept"]
    streams = read(log.body).streams
    assert sum(len(stream.entries) for stream in streams.data.result) == 4
    assert (streams.direction, streams.limit) == (1, 100)
    samples = read(metric.body).prom.response.data.result
    assert [stream.samples[0].value for stream in samples] == [3, 1]
    assert either.headers["Content-Type"] == JSON
    assert parquet.status == 400
    assert parquet.text.startswith("support for Parquet encoded responses is disabled.")


async def test_format_query() -> None:
    async with loki() as client:
        params = {"query": '{app="x"}|="a"'}
        good = await client.get(API + "/format_query", params=params)
        posted = await client.post(API + "/format_query", data=params)
        bad = await client.get(API + "/format_query", params={"query": "{"})
    assert json.loads(good.body) == {"status": "success", "data": '{app="x"} |= "a"'}
    assert posted.body == good.body
    assert good.headers["Content-Type"] == "application/json; charset=utf-8"
    found = json.loads(bad.body)
    assert (bad.status, found["status"]) == (400, "invalid-query")
    assert found["error"].startswith("parse error")


async def test_the_old_path() -> None:
    async with loki() as client:
        path = "/api/prom/query"
        answer = await client.get(path, params=X | {"regexp": "t.ree|two"})
        metric = await client.get(path, params={"query": COUNT})
    streams = json.loads(answer.body)["streams"]
    assert {item["labels"]: item["entries"] for item in streams} == {
        '{app="x", pod="a"}': [{"ts": "2023-11-14T22:13:19Z", "line": "three"}],
        '{app="x", pod="a", trace="t"}': [{"ts": "2023-11-14T22:13:18Z", "line": "two"}],
    }
    assert (metric.status, metric.text) == (
        400,
        "legacy endpoints only support streams result type",
    )


async def test_a_large_answer_is_sent_in_pieces() -> None:
    lines = [Entry(NOW - (n + 1) * 1000, "x" * 1500) for n in range(4000)]
    async with loki(logs=lambda _: PlainLogs({B: lines}, chunk_size=4000)) as client:
        params = {"query": '{pod="b"}', "limit": "5000"}
        answer = await client.get(API + "/query_range", params=params)
    assert len(json.loads(answer.body)["data"]["result"][0]["values"]) == 4000
