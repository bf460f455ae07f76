"""Signatures of requests to AWS (AWS Signature Version 4)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM = "AWS4-HMAC-SHA256"
_PORTS = {"http": 80, "https": 443}


class Credentials(NamedTuple):
    """A login; `session_token` is empty for one that lasts.

    Attributes:
        expires_ns: When it ends; 0 is never.
    """

    access_key: str
    secret_key: str
    session_token: str = ""
    expires_ns: int = 0


class Scope(NamedTuple):
    """What a signature is good for."""

    region: str
    service: str
    now_ns: int

    @property
    def time(self) -> str:
        """As in the header `X-Amz-Date`."""
        moment = dt.datetime.fromtimestamp(self.now_ns // 10**9, dt.UTC)
        return moment.strftime("%Y%m%dT%H%M%SZ")

    @property
    def text(self) -> str:
        """As in the header `Authorization`."""
        return f"{self.time[:8]}/{self.region}/{self.service}/aws4_request"


def signed_headers(
    url: str, body: bytes, credentials: Credentials, *, scope: Scope, headers: Mapping[str, str]
) -> dict[str, str]:
    """The headers of a `POST` together with those that sign it.

    Args:
        headers: Sent as they are, and signed.
    """
    extra = {"X-Amz-Date": scope.time}
    if credentials.session_token:
        extra["X-Amz-Security-Token"] = credentials.session_token
    signed = {name.lower(): value.strip() for name, value in {**headers, **extra}.items()}
    signed["host"] = _host(url)
    names = ";".join(sorted(signed))
    request = _canonical(url, body, signed)
    text = "\n".join((_ALGORITHM, scope.time, scope.text, _digest(request.encode())))
    signature = _hmac(_signing_key(credentials.secret_key, scope), text).hex()
    login = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope.text}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return {**headers, **extra, "Authorization": login}


def _canonical(url: str, body: bytes, signed: Mapping[str, str]) -> str:
    """The request as both sides write it down."""
    parts = urlsplit(url)
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs
    )
    lines = [f"{name}:{signed[name]}\n" for name in sorted(signed)]
    names = ";".join(sorted(signed))
    path = quote(parts.path or "/", safe="/-_.~")
    return "\n".join(("POST", path, query, "".join(lines), names, _digest(body)))


def _host(url: str) -> str:
    """The header `Host`: no port where it is the usual one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_usual = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    return host if is_usual else f"{host}:{parts.port}"


def _signing_key(secret_key: str, scope: Scope) -> bytes:
    key = _hmac(f"AWS4{secret_key}".encode(), scope.time[:8])
    for part in (scope.region, scope.service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
