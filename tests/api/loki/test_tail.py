"""Loki's HTTP API: tail over WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from appliance.api.loki import tail as loki_tail
from appliance.base.clock import ManualClock
from appliance.query.limits import QueryLimits
from tests.api.loki_reading import API, NOW, A, B, S, Watch, loki
from tests.api.serving import http_deps
from tests.sources import Entry

TAIL = API + "/tail"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock has to be moved between two messages."""
    monkeypatch.setattr(loki_tail, "_PAUSE_SECONDS", 0)


@asynccontextmanager
async def tailing(
    watch: Watch, path: str = TAIL, headers: dict[str, str] | None = None, **params: Any
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with loki(parts={"watch": watch}) as client, aiohttp.ClientSession() as session:
        url = client.base + path
        async with session.ws_connect(url, params=params, headers=headers) as socket:
            yield socket


async def message(socket: aiohttp.ClientWebSocketResponse) -> Any:
    found = await socket.receive(timeout=5)
    assert found.type == WSMsgType.TEXT, found
    return json.loads(found.data)


def lines(document: Any) -> list[str]:
    return [line for item in document["streams"] for _, line, *_ in item["values"]]


async def test_history_first_then_what_is_stored() -> None:
    watch = Watch()
    async with tailing(watch, query='{pod="a"}') as socket:
        history = await message(socket)
        assert sorted(lines(history)) == ["one", "three", "two"]
        assert "dropped_entries" not in history
        watch.store(B, Entry(NOW, "of another stream"))
        watch.store(A, Entry(NOW + 1, "four"), Entry(NOW + 2, "five", (("trace", "u"),)))
        live = await message(socket)
    assert live["streams"] == [
        {"stream": {"app": "x", "pod": "a"}, "values": [[str(NOW + 1), "four"]]},
        {"stream": {"app": "x", "pod": "a", "trace": "u"}, "values": [[str(NOW + 2), "five"]]},
    ]


async def test_the_pipeline_applies() -> None:
    watch = Watch()
    query = '{pod="a"} |= "e" | line_format "{{.app}} {{__line__}}"'
    flags = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
    async with tailing(watch, headers=flags, query=query, limit="1") as socket:
        history = await message(socket)
        assert lines(history) == ["x three"]
        assert history["encodingFlags"] == ["categorize-labels"]
        watch.store(A, Entry(NOW, "no"), Entry(NOW, "yes", (("k", "v"),)))
        found = await message(socket)
    assert found["streams"][0]["values"] == [
        [str(NOW), "x yes", {"structuredMetadata": {"k": "v"}}]
    ]


async def test_an_entry_of_the_history_does_not_come_again() -> None:
    watch = Watch()
    async with tailing(watch, query='{pod="a"} != "two"') as socket:
        await watch.until(1)
        watch.store(A, Entry(NOW - S, "three"), Entry(NOW + 1, "four"))
        assert lines(await message(socket)) == ["one", "three"]
        assert lines(await message(socket)) == ["four"]


async def test_start_bounds_the_history() -> None:
    async with tailing(Watch(), query='{app="x"}', start=str(NOW - 2 * S)) as socket:
        assert sorted(lines(await message(socket))) == ["other", "three", "two"]


async def test_the_old_path() -> None:
    watch = Watch()
    async with tailing(watch, "/api/prom/tail", query='{pod="a"}', regexp="thr") as socket:
        assert await message(socket) == {
            "streams": [
                {
                    "labels": '{app="x", pod="a"}',
                    "entries": [{"ts": "2023-11-14T22:13:19Z", "line": "three"}],
                }
            ]
        }


class Sleeps(ManualClock):
    """Tells when somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.began.set()
        await super().sleep(seconds)


async def test_delayed_entries_are_put_in_order() -> None:
    watch, clock = Watch(), Sleeps()
    changes: dict[str, Any] = {"clock": clock}
    async with (
        loki(parts={"watch": watch}, **changes) as client,
        aiohttp.ClientSession() as session,
    ):
        params = {"query": '{pod="b"}', "delay_for": "2", "start": str(NOW)}
        async with session.ws_connect(client.base + TAIL, params=params) as socket:
            await watch.until(1)
            watch.store(B, Entry(NOW + S, "second"))
            await clock.began.wait()  # the first one is held back
            watch.store(B, Entry(NOW + S - 1, "first"))
            await clock.advance(3)
            found = [*lines(await message(socket)), *lines(await message(socket))]
    assert found == ["first", "second"]


async def test_an_entry_of_the_future_holds_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loki_tail, "_MOST_HELD", 2)
    watch, clock = Watch(), Sleeps()
    changes: dict[str, Any] = {"clock": clock}
    async with (
        loki(parts={"watch": watch}, **changes) as client,
        aiohttp.ClientSession() as session,
    ):
        params = {"query": '{pod="b"}', "delay_for": "2", "start": str(NOW)}
        async with session.ws_connect(client.base + TAIL, params=params) as socket:
            await watch.until(1)
            watch.store(B, *(Entry(NOW + 300 * S + n, f"of the future {n}") for n in range(4)))
            await clock.began.wait()
            watch.store(B, Entry(NOW, "now"), Entry(NOW - 9 * S, "late"))
            late = await message(socket)
            await clock.advance(3)
            now = await message(socket)
    assert (lines(late), lines(now)) == (["late"], ["now"])
    assert len(late["dropped_entries"]) + len(now["dropped_entries"]) == 3


async def test_small_pushes_share_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loki_tail, "_PAUSE_SECONDS", 0.05)
    watch, clock = Watch(), Sleeps()
    changes: dict[str, Any] = {"clock": clock}
    async with (
        loki(parts={"watch": watch}, **changes) as client,
        aiohttp.ClientSession() as session,
    ):
        params = {"query": '{pod="b"}', "start": str(NOW)}
        async with session.ws_connect(client.base + TAIL, params=params) as socket:
            await watch.until(1)
            watch.store(B, Entry(NOW + 1, "a"))
            assert lines(await message(socket)) == ["a"]
            watch.store(B, Entry(NOW + 2, "b"))
            watch.store(B, Entry(NOW + 3, "c"))
            await clock.began.wait()
            await clock.advance(1)
            assert lines(await message(socket)) == ["b", "c"]


async def test_a_metric_query_is_closed() -> None:
    async with tailing(Watch(), query='rate({app="x"}[5m])') as socket:
        found = await socket.receive(timeout=5)
    assert (found.type, found.data) == (WSMsgType.CLOSE, 1011)
    assert found.extra == "only log selector is supported"


async def test_a_failing_evaluation_closes() -> None:
    changes: dict[str, Any] = {"query_limits": QueryLimits(timeout_seconds=-1)}
    async with (
        loki(parts={"watch": Watch()}, **changes) as client,
        aiohttp.ClientSession() as session,
        session.ws_connect(client.base + TAIL, params={"query": '{app="x"}'}) as socket,
    ):
        found = await socket.receive(timeout=5)
    assert (found.type, found.data) == (WSMsgType.CLOSE, 1011)
    assert "timed out" in str(found.extra)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"query": "{"}, "parse error"),
        ({}, "parse error"),
        ({"query": '{app="x"}', "limit": "0"}, "limit must be a positive value"),
        ({"query": '{app="x"}', "start": "x"}, "could not parse 'start' parameter"),
        ({"query": '{app="x"}', "delay_for": "6"}, "delay_for can't be greater than 5"),
        ({"query": '{app="x"}'}, "Bad Request"),  # not a WebSocket
    ],
)
async def test_wrong_requests(params: dict[str, str], message: str) -> None:
    async with loki() as client:
        answer = await client.get(TAIL, params=params)
    assert answer.status == 400
    assert message in answer.text


async def test_pages_of_other_sites_may_not_read() -> None:
    async with loki(parts={"watch": Watch()}) as client, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(
                client.base + TAIL, params={"query": '{app="x"}'}, origin="http://evil.example"
            )
    assert caught.value.status == 403


async def test_a_tail_keeps_no_slot_and_ends_its_watch() -> None:
    watch, deps = Watch(), http_deps()
    changes: dict[str, Any] = {"gate": deps.gate}
    async with (
        loki(parts={"watch": watch}, **changes) as client,
        aiohttp.ClientSession() as session,
    ):
        params = {"query": '{app="x"}'}
        async with session.ws_connect(client.base + TAIL, params=params) as socket:
            await message(socket)
            async with asyncio.timeout(1):
                await deps.gate.drain()
            assert len(watch.tails) == 1
        await watch.until(0)


async def test_who_reads_too_slowly_is_told_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loki_tail, "_MESSAGE_ENTRIES", 1)
    monkeypatch.setattr(loki_tail, "_MOST_WAITING", 1)
    watch = Watch()
    sent = 400
    async with tailing(watch, query='{pod="b"}', start=str(NOW)) as socket:
        await watch.until(1)
        for n in range(sent):
            watch.store(B, Entry(NOW + n, "x" * 200_000))
            await asyncio.sleep(0)
        got: set[int] = set()
        dropped: set[int] = set()
        while len(got | dropped) < sent:
            watch.store(B, Entry(NOW + sent, "what is dropped is told with the next message"))
            found = await message(socket)
            got |= {int(at) for item in found["streams"] for at, _ in item["values"]}
            dropped |= {int(item["timestamp"]) for item in found.get("dropped_entries", [])}
            got.discard(NOW + sent)
            dropped.discard(NOW + sent)
    assert dropped
    assert got
    assert not got & dropped
