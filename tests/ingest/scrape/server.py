"""A real HTTP server that can be told what to answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    from types import TracebackType


class MetricServer:
    """Answers every path with `body`; remembers the requests.

    Attributes:
        hold: While cleared, requests wait.
    """

    def __init__(self) -> None:
        self.body = "a 1\n"
        self.status = 200
        self.headers = {"Content-Type": "text/plain; version=0.0.4"}
        self.requests: list[web.Request] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.address = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hold.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        await self.hold.wait()
        response = web.Response(status=self.status, body=self.body.encode(), headers=self.headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response
