"""Asking targets over HTTP."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from appliance.base.clock import SystemClock
from appliance.base.errors import ApplianceError, BadInput
from appliance.config.http_client import TlsConfig
from appliance.http_client.client import tls_context
from appliance.ingest.discovery.static import TargetGroup
from appliance.ingest.scrape.client import JobClient, Page, accept_header
from appliance.ingest.scrape.config import ScrapeProtocol
from appliance.ingest.scrape.target import build_targets
from tests.ingest.scrape.appender import job_of
from tests.ingest.scrape.server import MetricServer
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


TEXT = b"".join(b'm{i="%d"} %d\n' % (i, i * 7919 % 1000) for i in range(2000))
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


@pytest.fixture
async def server() -> AsyncIterator[MetricServer]:
    async with MetricServer() as running:
        yield running


async def fetch(address: str, job: str = "", *, max_body_bytes: int = 1 << 20) -> Page:
    config = job_of(job)
    (target,) = build_targets(config, [TargetGroup("0", [{"__address__": address}], {})]).targets
    async with aiohttp.ClientSession() as session:
        client = JobClient(config, lambda: session, SystemClock(), max_body_bytes=max_body_bytes)
        return await client.fetch(target)


async def test_requests_carry_the_headers_of_prometheus(server: MetricServer) -> None:
    page = await fetch(server.address, "scrape_timeout: 2500ms, params: {x: [y]}")
    assert page == Page(b"a 1\n", "text/plain; version=0.0.4")
    (request,) = server.requests
    assert request.path_qs == "/metrics?x=y"
    assert request.headers["Accept"] == (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    assert request.headers["Accept-Encoding"] == "gzip"
    assert request.headers["X-Prometheus-Scrape-Timeout-Seconds"] == "2.5"
    assert "Authorization" not in request.headers


def test_only_the_wanted_formats_are_asked_for() -> None:
    protocols = [ScrapeProtocol.PROTO, ScrapeProtocol.TEXT_0]
    assert accept_header(protocols) == (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
        "encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4"
    )


@pytest.mark.parametrize(
    ("job", "start"),
    [
        ("scrape_native_histograms: true", "application/vnd.google.protobuf;"),
        (
            "metric_name_validation_scheme: legacy",
            "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6",
        ),
        (
            "metric_name_escaping_scheme: dots",
            "application/openmetrics-text;version=1.0.0;escaping=dots;q=0.6",
        ),
    ],
)
async def test_formats_follow_the_job(server: MetricServer, job: str, start: str) -> None:
    await fetch(server.address, job)
    assert server.requests[0].headers["Accept"].startswith(start)


@pytest.mark.parametrize(
    ("job", "header", "value"),
    [
        ("basic_auth: {username: u, password: p}", "Authorization", "Basic dTpw"),
        ("bearer_token: t", "Authorization", "Bearer t"),
        ("authorization: {credentials: t}", "Authorization", "Bearer t"),
        ("authorization: {type: Token, credentials: t}", "Authorization", "Token t"),
        ("http_headers: {X-A: {values: [b], secrets: [c]}}", "X-A", "b, c"),
        ("enable_compression: false", "Accept-Encoding", "identity"),
    ],
)
async def test_logins_and_headers(server: MetricServer, job: str, header: str, value: str) -> None:
    await fetch(server.address, job)
    assert server.requests[0].headers[header] == value


async def test_secrets_in_files_are_read_anew(server: MetricServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    for token in ("one", "two"):
        file.write_text(token + "\n")
        await fetch(server.address, f"bearer_token_file: {file}")
    assert [r.headers["Authorization"] for r in server.requests] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize(
    ("job", "status", "body", "message"),
    [
        ("", 404, "", "server returned HTTP status 404 Not Found"),
        ("body_size_limit: 100B", 200, "x" * 101, "body size limit exceeded"),
        ("follow_redirects: false", 302, "", "server returned HTTP status 302 Found"),
        ("bearer_token_file: /nope", 200, "", "No such file or directory: '/nope'"),
    ],
)
async def test_bad_answers_are_named(
    server: MetricServer, job: str, status: int, body: str, message: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(ApplianceError) as caught:
        await fetch(server.address, job)
    assert message in caught.value.message


async def test_a_long_answer_is_refused_even_if_the_job_sets_no_limit(server: MetricServer) -> None:
    server.body = "x" * 200_000  # 200 bytes when compressed
    with pytest.raises(ApplianceError, match="body size limit exceeded"):
        await fetch(server.address, max_body_bytes=100_000)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (gzip.compress(TEXT), TEXT),
        (gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), TEXT),
        (gzip.compress(TEXT)[:-4], "unexpected EOF"),
        (gzip.compress(TEXT)[:500], "unexpected EOF"),
        (b"", "unexpected EOF"),
        (TEXT, "the body is not gzip"),
        (gzip.compress(b"a" * (5 << 20)), "body size limit exceeded"),
    ],
)
async def test_gzip_is_read_to_its_end(body: bytes, outcome: str | bytes) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
        return web.Response(body=body, headers=headers)

    async with serving(answer) as address:
        if isinstance(outcome, bytes):
            assert (await fetch(address)).body == outcome
        else:
            with pytest.raises(ApplianceError, match=outcome):
                await fetch(address)


async def test_a_slow_answer_times_out(server: MetricServer) -> None:
    server.hold.clear()
    with pytest.raises(ApplianceError, match="context deadline exceeded"):
        await fetch(server.address, "scrape_timeout: 20ms")


async def test_nobody_there() -> None:
    with pytest.raises(
        ApplianceError,
        match=(
            'Get "http://127.0.0.1:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused'
        ),
    ):
        await fetch("127.0.0.1:1")


@pytest.mark.parametrize("given", ["", "text/html; charset=utf-8"])
async def test_unknown_formats_need_a_fallback(server: MetricServer, given: str) -> None:
    server.headers = {"Content-Type": given}
    with pytest.raises(BadInput, match="no fallback_scrape_protocol specified for target"):
        await fetch(server.address)
    page = await fetch(server.address, "fallback_scrape_protocol: PrometheusText0.0.4")
    assert page.content_type == "text/plain;version=0.0.4"


def test_broken_certificates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tls_config: "):
        tls_context(TlsConfig(ca_file=str(tmp_path / "none.pem")))


def test_checks_can_be_switched_off() -> None:
    context = tls_context(TlsConfig(insecure_skip_verify=True))
    assert (context.check_hostname, context.verify_mode) == (False, 0)
