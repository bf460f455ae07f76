"""Listeners: sockets first, then applications."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from appliance.api.ports import PortBusy, open_socket
from appliance.api.server import Listeners


def no_grpc() -> object:
    raise AssertionError


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
        no_grpc,  # type: ignore[arg-type]
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
            no_grpc,  # type: ignore[arg-type]
        )
        with pytest.raises(PortBusy):
            listeners.open()
    assert listeners._sockets == {}
