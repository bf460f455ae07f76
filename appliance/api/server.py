"""The listeners as one component: sockets first, then applications, datagrams and gRPC.

Invariant: sockets are opened before anything else starts, so that a busy port costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from appliance.api.http import HTTP, make_runner
from appliance.api.listeners import BY_NAME, Transport
from appliance.api.ports import PortBusy, busy, open_socket, open_udp_socket
from appliance.api.upgrade import GRPC_BESIDE, SharedSite

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

#: Seconds that running requests may take to finish when the server stops.
_GRACE_SECONDS = 3.0


class GrpcServer(Protocol):
    """A gRPC server that binds its own port."""

    async def start(self, host: str, port: int) -> int:
        """Listen; the result is the port."""
        ...

    async def stop(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Finish running calls."""
        ...


class Listeners:
    """All listeners of the server.

    Args:
        addresses: Host and port by listener name; port 0 picks a free one.
        make_app: The application of an HTTP listener; called once the stores are open.
        make_grpc: The server of a gRPC listener.
        make_udp: What takes the datagrams of a socket.
    """

    name = "listeners"

    def __init__(
        self,
        addresses: Mapping[str, tuple[str, int]],
        make_app: Callable[[str], web.Application],
        *,
        make_grpc: Callable[[str], GrpcServer],
        make_udp: Callable[[str, socket.socket], asyncio.DatagramProtocol],
    ) -> None:
        self._addresses = addresses
        self._make_app = make_app
        self._make_grpc = make_grpc
        self._make_udp = make_udp
        self._sockets: dict[str, socket.socket] = {}
        self._runners: list[web.AppRunner] = []
        self._datagrams: list[asyncio.DatagramTransport] = []
        self._grpc: list[GrpcServer] = []
        self._bound: dict[str, tuple[str, int]] = {}

    def open(self) -> None:
        """Open the sockets; gRPC opens its own later.

        Raises:
            PortBusy: One of them is taken; none stays open.
        """
        openers = {Transport.HTTP: open_socket, Transport.UDP: open_udp_socket}
        try:
            for name, (host, port) in self._addresses.items():
                open_ = openers.get(BY_NAME[name].transport)
                if open_ is not None:
                    opened = open_(name, host, port)
                    self._sockets[name] = opened
                    self._bound[name] = (host, opened.getsockname()[1])
        except PortBusy:
            self.close()
            raise

    def close(self) -> None:
        """Close sockets that nobody serves yet."""
        for opened in self._sockets.values():
            opened.close()
        self._sockets.clear()

    async def start(self) -> None:
        """Serve on every socket, then start gRPC.

        Raises:
            PortBusy: A gRPC port is taken.
        """
        for name, opened in self._sockets.items():
            if BY_NAME[name].transport is Transport.UDP:
                await self._receive(name, opened)
            else:
                await self._serve(name, opened)
        for name, (host, port) in self._addresses.items():
            if BY_NAME[name].transport is not Transport.GRPC:
                continue
            server = self._make_grpc(name)
            try:
                self._bound[name] = (host, await server.start(host, port))
            except OSError as error:
                raise busy(name, host, port, error) from error
            self._grpc.append(server)

    async def _serve(self, name: str, opened: socket.socket) -> None:
        runner = make_runner(self._make_app(name))
        await runner.setup()
        make_grpc = runner.app.get(GRPC_BESIDE)
        if make_grpc is None:
            await web.SockSite(runner, opened).start()
        else:
            await SharedSite(runner, opened, make_grpc).start()
        self._runners.append(runner)

    async def _receive(self, name: str, opened: socket.socket) -> None:
        protocol = self._make_udp(name, opened)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: protocol, sock=opened
        )
        self._datagrams.append(transport)

    async def run(self) -> None:
        """Nothing by itself: the event loop serves."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Take no new connections, finish the requests that run, also those still coming in."""
        for transport in self._datagrams:
            transport.close()
        stopping = [server.stop(_GRACE_SECONDS) for server in self._grpc]
        await asyncio.gather(*stopping, self._stop_http())

    async def _stop_http(self) -> None:
        """Drain before cleaning up, because then aiohttp drops what still comes in of a body."""
        for runner in self._runners:
            for site in runner.sites:
                await site.stop()
        gates = {deps.gate for runner in self._runners if (deps := runner.app.get(HTTP))}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                for gate in gates:
                    await gate.drain()
        await asyncio.gather(*[runner.cleanup() for runner in self._runners])

    def urls(self) -> dict[str, str]:
        """Base URL by listener name, in the table's order; `host:port` for others."""
        found = {}
        for name in BY_NAME:
            if name in self._bound:
                host, port = self._bound[name]
                shown = _reachable(host)
                is_http = BY_NAME[name].transport is Transport.HTTP
                found[name] = f"http://{shown}:{port}" if is_http else f"{shown}:{port}"
        return found


def _reachable(host: str) -> str:
    """The host to connect to from this machine."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
