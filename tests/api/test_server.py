"""Listeners: sockets first, then applications."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from appliance.api.http import base_app
from appliance.api.ports import PortBusy, open_socket
from appliance.api.request import body_of
from appliance.api.server import Listeners
from tests.api.serving import http_deps


def no_grpc(name: str) -> Any:
    raise AssertionError(name)


def no_udp(name: str, opened: socket.socket) -> Any:
    raise AssertionError(name, opened)


def make_app(name: str) -> web.Application:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text=name)

    app = web.Application()
    app.router.add_get("/", hello)
    return app


@pytest.fixture(autouse=True)
def _plain_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.api.server.make_runner", web.AppRunner)


async def test_each_listener_serves_its_application_until_stopped() -> None:
    listeners = Listeners(
        {"loki": ("127.0.0.1", 0), "tempo": ("127.0.0.1", 0)},
        make_app,
        make_grpc=no_grpc,
        make_udp=no_udp,
    )
    listeners.open()
    await listeners.start()
    async with aiohttp.ClientSession() as session:
        for name, url in listeners.urls().items():
            async with session.get(url) as answer:
                assert await answer.text() == name
        await listeners.stop()
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(listeners.urls()["loki"])


async def test_busy_port_leaves_no_socket_open() -> None:
    with open_socket("tempo", "127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        listeners = Listeners(
            {"loki": ("127.0.0.1", 0), "tempo": ("127.0.0.1", port)},
            make_app,
            make_grpc=no_grpc,
            make_udp=no_udp,
        )
        with pytest.raises(PortBusy):
            listeners.open()
    assert listeners._sockets == {}


async def test_a_request_that_is_still_coming_in_is_answered_before_the_end() -> None:
    entered = asyncio.Event()

    async def echo(request: web.Request) -> web.Response:
        entered.set()
        return web.Response(body=await body_of(request))

    app = base_app("loki", http_deps())
    app.add_routes([web.post("/echo", echo)])
    listeners = Listeners(
        {"loki": ("127.0.0.1", 0)},
        lambda _: app,
        make_grpc=no_grpc,
        make_udp=no_udp,
    )
    listeners.open()
    await listeners.start()
    port = int(listeners.urls()["loki"].rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
    await entered.wait()
    stopping = asyncio.ensure_future(listeners.stop())
    for _ in range(20):  # so that it has closed what it closes
        await asyncio.sleep(0)
    writer.write(b"cd")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer
    assert answer.endswith(b"abcd")
    await asyncio.wait_for(stopping, 5)
    writer.close()


class Packets(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _address: Any) -> None:
        self.came.put_nowait(data)


async def test_datagrams_are_taken_until_stopped() -> None:
    packets = Packets()
    name = "jaeger_thrift_udp"
    listeners = Listeners(
        {name: ("127.0.0.1", 0)}, make_app, make_grpc=no_grpc, make_udp=lambda *_: packets
    )
    listeners.open()
    await listeners.start()
    host, port = listeners.urls()[name].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x" * 65_000, (host, int(port)))
        assert await asyncio.wait_for(packets.came.get(), 5) == b"x" * 65_000
        await listeners.stop()
        await asyncio.sleep(0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind((host, int(port)))  # it is free


async def test_grpc_listeners_are_started_and_stopped() -> None:
    class Server:
        def __init__(self) -> None:
            self.events: list[object] = []

        async def start(self, host: str, port: int) -> int:
            self.events.append((host, port))
            return 4321

        async def stop(self, grace_seconds: float = 5.0) -> None:
            self.events.append(grace_seconds > 0)

    server = Server()
    listeners = Listeners(
        {"jaeger_grpc": ("127.0.0.1", 0)},
        make_app,
        make_grpc=lambda _: server,
        make_udp=no_udp,
    )
    listeners.open()
    await listeners.start()
    assert listeners.urls() == {"jaeger_grpc": "127.0.0.1:4321"}
    await listeners.stop()
    assert server.events == [("127.0.0.1", 0), True]
