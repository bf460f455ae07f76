"""What all HTTP listeners share."""

from __future__ import annotations

import asyncio
import gzip
import threading

import pytest
from aiohttp import web

from appliance.api import errors
from appliance.api.gate import Gate
from appliance.api.http import base_app, require_token, tenant_of, with_contract
from appliance.api.request import run_query
from appliance.base.errors import BadInput, TimedOut
from appliance.query.limits import QueryGuard, QueryLimits
from tests.api.serving import http_deps, serving


async def show_tenant(request: web.Request) -> web.Response:
    return web.Response(text=tenant_of(request))


async def write(request: web.Request) -> web.Response:
    require_token(request)
    return web.Response(status=204)


async def large(_request: web.Request) -> web.Response:
    return web.Response(body=b"x" * 5000)


async def fail(_request: web.Request) -> web.Response:
    raise BadInput("wrong")


def make_app(**changes: object) -> web.Application:
    app = base_app("ui", http_deps(**changes))
    app.add_routes([web.get("/tenant", show_tenant), web.post("/write", write)])
    app.add_routes([web.get("/large", large), web.get("/fail", fail)])
    app.add_routes(with_contract(errors.prometheus, [web.get("/api/fail", fail)]))
    return app


@pytest.mark.parametrize("tenant", ["acme", "a.b-c_d!'(x)*", "A" * 150])
async def test_tenant_comes_from_the_header(tenant: str) -> None:
    async with serving(make_app()) as client:
        assert (await client.get("/tenant")).text == "anonymous"
        assert (await client.get("/tenant", headers={"X-Scope-OrgID": tenant})).text == tenant


@pytest.mark.parametrize("tenant", ["a/b", "a b", "..", ".", "A" * 151, "ü", "a|b"])
async def test_bad_tenants_are_refused(tenant: str) -> None:
    async with serving(make_app()) as client:
        answer = await client.get("/tenant", headers={"X-Scope-OrgID": tenant})
    assert answer.status == 400
    assert "X-Scope-OrgID" in answer.json["error"]


async def test_errors_have_the_form_of_the_route() -> None:
    async with serving(make_app()) as client:
        assert (await client.get("/fail")).json == {"error": "wrong"}
        assert (await client.get("/api/fail")).json["errorType"] == "bad_data"
        missing = await client.get("/nothing")
    assert (missing.status, missing.json) == (404, {"error": "nothing is served at /nothing"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer no"}, 401),
        ({"Authorization": "Bearer s3cret"}, 204),
        ({"X-OTLP-Token": "s3cret"}, 204),
        ({"Authorization": "Bearer ü"}, 401),
    ],
)
async def test_token_guards_writes(headers: dict[str, str], status: int) -> None:
    async with serving(make_app(token="s3cret")) as client:
        assert (await client.post("/write", headers=headers)).status == status
        assert (await client.get("/tenant")).status == 200
    async with serving(make_app()) as client:
        assert (await client.post("/write", headers=headers)).status == 204


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip", "deflate", "identity", "gzip;q=0"])
async def test_large_answers_are_compressed_when_the_client_can(accepted: str) -> None:
    async with serving(make_app()) as client:
        answer = await client.get("/large", headers={"Accept-Encoding": accepted})
        small = await client.get("/tenant", headers={"Accept-Encoding": accepted})
    can = accepted in {"gzip", "br, gzip"}
    assert answer.headers.get("Content-Encoding") == ("gzip" if can else None)
    assert (gzip.decompress(answer.body) if can else answer.body) == b"x" * 5000
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize("header", ["Authorization: Bearer \xff", "X-OTLP-Token: \xff\xfe"])
async def test_tokens_that_are_no_text_are_wrong_tokens(header: str) -> None:
    request = f"POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{header}\r\n\r\n"
    async with serving(make_app(token="s3cret")) as client:
        port = int(client.base.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.encode("latin-1"))
        assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 401 Unauthorized\r\n"
        writer.close()


async def test_names_of_other_sites_are_refused_on_loopback() -> None:
    async with serving(make_app(host_names=frozenset(["obs.example"]))) as client:
        for host, status in (("evil.example", 403), ("localhost:1", 200), ("obs.example", 200)):
            answer = await client.get("/tenant", headers={"Host": host})
            assert (host, answer.status) == (host, status)
        refused = await client.get("/api/fail", headers={"Host": "evil.example"})
        assert "external_url" in refused.json["error"]
        health = await client.get("/-/healthy", headers={"Host": "evil.example"})
        assert health.status == 200


async def test_where_a_token_is_needed_to_read_any_name_will_do() -> None:
    async with serving(make_app(token="s3cret", is_open=False)) as client:
        headers = {"Host": "obs.example", "Authorization": "Bearer s3cret"}
        assert (await client.get("/tenant", headers=headers)).status == 200
        assert (await client.get("/tenant", headers={"Host": "obs.example"})).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer s3cret"}, 200),
        ({}, 401),
        ({"Authorization": "Bearer s3cret", "Origin": "http://evil.example"}, 403),
        ({"Authorization": "Bearer s3cret", "Origin": "null"}, 403),
    ],
)
async def test_reload_needs_the_token_and_no_foreign_page(
    headers: dict[str, str], status: int
) -> None:
    async with serving(make_app(token="s3cret")) as client:
        assert (await client.post("/-/reload", headers=headers)).status == status


async def test_slots_are_given_back_after_errors() -> None:
    async with serving(make_app(gate=Gate(1))) as client:
        for _ in range(3):
            assert (await client.get("/fail")).status == 400


async def test_query_stops_when_its_time_is_up() -> None:
    deps = http_deps(query_limits=QueryLimits(timeout_seconds=60))

    def work(guard: QueryGuard) -> web.Response:
        deps.clock.advance_now(6)  # type: ignore[attr-defined]  # set below
        guard.check()
        return web.Response()

    async def query(request: web.Request) -> web.Response:
        seconds = float(request.query.get("timeout", "0")) or None
        return await run_query(request, work, timeout_seconds=seconds)

    def advance_now(seconds: float) -> None:
        deps.clock._now_ns += int(seconds * 1e9)  # type: ignore[attr-defined]  # a ManualClock

    deps.clock.advance_now = advance_now  # type: ignore[attr-defined]
    app = base_app("ui", deps)
    app.add_routes([web.get("/query", query)])
    async with serving(app) as client:
        assert (await client.get("/query")).status == 200
        assert (await client.get("/query?timeout=5")).status == 504
        assert (await client.get("/query?timeout=500")).status == 200


async def test_query_stops_when_the_client_leaves() -> None:
    started, stopped = threading.Event(), threading.Event()

    def work(guard: QueryGuard) -> web.Response:
        started.set()
        try:
            while True:
                guard.check()
        except TimedOut:
            stopped.set()
            raise

    async def query(request: web.Request) -> web.Response:
        return await run_query(request, work)

    app = base_app("ui", http_deps())
    app.add_routes([web.get("/query", query)])
    async with serving(app) as client:
        asking = asyncio.ensure_future(client.get("/query"))
        await asyncio.to_thread(started.wait, 5)
        asking.cancel()
        assert await asyncio.to_thread(stopped.wait, 5)
        metrics = (await client.get("/metrics")).text
    assert 'appliance_api_requests_total{code="499",listener="ui"} 1.0' in metrics


async def test_clients_that_do_not_speak_http_are_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(make_app()) as client:
        port = int(client.base.rsplit(":", 1)[1])
        for text in (
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"\x16\x03\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(text)
            assert b" 400 " in await reader.readuntil(b"\r\n")
            writer.close()
    assert caplog.records == []
