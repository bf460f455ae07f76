"""The listener of a `loki_push_api` job."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import aiohttp
import pytest

from appliance.api.loki.promtail_push import listen, make_app
from appliance.base.errors import Unavailable
from appliance.model.log import StreamBatch
from tests.api.serving import http_deps, serving


class Taker:
    def __init__(self) -> None:
        self.streams: list[tuple[dict[str, str], list[bytes], str]] = []
        self.bodies: list[bytes] = []

    async def take_streams(self, streams: Sequence[StreamBatch], tenant: str) -> None:
        self.streams += [(dict(one.labels), list(one.lines), tenant) for one in streams]

    async def take_lines(self, body: bytes) -> None:
        self.bodies.append(body)


PUSH = {"streams": [{"stream": {"a": "b"}, "values": [["1767225600000000000", "x"]]}]}


async def test_pushes_and_raw_lines_are_taken() -> None:
    taker = Taker()
    async with serving(make_app(http_deps(), taker)) as client:
        pushed = await client.post(
            "/loki/api/v1/push", json=PUSH, headers={"X-Scope-OrgID": "team"}
        )
        raw = await client.post("/promtail/api/v1/raw", data=b"one\ntwo\n")
        ready = await client.get("/ready")
    assert (pushed.status, raw.status, ready.status) == (204, 204, 200)
    assert taker.streams == [({"a": "b"}, [b"x"], "team")]
    assert taker.bodies == [b"one\ntwo\n"]


async def test_what_cannot_be_read_is_refused() -> None:
    async with serving(make_app(http_deps(), Taker())) as client:
        answer = await client.post("/loki/api/v1/push", json={"streams": 1})
        nobody = await client.post(
            "/loki/api/v1/push", json=PUSH, headers={"X-Scope-OrgID": "../other"}
        )
    assert (answer.status, nobody.status) == (400, 400)


async def test_a_listener_opens_and_closes() -> None:
    taker = Taker()
    port, close = await listen(http_deps(), "127.0.0.1", 0, taker)
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/promtail/api/v1/raw"
        async with session.post(url, data=b"x") as answer:
            assert answer.status == 204
        await close()
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.post(url, data=b"x")


async def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match="the address is taken"):
            await listen(http_deps(), "127.0.0.1", port, Taker())
