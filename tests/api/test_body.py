"""Bodies: limits, encodings, damage."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest
from aiohttp import web
from cramjam import lz4

from appliance.api.gate import Gate
from appliance.api.http import HttpLimits, base_app
from appliance.api.request import body_of, parameters_of
from appliance.base.zstd import compress
from tests.api.serving import http_deps, serving

TEXT = b"some text, some text, some text. " * 20
BARE = zlib.compressobj(wbits=-15)
BARE_BODY = BARE.compress(TEXT) + BARE.flush()


def make_echo(limit: int = 4096, **changes: object) -> web.Application:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await body_of(request, raw=("snappy",)))

    async def form(request: web.Request) -> web.Response:
        found = await parameters_of(request)
        return web.json_response([*found.items()])

    app = base_app("ui", http_deps(limits=HttpLimits(limit, 1 << 20), **changes))
    app.add_routes([web.post("/echo", echo), web.post("/form", form), web.get("/form", form)])
    return app


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT[:40], mtime=0) + gzip.compress(TEXT[40:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", BARE_BODY),
        ("zstd", compress(TEXT)),
        ("lz4", bytes(lz4.compress(TEXT))),
        ("snappy", TEXT),
    ],
)
async def test_bodies_arrive_decompressed(encoding: str, body: bytes) -> None:
    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=body, headers={"Content-Encoding": encoding})
    assert (answer.status, answer.body) == (200, TEXT)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", b""),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-1]),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"rest"),
        ("deflate", b"no deflate"),
        ("deflate", zlib.compress(TEXT)[:-5]),
        ("zstd", b"no zstd"),
        ("zstd", compress(TEXT)[:-3]),
        ("lz4", b"no lz4"),
        ("lz4", b""),
        ("lz4", bytes(lz4.compress(TEXT))[:-3]),
    ],
)
async def test_damaged_bodies_are_refused(encoding: str, body: bytes) -> None:
    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=body, headers={"Content-Encoding": encoding})
    assert answer.status == 400
    assert "request body cannot be decompressed" in answer.json["error"]


async def test_unknown_encodings_are_refused_by_name() -> None:
    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=b"x", headers={"Content-Encoding": "br"})
    assert answer.status == 415
    assert 'Content-Encoding "br" not supported; use' in answer.json["error"]


@pytest.mark.parametrize(
    ("encoding", "body", "setting"),
    [
        ("", b"x" * 4097, "limits.body_bytes"),
        (
            "gzip",
            gzip.compress(bytes((1 << 20) + 1), mtime=0),
            "limit of 1048576 bytes (limits.decompressed_bytes",
        ),
        (
            "gzip",
            gzip.compress(b"x", mtime=0) * 2 + gzip.compress(bytes(1 << 20), mtime=0),
            "limit of 1048576 bytes",
        ),
        ("deflate", zlib.compress(bytes((1 << 20) + 1)), "limits.decompressed_bytes"),
        ("zstd", compress(bytes((1 << 20) + 1)), "limits.decompressed_bytes"),
    ],
)
async def test_large_bodies_are_refused_with_the_setting(
    encoding: str, body: bytes, setting: str
) -> None:
    async def chunked(data: bytes) -> object:
        return data

    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=body, headers={"Content-Encoding": encoding})
    assert answer.status == 413
    assert setting in answer.json["error"]


async def test_a_large_lz4_body_is_refused_with_the_setting() -> None:
    body = bytes(lz4.compress(bytes((1 << 20) + 1)))
    async with serving(make_echo(limit=2 * len(body))) as client:
        answer = await client.post("/echo", data=body, headers={"Content-Encoding": "lz4"})
    assert answer.status == 413
    assert "limits.decompressed_bytes" in answer.json["error"]


async def test_members_of_a_gzip_file_are_counted_and_zeros_between_them_skipped() -> None:
    member = gzip.compress(b"")
    padded = (gzip.compress(b"a") + bytes(70_000)) * 2 + gzip.compress(b"b")
    async with serving(make_echo(limit=1 << 20)) as client:
        headers = {"Content-Encoding": "gzip"}
        few = await client.post("/echo", data=padded, headers=headers)
        many = await client.post("/echo", data=member * 10_001, headers=headers)
    assert (few.status, few.body) == (200, b"aab")
    assert many.status == 400
    assert "10000 gzip members" in many.json["error"]


async def test_slow_senders_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> object:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    monkeypatch.setattr("appliance.api.body._PATIENCE_SECONDS", 0.1)
    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=pieces())
    assert answer.status == 408
    assert "too slowly" in answer.json["error"]


async def test_limit_holds_without_a_content_length() -> None:
    async def pieces() -> object:
        for _ in range(9):
            yield b"x" * 512

    async with serving(make_echo()) as client:
        answer = await client.post("/echo", data=pieces())
    assert answer.status == 413


async def test_a_form_comes_before_the_url() -> None:
    async with serving(make_echo()) as client:
        posted = await client.post("/form?a=url&b=url", data={"a": "form", "c": ""})
        read = await client.get("/form?a=url&a=2")
        other = await client.post("/form?a=url", json={"a": "form"})
    assert posted.body == b'[["a", "form"], ["c", ""], ["a", "url"], ["b", "url"]]'
    assert read.body == b'[["a", "url"], ["a", "2"]]'
    assert other.body == b'[["a", "url"]]'


async def test_bodies_of_all_requests_together_are_bounded() -> None:
    gate = Gate(8, max_bytes=1000)
    app = make_echo(gate=gate)
    async with serving(app) as client:
        packed = gzip.compress(bytes(960))
        assert (await client.post("/echo", data=bytes(1000))).status == 200
        over = await client.post("/echo", data=bytes(1001))
        headers = {"Content-Encoding": "gzip"}
        assert (await client.post("/echo", data=packed, headers=headers)).status == 200
        gate.hold(50)
        unpacked = await client.post("/echo", data=packed, headers=headers)
        gate.release(50)
        assert (await client.post("/echo", data=bytes(1000))).status == 200
    assert (over.status, unpacked.status) == (503, 503)
    assert "more than 1000 bytes" in over.json["error"]
