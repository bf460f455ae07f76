"""Real HTTP servers of a few lines, over TCP, TLS or a Unix socket."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, socket: Path | None = None
) -> AsyncIterator[str]:
    """A server that gives every request to `handler`; `host:port`, or nothing for a socket."""
    server = web.Server(handler)  # type: ignore[arg-type]  # it gets requests of this kind
    runner = web.ServerRunner(server, shutdown_timeout=0)
    await runner.setup()
    site: web.BaseSite
    if socket is not None:
        site = web.UnixSite(runner, str(socket))
    else:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield "" if socket is not None else "{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()
