"""Reading logs as Grafana and logcli do, from a real process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from appliance.testing import Appliance
from tests.reading import call, get_json

JSON = {"Content-Type": "application/json"}


def push(server: Appliance, app: str, *lines: str) -> None:
    now = time.time_ns()
    values = [[str(now + n), line] for n, line in enumerate(lines)]
    body = json.dumps({"streams": [{"stream": {"app": app}, "values": values}]}).encode()
    url = server.urls["loki"] + "/loki/api/v1/push"
    assert call(url, body, headers=JSON)[0] == 204


def tail(
    server: Appliance,
    query: str,
    talk: Callable[[Callable[[], Awaitable[Any]]], Awaitable[None]],
) -> None:
    """Open a tail and hand over what reads its next message."""

    async def session() -> None:
        url = server.urls["loki"] + "/loki/api/v1/tail"
        params = {"query": query}
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(url, params=params) as socket,
        ):

            async def message() -> Any:
                return await socket.receive_json(timeout=10)

            await talk(message)

    asyncio.run(session())


def lines_of(message: Any) -> list[str]:
    return [line for item in message["streams"] for _, line in item["values"]]


def test_what_grafana_asks_when_a_data_source_is_saved(server: Appliance) -> None:
    url = server.urls["loki"] + "/loki/api/v1"
    health = get_json(url + "/query", query="vector(1)+vector(1)", time=str(time.time_ns()))
    assert health["data"]["result"][0]["value"][1] == "2"
    assert get_json(url + "/labels")["status"] == "success"
    assert get_json(url + "/status/buildinfo")["version"]
    assert "limits" in get_json(url + "/drilldown-limits")


def test_query_tags_do_not_matter(server: Appliance) -> None:
    push(server, "tagged", "a")
    url = server.urls["loki"] + "/loki/api/v1/query_range"
    headers = {"X-Query-Tags": "Source=grafana", "X-Loki-Response-Encoding-Flags": ""}
    status, body = call(url, headers=headers, query='{app="tagged"}')
    assert status == 200
    assert len(json.loads(body)["data"]["result"]) == 1


def test_a_tail_shows_what_was_and_what_comes(server: Appliance) -> None:
    push(server, "tailed", "before", "not this")

    async def talk(message: Callable[[], Awaitable[Any]]) -> None:
        assert lines_of(await message()) == ["before"]
        await asyncio.to_thread(push, server, "tailed", "other not", "before long")
        assert lines_of(await message()) == ["before long"]

    tail(server, '{app="tailed"} |= "before"', talk)


def test_a_stop_does_not_wait_for_tails() -> None:
    with Appliance(only=["loki"]) as server:
        push(server, "x", "a")

        async def talk(message: Callable[[], Awaitable[Any]]) -> None:
            await message()
            began = time.monotonic()
            await asyncio.to_thread(server.stop)
            assert time.monotonic() - began < 2.5

        tail(server, '{app="x"}', talk)


def test_everything_is_counted_once_flushed(server: Appliance) -> None:
    push(server, "flushed", *[f"line {n}" for n in range(10)])
    status, _ = call(server.urls["loki"] + "/flush", b"")
    assert status == 204
    found = get_json(
        server.urls["loki"] + "/loki/api/v1/query",
        query='sum(count_over_time({app="flushed"}[1h]))',
    )
    assert found["data"]["result"][0]["value"][1] == "10"
