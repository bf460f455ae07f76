"""Asking targets over HTTP, with the headers that Prometheus sends."""

from __future__ import annotations

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from appliance import __version__
from appliance.base.errors import BadInput, LimitExceeded, TimedOut, Unavailable
from appliance.config.http_client import TlsConfig, TlsVersion
from appliance.ingest.scrape.config import ScrapeProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.http_client import BasicAuth
    from appliance.ingest.scrape.config import ScrapeConfig
    from appliance.ingest.scrape.target import Target

_CHUNK_BYTES = 64 << 10
_MEDIA_TYPES = {
    ScrapeProtocol.OPENMETRICS_1: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
    ScrapeProtocol.OPENMETRICS_0: "application/openmetrics-text;version=0.0.1",
    ScrapeProtocol.TEXT_1: "text/plain;version=1.0.0;escaping=allow-utf-8",
    ScrapeProtocol.TEXT_0: "text/plain;version=0.0.4",
}
_READABLE = {"text/plain", "application/openmetrics-text"}
_TLS_VERSIONS = {
    TlsVersion.TLS10: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS11: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS12: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS13: ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A target's answer, decompressed."""

    body: bytes
    content_type: str


def accept_header(protocols: Sequence[ScrapeProtocol]) -> str:
    """The `Accept` header for these formats, first the most wanted; protobuf is not asked for."""
    usable = [protocol for protocol in protocols if protocol in _MEDIA_TYPES] or list(_MEDIA_TYPES)
    weights = range(len(ScrapeProtocol) + 1, 0, -1)
    named = zip([_MEDIA_TYPES[protocol] for protocol in usable] + ["*/*"], weights, strict=False)
    return ",".join(f"{media_type};q=0.{weight}" for media_type, weight in named)


class JobClient:
    """How the targets of one job are asked: login, TLS, headers.

    Args:
        job: With the defaults filled in and file names that can be opened.
        max_body_bytes: The most that is read when the job sets no limit.

    Raises:
        BadInput: A certificate or key cannot be used.
    """

    def __init__(self, job: ScrapeConfig, max_body_bytes: int) -> None:
        self._job = job
        self._limit = int(job.body_size_limit) or max_body_bytes
        # Reading the system's certificates takes long; the library has done it once already.
        is_usual = job.tls_config == TlsConfig()
        self._ssl: ssl.SSLContext | bool = is_usual or tls_context(job.tls_config)

    async def fetch(self, session: aiohttp.ClientSession, target: Target) -> Page:
        """Ask a target.

        Raises:
            Unavailable: No connection, or an answer other than 200.
            TimedOut: Not within the target's timeout.
            LimitExceeded: The answer is too long.
            BadInput: Its format is not known.
        """
        job = self._job
        timeout = aiohttp.ClientTimeout(total=target.timeout_ms / 1000)
        try:
            async with session.get(
                target.url,
                headers=self._headers(target),
                timeout=timeout,
                allow_redirects=job.follow_redirects,
                ssl=self._ssl,
                server_hostname=job.tls_config.server_name or None,
                proxy=job.proxy_url,
            ) as response:
                if response.status != 200:
                    status = f"{response.status} {response.reason or ''}".strip()
                    raise Unavailable(f"server returned HTTP status {status}")
                content_type = self._content_type(response.headers.get("Content-Type", ""))
                return Page(await self._read(response), content_type)
        except TimeoutError as error:
            raise TimedOut(f'Get "{target.url}": context deadline exceeded') from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f'Get "{target.url}": {error}') from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > self._limit:
                message = f"body size limit exceeded (limit: {self._limit} bytes)"
                raise LimitExceeded(message, limit="body_size_limit")
            chunks.append(chunk)
        return b"".join(chunks)

    def _headers(self, target: Target) -> dict[str, str]:
        job = self._job
        headers = {
            "User-Agent": f"appliance/{__version__}",
            "Accept": accept_header(job.scrape_protocols),
            "Accept-Encoding": "gzip" if job.enable_compression else "identity",
            "X-Prometheus-Scrape-Timeout-Seconds": f"{target.timeout_ms / 1000:g}",
        }
        for name, header in job.http_headers.items():
            values = [*header.values, *(secret.reveal() for secret in header.secrets)]
            values += [_text_of(str(job.directory / file)) for file in header.files]
            headers[name] = ", ".join(values)
        if job.authorization is not None:
            login = job.authorization
            secret = login.credentials.reveal() if login.credentials else ""
            credentials = secret or _text_of(login.credentials_file)
            headers["Authorization"] = f"{login.type.strip()} {credentials}"
        elif job.basic_auth is not None:
            headers["Authorization"] = _basic(job.basic_auth)
        elif job.bearer_token or job.bearer_token_file:
            token = job.bearer_token.reveal() if job.bearer_token else ""
            headers["Authorization"] = f"Bearer {token or _text_of(job.bearer_token_file)}"
        return headers

    def _content_type(self, given: str) -> str:
        """The content type to read by; the job's fallback when the target's is of no use."""
        if given.partition(";")[0].strip().lower() in _READABLE:
            return given
        fallback = self._job.fallback_scrape_protocol
        if fallback in _MEDIA_TYPES:
            return _MEDIA_TYPES[fallback]
        end = "and no fallback_scrape_protocol specified for target"
        if not given:
            raise BadInput(f"non-compliant scrape target sending blank Content-Type {end}")
        raise BadInput(f"received unsupported Content-Type {given!r} {end}")


def _basic(login: BasicAuth) -> str:
    user = login.username or _text_of(login.username_file)
    password = login.password.reveal() if login.password else _text_of(login.password_file)
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _text_of(file: str) -> str:
    """A secret from its file, read anew each time, so that it can be exchanged."""
    return Path(file).read_text(encoding="utf-8").strip() if file else ""


def tls_context(config: TlsConfig) -> ssl.SSLContext:
    """How certificates are checked and which one is shown.

    Raises:
        BadInput: A file cannot be read or does not hold what it should.
    """
    context = ssl.create_default_context()
    try:
        if config.ca or config.ca_file:
            context = ssl.create_default_context(
                cafile=config.ca_file or None, cadata=config.ca or None
            )
        if config.cert_file and config.key_file:
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
