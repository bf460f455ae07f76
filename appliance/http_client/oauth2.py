"""OAuth 2.0 tokens by the client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus, urlencode

import orjson

from appliance.base.errors import Unavailable
from appliance.http_client.basic_login import basic_login

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    import aiohttp

    from appliance.base.clock import Clock
    from appliance.config.http_client import OAuth2

#: A token is asked for anew this long before it expires.
_MARGIN_SECONDS = 10.0
_TIMEOUT_SECONDS = 10.0
_KINDS = {"bearer": "Bearer", "mac": "MAC", "basic": "Basic"}


class TokenSource:
    """The current token of one `oauth2` section.

    It is kept while it lasts. The client shows its id and secret in the `Authorization` header; a
    server that refuses that gets them in the body, from then on first.

    Args:
        config: What to ask for, and where.
        request: `HttpClient.request` of a client with the section's TLS and proxy.
        clock: Tells when a token expires.
    """

    def __init__(
        self,
        config: OAuth2,
        request: Callable[..., AbstractAsyncContextManager[aiohttp.ClientResponse]],
        clock: Clock,
    ) -> None:
        self._config = config
        self._clock = clock
        self._request = request
        self._lock = asyncio.Lock()
        self._header = ""
        self._expires_at = -math.inf
        self._secret = ""
        self._in_body = False

    async def header(self) -> str:
        """The `Authorization` header.

        Raises:
            Unavailable: The server gives no token.
        """
        async with self._lock:
            secret = self._current_secret()
            if self._clock.monotonic() >= self._expires_at or secret != self._secret:
                self._secret = secret
                await self._fetch(secret)
            return self._header

    def _current_secret(self) -> str:
        config = self._config
        if config.client_secret is not None:
            return config.client_secret.reveal()
        if not config.client_secret_file:
            return ""
        return Path(config.client_secret_file).read_text(encoding="utf-8").strip()

    async def _fetch(self, secret: str) -> None:
        status, body = await self._ask(secret, in_body=self._in_body)
        if status != 200:
            second, other = await self._ask(secret, in_body=not self._in_body)
            if second == 200:
                self._in_body = not self._in_body
                status, body = second, other
        if status != 200:
            text = body.decode("utf-8", "replace")[:500]
            raise Unavailable(f"oauth2: cannot fetch token: {status}\nResponse: {text}")
        self._take(body)

    async def _ask(self, secret: str, *, in_body: bool) -> tuple[int, bytes]:
        config = self._config
        fields = {"grant_type": "client_credentials"}
        if config.scopes:
            fields["scope"] = " ".join(config.scopes)
        fields |= config.endpoint_params
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if in_body:
            fields |= {"client_id": config.client_id, "client_secret": secret}
        else:
            login = basic_login(quote_plus(config.client_id), quote_plus(secret))
            headers["Authorization"] = login
        async with self._request(
            str(config.token_url),
            method="POST",
            headers=headers,
            data=urlencode(sorted(fields.items())).encode(),
            timeout_seconds=_TIMEOUT_SECONDS,
        ) as response:
            return response.status, await response.content.read(1 << 20)

    def _take(self, body: bytes) -> None:
        try:
            found: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            found = dict(parse_qsl(body.decode("utf-8", "replace")))
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token:
            raise Unavailable("oauth2: server response missing access_token")
        kind = str(found.get("token_type") or "Bearer")
        self._header = f"{_KINDS.get(kind.lower(), kind)} {token}"
        try:
            seconds = float(found.get("expires_in") or 0)
        except (TypeError, ValueError):
            seconds = 0.0
        lifetime = seconds - _MARGIN_SECONDS if seconds > 0 else math.inf
        self._expires_at = self._clock.monotonic() + lifetime
