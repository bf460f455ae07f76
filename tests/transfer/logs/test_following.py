"""Following over WebSocket, from a server that breaks off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput
from appliance.transfer.logs.following import TAIL, Followed, follow


class Hasty(ManualClock):
    """Its sleeps end at once and are noted."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def message(*entries: tuple[int, str], dropped: int = 0) -> str:
    values = [[str(time), line, {"structuredMetadata": {"m": "1"}}] for time, line in entries]
    document: dict[str, Any] = {"streams": [{"stream": {"app": "x"}, "values": values}]}
    if dropped:
        document["dropped_entries"] = [{"timestamp": "1", "labels": {}}] * dropped
    return orjson.dumps(document).decode()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    servers = []

    async def start(*connections: list[str] | int) -> tuple[Followed, list[dict[str, str]]]:
        left, asked = list(connections), []

        async def tail(request: web.Request) -> web.StreamResponse:
            if "Upgrade" not in request.headers:
                return web.Response(status=400, text="parse error : no\n")
            asked.append({**request.query, "tenant": request.headers["X-Scope-OrgID"]})
            messages = left.pop(0) if left else []
            if isinstance(messages, int):
                return web.Response(status=messages)
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            for text in messages:
                await socket.send_str(text)
            await socket.close()
            return socket

        app = web.Application()
        app.router.add_get(TAIL, tail)
        server = TestServer(app)
        servers.append(server)
        await server.start_server()
        headers = {"X-Scope-OrgID": "t"}
        return Followed(str(server.make_url("")), '{app="x"}', headers, 5, 10), asked

    yield start
    for server in servers:
        await server.close()


async def test_goes_on_after_breaks_without_repeating(serve: Callable[..., Any]) -> None:
    what, asked = await serve(
        [message((6, "a"), (7, "b")), message((7, "c"), dropped=2)],
        503,
        503,
        [message((7, "b"), (7, "c"), (7, "d"), (8, "a")), message((3, "late"))],
        [message((8, "a"), (9, "end"))],
    )
    clock, found = Hasty(), []
    told: list[str] = []
    async for rows in follow(what, clock, told.append):
        found += [(row.time_ns, row.line) for row in rows]
        assert all(row.labels == {"app": "x", "m": "1"} for row in rows)
        if found[-1][1] == "end":
            break
    assert found == [(6, "a"), (7, "b"), (7, "c"), (7, "d"), (8, "a"), (3, "late"), (9, "end")]
    starts = [(one["start"], one["limit"]) for one in asked]
    assert starts == [("5", "10"), ("7", "5000"), ("7", "5000"), ("7", "5000"), ("8", "5000")]
    assert asked[0]["tenant"] == "t"
    assert clock.slept == [1, 2, 4, 1]
    assert "2 entries were left out" in told[0]
    assert told[1].endswith("connecting again in 1 s")


async def test_a_refusal_is_told(serve: Callable[..., Any]) -> None:
    what, _ = await serve(400)
    with pytest.raises(BadInput, match="HTTP 400: parse error : no"):
        await anext(follow(what, Hasty(), print))
