"""Answers in pieces."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from aiohttp import web

from appliance.api import streamed
from appliance.api.http import base_app
from tests.api.serving import http_deps, serving


def app(parts: list[bytes]) -> web.Application:
    async def handler(request: web.Request) -> web.StreamResponse:
        def pieces() -> Iterator[bytes]:
            yield from parts

        return await streamed.send(request, pieces(), "text/x; charset=UTF-8")

    found = base_app("test", http_deps())
    found.router.add_get("/", handler)
    return found


async def test_a_small_answer_is_whole() -> None:
    async with serving(app([b"a", b"", b"b"])) as client:
        answer = await client.get("/")
    assert answer.body == b"ab"
    assert answer.headers["Content-Length"] == "2"
    assert answer.headers["Content-Type"] == "text/x; charset=UTF-8"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_large_answer_comes_in_pieces(encoding: str) -> None:
    parts = [bytes([65 + n]) * (1 << 20) for n in range(6)]
    async with serving(app([*parts, b""])) as client:
        answer = await client.get("/", headers={"Accept-Encoding": encoding})
    assert "Content-Length" not in answer.headers
    body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    assert body == b"".join(parts)
