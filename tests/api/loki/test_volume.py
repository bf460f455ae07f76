"""Loki's HTTP API: index/stats, index/volume, index/volume_range."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.loki_app import NOW, S, loki
from tests.sources import Entry, PlainLogs, labels

#: Bytes are those of lines with their newlines.
LOGS = PlainLogs(
    {
        labels(app="x", pod="a"): [Entry(NOW - 120 * S, "1234"), Entry(NOW - 10 * S, "123456789")],
        labels(app="x", pod="b"): [Entry(NOW - 130 * S, "1")],
        labels(app="y"): [Entry(NOW - 60 * S, "1234567")],
        labels(app="old"): [Entry(NOW - 7200 * S, "x")],
    }
)


async def ask(path: str, **given: str) -> Any:
    async with loki(LOGS) as client:
        answer = await client.get("/loki/api/v1/index/" + path, params=given)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    return json.loads(answer.text)


async def refusal(path: str, **given: str) -> str:
    async with loki(LOGS) as client:
        answer = await client.get("/loki/api/v1/index/" + path, params=given)
    assert answer.status == 400
    return answer.text


@pytest.mark.parametrize(
    ("query", "figures"),
    [
        ('{app="x"}', {"streams": 2, "chunks": 2, "bytes": 17, "entries": 3}),
        ("{}", {"streams": 3, "chunks": 3, "bytes": 25, "entries": 4}),
        ('{app="none"}', {"streams": 0, "chunks": 0, "bytes": 0, "entries": 0}),
    ],
)
async def test_stats(query: str, figures: dict[str, int]) -> None:
    assert await ask("stats", query=query) == figures


async def volumes(**given: str) -> list[tuple[dict[str, str], str]]:
    document = await ask("volume", **given)
    assert document["data"]["resultType"] == "vector"
    assert document["status"] == "success"
    assert "summary" in document["data"]["stats"]
    assert {row["value"][0] for row in document["data"]["result"]} <= {NOW // S}
    return [(row["metric"], row["value"][1]) for row in document["data"]["result"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"query": '{app="x"}'}, [({"app": "x"}, "17")]),
        (
            {"query": '{app="x", pod=~".+"}'},
            [({"app": "x", "pod": "a"}, "15"), ({"app": "x", "pod": "b"}, "2")],
        ),
        ({"query": '{app=~".+"}'}, [({"app": "x"}, "17"), ({"app": "y"}, "8")]),
        ({"query": '{app=~".+"}', "limit": "1"}, [({"app": "x"}, "17")]),
        (
            {"query": '{app=~".+"}', "targetLabels": "pod"},
            [({"pod": "a"}, "15"), ({"pod": "b"}, "2")],
        ),
        (
            {"query": "{}"},
            [
                ({"app": "x", "pod": "a"}, "15"),
                ({"app": "y"}, "8"),
                ({"app": "x", "pod": "b"}, "2"),
            ],
        ),
        (
            {"query": "{}", "aggregateBy": "labels"},
            [({"app": ""}, "25"), ({"pod": ""}, "17")],
        ),
        (
            {"query": '{app=~".+"}', "aggregateBy": "labels", "targetLabels": "app,pod"},
            [({"app": ""}, "17"), ({"pod": ""}, "17")],
        ),
        ({"query": '{app="none"}'}, []),
    ],
)
async def test_volume(given: dict[str, str], expected: list[tuple[dict[str, str], str]]) -> None:
    assert await volumes(**given) == expected


async def test_volume_over_time() -> None:
    document = await ask(
        "volume_range",
        query='{app=~".+"}',
        start=str(NOW - 180 * S),
        end=str(NOW),
        step="60",
    )

    assert document["data"]["resultType"] == "matrix"
    at = NOW // S
    # 1,700,000,000 is 20 s after a full minute: points are a ms before the next one, or the end.
    assert document["data"]["result"] == [
        {"metric": {"app": "y"}, "values": [[at - 20 - 0.001, "8"]]},
        {
            "metric": {"app": "x"},
            "values": [[at - 80 - 0.001, "7"], [at, "10"]],
        },
    ]


async def test_volume_of_one_interval_is_a_vector() -> None:
    document = await ask("volume_range", query='{app="y"}', step="1h", since="30m")

    assert document["data"]["resultType"] == "vector"
    assert document["data"]["result"] == [{"metric": {"app": "y"}, "value": [NOW // S, "8"]}]


@pytest.mark.parametrize(
    ("path", "given", "message"),
    [
        ("stats", {"query": '{app="x"'}, "parse error"),
        ("stats", {"query": "{}", "start": "x"}, "could not parse 'start' parameter"),
        ("volume", {"query": "{}", "limit": "-1"}, "limit must be a positive value"),
        ("volume", {"query": "{}", "aggregateBy": "pods"}, "invalid aggregation option"),
        (
            "volume",
            {"query": "{}", "start": "2", "end": "1"},
            "end timestamp must not be before or equal to start time",
        ),
        ("volume_range", {"query": "{}", "step": "0"}, "zero or negative query resolution step"),
    ],
)
async def test_mistakes(path: str, given: dict[str, str], message: str) -> None:
    assert message in await refusal(path, **given)


async def test_shards() -> None:
    document = await ask("shards", query='{app="x"}', targetBytesPerShard="1MB")

    assert document["shards"][0]["stats"]["entries"] == 3
