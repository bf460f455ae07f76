"""Sending requests to another server over HTTP, with login and TLS as configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from appliance import __version__
from appliance.base.errors import ApplianceError, Unavailable
from appliance.config.http_client import TlsConfig
from appliance.ingest.scrape.client import tls_context
from appliance.ingest.scrape.remote_config import WriteMessage

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from appliance.config.secret import Secret
    from appliance.ingest.scrape.remote_config import RemoteWriteConfig

_VERSIONS = {WriteMessage.V1: "0.1.0", WriteMessage.V2: "2.0.0"}
_CONTENT_TYPES = {
    WriteMessage.V1: "application/x-protobuf",
    WriteMessage.V2: f"application/x-protobuf;proto={WriteMessage.V2.value}",
}
_SHOWN_CHARACTERS = 512


class Refused(ApplianceError):  # noqa: N818 - an answer, not a failure of ours
    """The server will never take this request."""


class RemoteClient:
    """How one server is reached.

    Args:
        config: Login, TLS and headers.
        directory: Where files of the configuration are.

    Raises:
        BadInput: A certificate or key cannot be used.
    """

    def __init__(self, config: RemoteWriteConfig, directory: Path) -> None:
        self._config = config
        self._directory = directory
        is_usual = config.tls_config == TlsConfig()
        self._ssl: ssl.SSLContext | bool = is_usual or tls_context(config.tls_config)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, body: bytes, *, message: WriteMessage) -> None:
        """Send one request.

        Raises:
            Unavailable: It may be taken later; says when if the server did.
            Refused: It will not.
        """
        config = self._config
        session = self._session
        if session is None or session.closed:
            session = self._session = aiohttp.ClientSession(trust_env=False)
        try:
            async with session.post(
                config.url,
                data=body,
                headers=self._headers(message),
                timeout=aiohttp.ClientTimeout(total=int(config.remote_timeout) / 1000),
                allow_redirects=config.follow_redirects,
                ssl=self._ssl,
                server_hostname=config.tls_config.server_name or None,
                proxy=config.proxy_url,
            ) as response:
                if response.status // 100 == 2:
                    return
                text = (await response.text(errors="replace"))[:_SHOWN_CHARACTERS].strip()
                self._explain(response, text)
        except TimeoutError as error:
            raise Unavailable(f'Post "{config.url}": context deadline exceeded') from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f'Post "{config.url}": {error}') from error

    def _explain(self, response: aiohttp.ClientResponse, text: str) -> None:
        status = response.status
        message = f"server returned HTTP status {status} {response.reason or ''}: {text}"
        is_patient = status == 429 and self._config.queue_config.retry_on_http_429
        if status // 100 != 5 and not is_patient:
            raise Refused(message)
        wait = response.headers.get("Retry-After", "")
        raise Unavailable(message, retry_after_seconds=float(wait) if wait.isdigit() else 0.0)

    def _headers(self, message: WriteMessage) -> dict[str, str]:
        return {
            "User-Agent": f"appliance/{__version__}",
            "Content-Type": _CONTENT_TYPES[message],
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": _VERSIONS[message],
            **self._config.headers,
            **self._more_headers(),
            **self._login(),
        }

    def _more_headers(self) -> dict[str, str]:
        found = {}
        for name, header in self._config.http_headers.items():
            values = [*header.values, *(secret.reveal() for secret in header.secrets)]
            found[name] = ", ".join([*values, *map(self._text_of, header.files)])
        return found

    def _login(self) -> dict[str, str]:
        config = self._config
        if config.authorization is not None:
            login = config.authorization
            return {
                "Authorization": f"{login.type.strip()} "
                + self._secret(login.credentials, login.credentials_file)
            }
        if config.basic_auth is not None:
            basic = config.basic_auth
            user = basic.username or self._text_of(basic.username_file)
            password = self._secret(basic.password, basic.password_file)
            return {"Authorization": aiohttp.BasicAuth(user, password, "utf-8").encode()}
        token = self._secret(config.bearer_token, config.bearer_token_file)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _secret(self, given: Secret | None, file: str) -> str:
        return given.reveal() if given else self._text_of(file)

    def _text_of(self, file: str) -> str:
        """A secret from its file, read anew each time, so that it can be exchanged."""
        return (self._directory / file).read_text(encoding="utf-8").strip() if file else ""

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
