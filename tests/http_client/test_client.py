"""Requests as an `<http_config>` wants them, against real servers."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import trustme
from aiohttp import web

from appliance.base.clock import ManualClock
from appliance.base.errors import ApplianceError, BadInput, Unavailable
from appliance.config.http_client import HttpClientConfig, TlsConfig, TlsVersion
from appliance.config.load import load_text
from appliance.http_client.client import HttpClient, tls_context
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from pathlib import Path


def config_of(text: str) -> HttpClientConfig:
    decoded = load_text(HttpClientConfig, text, file="x.yml")
    assert decoded.ok, [problem.render() for problem in decoded.problems]
    assert decoded.value is not None
    return decoded.value


async def get(url: str, config: HttpClientConfig, clock: ManualClock | None = None) -> str:
    async with aiohttp.ClientSession() as session:
        client = HttpClient(config, lambda: session, clock or ManualClock())
        async with client.request(url, timeout_seconds=5) as response:
            return f"{response.status} {await response.text()}"


class Tokens:
    """A server that gives tokens and shows what it is asked for."""

    def __init__(self, *, in_body: bool = False, answer: dict[str, Any] | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.in_body = in_body
        self.answer = {"token_type": "bearer", "expires_in": 60} if answer is None else answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/token":
            return web.Response(text=request.headers.get("Authorization", "nobody"))
        form = {name: str(value) for name, value in (await request.post()).items()}
        login = request.headers.get("Authorization", "")
        self.requests.append((login, form))
        is_known = form.get("client_secret") == "s" if self.in_body else login == "Basic Yzpz"
        if not is_known:
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": f"t{len(self.requests)}"} | self.answer)


def oauth(address: str, more: str = "") -> HttpClientConfig:
    url = f"http://{address}/token"
    return config_of(
        f"oauth2: {{client_id: c, client_secret: s, token_url: '{url}', scopes: [a, b], {more}}}"
    )


async def test_oauth2_tokens_are_kept_until_shortly_before_they_expire() -> None:
    tokens, clock = Tokens(), ManualClock()
    async with serving(tokens.handle) as address, aiohttp.ClientSession() as session:
        config = oauth(address, "endpoint_params: {audience: x}")
        client = HttpClient(config, lambda: session, clock)
        found = []
        for seconds in (0, 49, 1):
            await clock.advance(seconds)
            async with client.request(f"http://{address}/", timeout_seconds=5) as response:
                found.append(await response.text())
    assert found == ["Bearer t1", "Bearer t1", "Bearer t2"]
    login, form = tokens.requests[0]
    assert login == "Basic Yzpz"
    assert form == {"grant_type": "client_credentials", "scope": "a b", "audience": "x"}


async def test_a_server_may_want_the_client_in_the_body() -> None:
    tokens = Tokens(in_body=True, answer={})
    async with serving(tokens.handle) as address:
        assert await get(f"http://{address}/", oauth(address)) == "200 Bearer t2"
    assert tokens.requests[1][1]["client_id"] == "c"


async def test_no_token_is_an_error() -> None:
    tokens = Tokens()
    async with serving(tokens.handle) as address:
        config = config_of(
            f"oauth2: {{client_id: c, client_secret: no, token_url: 'http://{address}/token'}}"
        )
        with pytest.raises(Unavailable, match="oauth2: cannot fetch token: 401"):
            await get(f"http://{address}/", config)
        tokens.answer = {"access_token": ""}
        with pytest.raises(Unavailable, match="missing access_token"):
            await get(f"http://{address}/", oauth(address))


async def test_a_secret_in_a_file_may_be_exchanged(tmp_path: Path) -> None:
    tokens, secret = Tokens(), tmp_path / "secret"
    async with serving(tokens.handle) as address, aiohttp.ClientSession() as session:
        config = config_of(
            f"oauth2: {{client_id: c, client_secret_file: '{secret}',"
            f" token_url: 'http://{address}/token'}}"
        )
        client = HttpClient(config, lambda: session, ManualClock())
        secret.write_text("wrong\n")
        with pytest.raises(Unavailable):
            async with client.request(f"http://{address}/", timeout_seconds=5):
                pass
        secret.write_text("s\n")
        async with client.request(f"http://{address}/", timeout_seconds=5) as response:
            assert await response.text() == "Bearer t3"


async def test_requests_go_through_the_proxy() -> None:
    async def proxy(request: web.Request) -> web.StreamResponse:
        login = request.headers.get("Proxy-Authorization", "")
        return web.Response(text=f"proxy for {request.url} {login}")

    async with serving(proxy) as address:
        target = "http://far.example:81/metrics"
        found = await get(target, config_of(f"proxy_url: 'http://u:p@{address}'"))
        assert found == f"200 proxy for {target} Basic dTpw"


class Authority:
    """A certificate authority, a server and a client that it knows."""

    def __init__(self, directory: Path) -> None:
        self.ca = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self.ca.cert_pem.write_to_path(self.ca_file)
        self.cert_file, self.key_file = directory / "client.pem", directory / "client.key"
        client = self.ca.issue_cert("client@example.org")
        client.cert_chain_pems[0].write_to_path(self.cert_file)
        client.private_key_pem.write_to_path(self.key_file)

    def server(self, name: str, *, wants_client: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(name).configure_cert(context)
        if wants_client:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


async def hello(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello")


async def test_certificates_are_checked(tmp_path: Path) -> None:
    known = Authority(tmp_path)
    async with serving(hello, tls=known.server("127.0.0.1")) as address:
        url = f"https://{address}/"
        with pytest.raises(Unavailable, match="certificate verify failed"):
            await get(url, HttpClientConfig())
        tls = TlsConfig(ca_file=str(known.ca_file))
        assert await get(url, HttpClientConfig(tls_config=tls)) == "200 hello"
        inline = TlsConfig(ca=known.ca_file.read_text())
        assert await get(url, HttpClientConfig(tls_config=inline)) == "200 hello"
        careless = TlsConfig(insecure_skip_verify=True)
        assert await get(url, HttpClientConfig(tls_config=careless)) == "200 hello"


async def test_the_name_to_expect_may_be_another_one(tmp_path: Path) -> None:
    known = Authority(tmp_path)
    async with serving(hello, tls=known.server("inner.example")) as address:
        tls = TlsConfig(ca_file=str(known.ca_file), server_name="inner.example")
        assert await get(f"https://{address}/", HttpClientConfig(tls_config=tls)) == "200 hello"


async def test_client_certificates_are_shown(tmp_path: Path) -> None:
    known = Authority(tmp_path)
    async with serving(hello, tls=known.server("127.0.0.1", wants_client=True)) as address:
        tls = TlsConfig(
            ca_file=str(known.ca_file),
            cert_file=str(known.cert_file),
            key_file=str(known.key_file),
        )
        assert await get(f"https://{address}/", HttpClientConfig(tls_config=tls)) == "200 hello"
        with pytest.raises(Unavailable):
            await get(
                f"https://{address}/",
                HttpClientConfig(tls_config=TlsConfig(ca_file=str(known.ca_file))),
            )


async def test_exchanged_certificates_are_taken_over(tmp_path: Path) -> None:
    known = Authority(tmp_path)
    ca_file = tmp_path / "current.pem"
    ca_file.write_text("")
    config = HttpClientConfig(tls_config=TlsConfig(ca_file=str(ca_file)))
    async with (
        serving(hello, tls=known.server("127.0.0.1")) as address,
        aiohttp.ClientSession() as session,
    ):
        client = HttpClient(config, lambda: session, ManualClock())
        with pytest.raises(ApplianceError):
            async with client.request(f"https://{address}/", timeout_seconds=5):
                pass
        ca_file.write_bytes(known.ca_file.read_bytes())
        async with client.request(f"https://{address}/", timeout_seconds=5) as response:
            assert response.status == 200


def test_versions_and_broken_files(tmp_path: Path) -> None:
    context = tls_context(TlsConfig(min_version=TlsVersion.TLS13, max_version=TlsVersion.TLS13))
    assert context.minimum_version is context.maximum_version is ssl.TLSVersion.TLSv1_3
    with pytest.raises(BadInput, match="tls_config: "):
        tls_context(TlsConfig(ca_file=str(tmp_path / "none.pem")))


async def test_redirects_may_be_refused() -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        if request.path == "/end":
            return web.Response(text="end")
        raise web.HTTPFound("/end")

    async with serving(redirect) as address:
        assert await get(f"http://{address}/", HttpClientConfig()) == "200 end"
        refusing = HttpClientConfig(follow_redirects=False)
        assert (await get(f"http://{address}/", refusing)).startswith("302")


async def test_a_configured_login_comes_before_that_of_the_address() -> None:
    tokens = Tokens()
    async with serving(tokens.handle) as address:
        url = f"http://user:hunter2@{address}/x"
        assert await get(url, config_of("authorization: {credentials: t}")) == "200 Bearer t"
        assert await get(url, HttpClientConfig()) == "200 Basic dXNlcjpodW50ZXIy"


async def test_errors_do_not_show_passwords_of_addresses() -> None:
    with pytest.raises(Unavailable, match='^Get "http://user:<secret>@127.0.0.1:1/x": dial tcp'):
        await get("http://user:hunter2@127.0.0.1:1/x", HttpClientConfig())


async def test_redirects_in_a_circle_end_with_a_reason() -> None:
    async def around(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/x")

    async with serving(around) as address:
        with pytest.raises(Unavailable, match="stopped after 10 redirects$"):
            await get(f"http://{address}/x", HttpClientConfig())


async def test_a_body_that_is_not_what_its_encoding_says() -> None:
    async def broken(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8bgarbage", headers={"Content-Encoding": "gzip"})

    async with serving(broken) as address:
        with pytest.raises(Unavailable, match=r'x": Can not decode content-encoding: gzip$'):
            await get(f"http://{address}/x", HttpClientConfig())
