"""HTTP/1 and gRPC on one port: Grafana connects to Tempo's HTTP port for both.

A connection is told by its first bytes: HTTP/2 without TLS begins with `PRI * HTTP/2.0`. Such a
connection is passed, byte by byte, to a gRPC server on a loopback port; every other one is handed
to the HTTP server, with the bytes that were looked at.

Invariant: the gRPC server is started by the first connection that needs it, once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.base.tasks import spawn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from appliance.api.server import GrpcServer

#: Makes the gRPC server that answers on an application's port; it is not started.
GRPC_BESIDE: web.AppKey[Callable[[], GrpcServer]] = web.AppKey("grpc_beside")
_PREFACE = b"PRI * HTTP/2.0\r\n"
_HOST = "127.0.0.1"


class SharedSite(web.BaseSite):
    """A listening socket whose connections are HTTP or gRPC.

    Args:
        runner: Of the HTTP application.
        opened: The socket.
        make_grpc: Makes the gRPC server, when it is first needed.
    """

    def __init__(
        self, runner: web.AppRunner, opened: socket.socket, make_grpc: Callable[[], GrpcServer]
    ) -> None:
        super().__init__(runner)
        self._socket = opened
        self._beside = _Beside(make_grpc)

    @property
    def name(self) -> str:
        """The address, for people."""
        host, port, *_ = self._socket.getsockname()
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Take connections."""
        await super().start()
        server = self._runner.server
        if server is None:  # cannot be: the runner has been set up
            raise RuntimeError("the runner has no server")
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _FirstBytes(server, self._beside), sock=self._socket
        )

    async def stop(self) -> None:
        """Take no more connections; calls that run over gRPC are finished."""
        await super().stop()
        await self._beside.stop()


class _Beside:
    """The gRPC server, once somebody has come for it.

    Attributes:
        open: Connections that are not HTTP, or not yet.
    """

    def __init__(self, make: Callable[[], GrpcServer]) -> None:
        self._make = make
        self._starting: asyncio.Task[int] | None = None
        self._server: GrpcServer | None = None
        self.open: set[asyncio.Transport] = set()

    async def port(self) -> int:
        """Where it listens; starts it the first time."""
        if self._starting is None:
            self._starting = spawn(self._start(), name="gRPC beside HTTP")
        return await asyncio.shield(self._starting)

    async def _start(self) -> int:
        try:
            server = self._make()
            port = await server.start(_HOST, 0)
        except BaseException:
            self._starting = None  # the next one tries again
            raise
        self._server = server
        return port

    async def stop(self) -> None:
        """Finish the calls, then close all connections."""
        if self._server is not None:
            await self._server.stop()
        for transport in list(self.open):
            transport.close()


class _FirstBytes(asyncio.Protocol):
    """A new connection, until its first bytes tell what it is."""

    _transport: asyncio.Transport

    def __init__(self, http: Callable[[], asyncio.Protocol], beside: _Beside) -> None:
        self._make_http = http
        self._beside = beside
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is known yet."""
        self._transport = transport  # type: ignore[assignment]  # what a server's sockets have
        self._beside.open.add(self._transport)

    def data_received(self, data: bytes) -> None:
        """Decide, as soon as there are enough bytes to tell."""
        self._seen += data
        if self._seen.startswith(_PREFACE):
            near = _End(self._transport, self._beside)
            self._transport.set_protocol(near)
            self._transport.pause_reading()
            spawn(_pass_on(near, self._beside, self._seen), name="gRPC beside HTTP")
        elif not _PREFACE.startswith(self._seen):
            self._beside.open.discard(self._transport)
            http = self._make_http()
            self._transport.set_protocol(http)
            http.connection_made(self._transport)
            http.data_received(self._seen)

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended before anybody knew what it was for."""
        del exc
        self._beside.open.discard(self._transport)


async def _pass_on(near: _End, beside: _Beside, first: bytes) -> None:
    """Connect a client with the gRPC server."""
    try:
        port = await beside.port()
        # The server may speak first, before this goes on: the far end knows at once to whom.
        _, far = await asyncio.get_running_loop().create_connection(
            lambda: _FarEnd(near), _HOST, port
        )
    except OSError:  # it has been logged
        near.transport.close()
        return
    near.meet(far)
    far.transport.write(first)
    if near.transport.is_closing():
        far.transport.close()
    else:
        near.transport.resume_reading()


class _End(asyncio.Protocol):
    """One end of a connection that is passed on: what comes in goes out at the other one."""

    def __init__(self, transport: asyncio.Transport | None, beside: _Beside | None = None) -> None:
        self._own = transport
        self._beside = beside
        self._other: _End | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """Of this end."""
        if self._own is None:  # cannot be: asked for once it is connected
            raise RuntimeError("not connected")
        return self._own

    def meet(self, other: _End) -> None:
        """Tell who gets the bytes."""
        self._other = other

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        if self._other is not None:
            self._other.transport.write(data)

    def eof_received(self) -> bool:
        """Nothing more comes in from here; what comes from the other side still goes out."""
        if self._other is not None and self._other.transport.can_write_eof():
            self._other.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        """This side is slow: the other one waits."""
        if self._other is not None:
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        """See `pause_writing`."""
        if self._other is not None:
            self._other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side is closed, too."""
        del exc
        if self._beside is not None:
            self._beside.open.discard(self.transport)
        if self._other is not None:
            self._other.transport.close()


class _FarEnd(_End):
    """The end at the gRPC server."""

    def __init__(self, near: _End) -> None:
        super().__init__(None)
        self.meet(near)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._own = transport  # type: ignore[assignment]  # what a client's socket has
