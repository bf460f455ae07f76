"""HTTP and gRPC on one port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from appliance.api.http import base_app, make_runner
from appliance.api.ports import open_socket
from appliance.api.upgrade import SharedSite
from tests.api.serving import http_deps

Pieces = Callable[[bytes], list[bytes]]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Echo:
    """In place of a gRPC server: sends back what it gets; tells who came."""

    def __init__(self) -> None:
        self.starts = self.stops = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> int:
        self.starts += 1
        self._server = await asyncio.start_server(self._serve, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        self._open.discard(writer)
        await closed(writer)

    async def stop(self, grace_seconds: float = 0.0) -> None:
        del grace_seconds
        self.stops += 1
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def shared(echo: Echo) -> AsyncIterator[int]:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {await request.text()}")

    app = base_app("test", http_deps())
    app.add_routes([web.route("*", "/hello", hello)])
    runner = make_runner(app)
    await runner.setup()
    opened = open_socket("test", "127.0.0.1", 0)
    site = SharedSite(runner, opened, lambda: echo)
    await site.start()
    assert site.name.startswith("http://127.0.0.1:")
    try:
        yield opened.getsockname()[1]
    finally:
        await runner.cleanup()


async def say(port: int, *pieces: bytes, ends: bool = True) -> bytes:
    """What comes back on a connection that says this, piece by piece, and then ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    if ends:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 10)
    await closed(writer)
    return answer


def at_once(data: bytes) -> list[bytes]:
    return [data]


def slowly(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PROPFIND"])
@pytest.mark.parametrize("pieces_of", [at_once, slowly])
async def test_http_is_served_as_ever(method: str, pieces_of: Pieces) -> None:
    echo = Echo()
    request = (
        f"{method} /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    )
    async with shared(echo) as port:
        data = request.encode()
        answer = await say(port, *pieces_of(data), ends=False)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(f"{method} abc".encode())
    assert echo.starts == 0


@pytest.mark.parametrize("pieces_of", [at_once, slowly])
async def test_http2_is_passed_on(pieces_of: Pieces) -> None:
    echo = Echo()
    data = PREFACE + b"x" * 5
    async with shared(echo) as port:
        answers = await asyncio.gather(*[say(port, *pieces_of(data)) for _ in range(5)])
    assert answers == [data] * 5
    assert (echo.starts, echo.stops) == (1, 1)


async def test_a_lot_is_passed_on_in_both_directions() -> None:
    data = PREFACE + bytes(range(256)) * 40_000
    async with shared(Echo()) as port:
        assert await say(port, data) == data


async def test_who_leaves_without_a_word_holds_up_nothing() -> None:
    echo = Echo()
    async with shared(echo) as port:
        assert await say(port) == b""
        assert await say(port, b"PRI") == b""
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        _, open_end = await asyncio.open_connection("127.0.0.1", port)
        open_end.write(PREFACE)
        await open_end.drain()
        assert await say(port, PREFACE) == PREFACE
    for writer in (silent, open_end):
        await closed(writer)
    assert echo.stops == 1


async def test_a_server_that_does_not_start_closes_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Echo):
        async def start(self, host: str, port: int) -> int:
            del host, port
            raise OSError("no")

    async with shared(Broken()) as port:
        assert await say(port, PREFACE) == b""
    assert "gRPC beside HTTP" in caplog.text


class Greeter(Echo):
    """Speaks first, as gRPC servers do, and at once: from a thread that does nothing else."""

    async def start(self, host: str, port: int) -> int:
        self._listening = socket.create_server((host, port))
        threading.Thread(target=self._greet, daemon=True).start()
        bound: int = self._listening.getsockname()[1]
        return bound

    def _greet(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.sendall(b"hello")
                connection.close()

    async def stop(self, grace_seconds: float = 0.0) -> None:
        del grace_seconds
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def test_what_the_server_says_first_is_not_lost() -> None:
    async def answers() -> list[bytes]:
        async with shared(Greeter()) as port:
            return [await say(port, PREFACE, ends=False) for _ in range(200)]

    uvloop = pytest.importorskip("uvloop")  # which may read before it goes on with who connected
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(answers()) == [b"hello"] * 200
