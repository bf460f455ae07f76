"""A Docker daemon with as much of its API as following logs needs."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

_STREAMS = {"stdout": 1, "stderr": 2}


def stamp(time_ns: int) -> str:
    """Nanoseconds of 2026-01-01T00:00 on as Docker writes them."""
    seconds, rest = divmod(time_ns, 10**9)
    return f"2026-01-01T00:{seconds // 60:02d}:{seconds % 60:02d}.{rest:09d}Z"


#: 2026-01-01T00:00:00Z.
EPOCH_NS = 1_767_225_600 * 10**9


@dataclass
class Container:
    number: str
    name: str
    labels: dict[str, str] = field(default_factory=dict)
    terminal: bool = False
    lines: list[tuple[str, int, str]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked_since: list[str] = field(default_factory=list)

    def log(self, text: str, time_ns: int, stream: str = "stdout") -> None:
        """Write a line, or a part of one when it has no newline."""
        self.lines.append((stream, time_ns, text))
        self.changed.set()

    def frame(self, stream: str, time_ns: int, text: str) -> bytes:
        payload = f"{stamp(time_ns)} {text}".encode()
        if self.terminal:
            return payload
        return struct.pack(">BxxxL", _STREAMS[stream], len(payload)) + payload


class FakeDocker:
    """The daemon."""

    def __init__(self) -> None:
        self.containers: dict[str, Container] = {}

    def add(self, number: str, name: str, **facts: object) -> Container:
        container = Container(number, name, **facts)  # type: ignore[arg-type]
        self.containers[number] = container
        return container

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "Id": one.number,
                    "Names": [f"/{one.name}"],
                    "Labels": one.labels,
                    "Ports": [{"PrivatePort": port, "Type": "tcp"} for port in (80, 443)],
                    "HostConfig": {"NetworkMode": "bridge"},
                    "NetworkSettings": {"Networks": {"bridge": {"NetworkID": "n"}}},
                }
                for one in self.containers.values()
            ]
        )

    async def _networks(self, _request: web.Request) -> web.Response:
        return web.json_response([{"Id": "n", "Name": "bridge", "Scope": "local"}])

    async def _inspect(self, request: web.Request) -> web.Response:
        one = self.containers[request.match_info["id"]]
        return web.json_response({"Id": one.number, "Config": {"Tty": one.terminal}})

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        one = self.containers[request.match_info["id"]]
        one.asked_since.append(request.query["since"])
        seconds, _, rest = request.query["since"].partition(".")
        since = int(seconds) * 10**9 + int(rest or 0) - EPOCH_NS
        answer = web.StreamResponse()
        await answer.prepare(request)
        sent = 0
        while one.number in self.containers:
            one.changed.clear()
            for stream, time_ns, text in one.lines[sent:]:
                if time_ns >= since:
                    await answer.write(one.frame(stream, time_ns, text))
            sent = len(one.lines)
            await one.changed.wait()
        return answer

    @asynccontextmanager
    async def serving(self, folder: Path) -> AsyncIterator[str]:
        """Serve at a Unix socket; gives the address for `host`."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/containers/json", self._list),
                web.get("/networks", self._networks),
                web.get("/containers/{id}/json", self._inspect),
                web.get("/containers/{id}/logs", self._logs),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        path = folder / "docker.sock"
        path.unlink(missing_ok=True)
        await web.UnixSite(runner, str(path)).start()
        try:
            yield f"unix://{path}"
        finally:
            await runner.cleanup()
