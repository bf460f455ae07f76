"""Asking HTTP servers as an `<http_config>` says: login, TLS, proxy, headers (Prometheus 3).

Used by scrapes, by discovery and by whoever else reaches out for metrics. Secrets in files are read
anew for every request, certificates when their files change, so that both can be exchanged.
"""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from appliance import __version__
from appliance.base.errors import BadInput, TimedOut, Unavailable
from appliance.config.http_client import HttpClientConfig, TlsConfig, TlsVersion
from appliance.config.secret import mask_url_passwords
from appliance.http_client.basic_login import basic_login
from appliance.http_client.oauth2 import TokenSource
from appliance.http_client.proxy import ProxyRules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.config.http_client import Authorization, BasicAuth, OAuth2

#: Addresses without a fragment whose characters may all stand in a request.
_SENDABLE = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
USER_AGENT = f"appliance/{__version__}"
_TLS_VERSIONS = {
    TlsVersion.TLS10: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS11: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS12: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS13: ssl.TLSVersion.TLSv1_3,
}


class HttpClient:
    """Sends requests the way one section of a configuration wants them.

    Args:
        config: Its file names can be opened as they are.
        session: Gives the session; it lives longer than this.
        clock: Tells when tokens expire.
        directory: What names in `http_headers.*.files` are relative to.
    """

    def __init__(
        self,
        config: HttpClientConfig,
        session: Callable[[], aiohttp.ClientSession],
        clock: Clock,
        *,
        directory: Path | None = None,
    ) -> None:
        self._config = config
        self._session = session
        self._directory = directory or Path()
        self._tls = TlsContext(config.tls_config)
        self._proxy = ProxyRules(config)
        self._tokens: TokenSource | None = None
        if config.oauth2 is not None:
            inner = HttpClient(_for_tokens(config.oauth2), session, clock)
            self._tokens = TokenSource(config.oauth2, inner.request, clock)

    @asynccontextmanager
    async def request(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        timeout_seconds: float,
        decompress: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request; the answer is read within the block.

        Args:
            headers: A login among them comes before those of the configuration.
            decompress: Leave the encoding of the body to the library, which takes a body that ends
                too early for a whole one.

        Raises:
            Unavailable: No connection, or it broke.
            TimedOut: Not answered, or not read, within the timeout.
            BadInput: A secret or certificate cannot be read.
        """
        config = self._config
        proxy, login = self._proxy.options(url)
        try:
            own = await self._own_headers(headers or {})
            async with self._session().request(
                method,
                _as_written(_without_login(url) if "Authorization" in own else url),
                data=data,
                headers={"User-Agent": USER_AGENT, **own, **login},
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
                allow_redirects=config.follow_redirects,
                auto_decompress=decompress,
                ssl=self._tls.context(),
                server_hostname=config.tls_config.server_name or None,
                **proxy,
            ) as response:
                yield response
        except TimeoutError as error:
            raise TimedOut(f"{_verb(method, url)}: context deadline exceeded") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f"{_verb(method, url)}: {_reason(error)}") from error

    async def _own_headers(self, given: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request, those of the configuration put in."""
        config = self._config
        headers = dict(given)
        for name, header in config.http_headers.items():
            values = [*header.values, *(secret.reveal() for secret in header.secrets)]
            values += [text_of(str(self._directory / file)) for file in header.files]
            headers[name] = ", ".join(values)
        if "Authorization" in given:
            return headers
        if self._tokens is not None:
            headers["Authorization"] = await self._tokens.header()
        elif config.authorization is not None:
            headers["Authorization"] = _authorization(config.authorization)
        elif config.basic_auth is not None:
            headers["Authorization"] = _basic(config.basic_auth)
        elif config.bearer_token or config.bearer_token_file:
            token = config.bearer_token.reveal() if config.bearer_token else ""
            headers["Authorization"] = f"Bearer {token or text_of(config.bearer_token_file)}"
        return headers


def _for_tokens(config: OAuth2) -> HttpClientConfig:
    """How the server that gives tokens is reached."""
    return HttpClientConfig(
        tls_config=config.tls_config,
        proxy_url=config.proxy_url,
        no_proxy=config.no_proxy,
        proxy_from_environment=config.proxy_from_environment,
        proxy_connect_header=config.proxy_connect_header,
    )


def _as_written(url: str) -> str | URL:
    """An address that is sent as it is, escapes and all; one that cannot be is escaped first."""
    return URL(url, encoded=True) if _SENDABLE.fullmatch(url) else url


def _without_login(url: str) -> str:
    """An address without user and password: a login that is configured comes before them."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _verb(method: str, url: str) -> str:
    return f'{method.capitalize()} "{mask_url_passwords(url)}"'


def _reason(error: Exception) -> str:
    """What went wrong, the usual cases in Go's words."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"dial tcp: lookup {error.host}: no such host"
    is_plain = type(error) is aiohttp.ClientConnectorError
    if is_plain and isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno:
        reason = os.strerror(error.os_error.errno).lower()
        return f"dial tcp {error.host}:{error.port}: connect: {reason}"
    if isinstance(error, aiohttp.TooManyRedirects):
        return f"stopped after {len(error.history)} redirects"
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message or type(error).__name__
    # The parser of HTTP writes "400, message:" before what it says.
    text = str(error).rpartition("message:\n")[2].strip()
    return mask_url_passwords(text) or type(error).__name__


def _authorization(login: Authorization) -> str:
    secret = login.credentials.reveal() if login.credentials else ""
    return f"{login.type.strip()} {secret or text_of(login.credentials_file)}"


def _basic(login: BasicAuth) -> str:
    user = login.username or text_of(login.username_file)
    password = login.password.reveal() if login.password else text_of(login.password_file)
    return basic_login(user, password)


def text_of(file: str) -> str:
    """A secret from its file, read anew each time, so that it can be exchanged."""
    return Path(file).read_text(encoding="utf-8").strip() if file else ""


class TlsContext:
    """The TLS context of a section, made anew when one of its files has changed."""

    def __init__(self, config: TlsConfig) -> None:
        self._config = config
        self._files = [
            Path(name) for name in (config.ca_file, config.cert_file, config.key_file) if name
        ]
        self._marks: list[tuple[int, int]] | None = None
        # Reading the system's certificates takes long; the library has done it once already.
        self._is_usual = config == TlsConfig()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext | bool:
        """What the library wants; True stands for its own context.

        Raises:
            BadInput: A file cannot be read or does not hold what it should.
        """
        if self._is_usual:
            return True
        marks = [_mark(path) for path in self._files]
        if self._context is None or marks != self._marks:
            self._context, self._marks = tls_context(self._config), marks
        return self._context


def _mark(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size


def tls_context(config: TlsConfig) -> ssl.SSLContext:
    """How certificates are checked and which one is shown.

    Raises:
        BadInput: A file cannot be read or does not hold what it should.
    """
    options: dict[str, Any] = {}
    if config.ca or config.ca_file:
        options = {"cafile": config.ca_file or None, "cadata": config.ca or None}
    try:
        context = ssl.create_default_context(**options)
        if config.cert_file or config.key_file:
            context.load_cert_chain(config.cert_file, config.key_file)
        elif config.cert and config.key:
            _load_inline(context, config.cert, config.key.reveal())
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"tls_config: {error}") from error
    if config.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if config.min_version:
        context.minimum_version = _TLS_VERSIONS[config.min_version]
    if config.max_version:
        context.maximum_version = _TLS_VERSIONS[config.max_version]
    return context


def _load_inline(context: ssl.SSLContext, cert: str, key: str) -> None:
    """A certificate written into the configuration; the library reads only files."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "pair.pem"
        file.touch(mode=0o600)
        file.write_text(f"{key}\n{cert}\n")
        context.load_cert_chain(file)
