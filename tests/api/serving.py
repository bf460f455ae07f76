"""A real server around an application, for tests of the HTTP contracts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDictProxy

from appliance.api.admin import AdminDeps
from appliance.api.gate import Gate
from appliance.api.http import HttpDeps, HttpLimits, make_runner
from appliance.api.query_gate import QueryGate
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry


async def no_reload() -> None:
    """A reload that does nothing."""


def http_deps(**changes: Any) -> HttpDeps:
    telemetry = Telemetry()
    clock = ManualClock()
    admin = AdminDeps(telemetry, lambda: True, list, no_reload, lambda: None)
    queries = QueryGate(4, None, clock)
    deps = HttpDeps(telemetry, clock, admin, Gate(64), queries, HttpLimits(4096, 1 << 20))
    return replace(deps, **changes)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"] == "application/json", self.headers
        return json.loads(self.body)


class Client:
    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self.base = base

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self.request("PUT", path, **options)

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        options.setdefault("headers", {})
        options["headers"].setdefault("Accept-Encoding", "identity")
        async with self._session.request(method, self.base + path, **options) as response:
            return Answer(response.status, response.headers, await response.read())


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Client]:
    runner = make_runner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield Client(session, f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


Maker = Callable[[], web.Application]
