"""How to reach an HTTP server (Prometheus, configuration, `<http_config>`): login, TLS, proxy."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from appliance.config.scalars import Url
from appliance.config.schema import key as option
from appliance.config.schema import section
from appliance.config.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from appliance.config.report import Report

T = TypeVar("T")


class TlsVersion(Enum):
    """Versions of TLS by their names in configuration files."""

    TLS10 = "TLS10"
    TLS11 = "TLS11"
    TLS12 = "TLS12"
    TLS13 = "TLS13"


@section
class TlsConfig:
    """Certificates and checks; the texts `ca`, `cert` and `key` stand for files of that content."""

    ca: str = ""
    cert: str = ""
    key: Secret | None = None
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    ca_ref: str = option(default="", unavailable=True)
    cert_ref: str = option(default="", unavailable=True)
    key_ref: str = option(default="", unavailable=True)
    server_name: str = ""
    insecure_skip_verify: bool = False
    min_version: TlsVersion | None = None
    max_version: TlsVersion | None = None

    def check(self, report: Report) -> None:
        """A certificate and its key come together, each from one place."""
        for name in ("ca", "cert", "key"):
            refuse_several(self, report, (name, f"{name}_file", f"{name}_ref"))
        has_cert = bool(self.cert or self.cert_file or self.cert_ref)
        has_key = bool(self.key or self.key_file or self.key_ref)
        if has_cert != has_key:
            message = "exactly one of key or key_file must be configured when a cert is, and back"
            report.error(self, (), message, code="missing-key")


@section
class BasicAuth:
    """User name and password."""

    username: str = ""
    username_file: str = ""
    username_ref: str = option(default="", unavailable=True)
    password: Secret | None = None
    password_file: str = ""
    password_ref: str = option(default="", unavailable=True)

    def check(self, report: Report) -> None:
        """Each of both from one place."""
        refuse_several(self, report, ("username", "username_file", "username_ref"))
        refuse_several(self, report, ("password", "password_file", "password_ref"))


@section
class Authorization:
    """An `Authorization` header."""

    type: str = "Bearer"
    credentials: Secret | None = None
    credentials_file: str = ""
    credentials_ref: str = option(default="", unavailable=True)

    def check(self, report: Report) -> None:
        """Credentials from one place; basic authentication has its own section."""
        refuse_several(self, report, ("credentials", "credentials_file", "credentials_ref"))
        if self.type.strip().lower() == "basic":
            message = "authorization type cannot be set to 'basic', use 'basic_auth' instead"
            report.error(self, "type", message)


@section
class ProxyConfig:
    """The proxy to go through."""

    proxy_url: Url | None = None
    no_proxy: str = ""
    proxy_from_environment: bool = False
    proxy_connect_header: dict[str, tuple[Secret, ...]] = option(default_factory=dict)


@section
class OAuth2(ProxyConfig):
    """OAuth 2.0 client credentials."""

    client_id: str = ""
    client_secret: Secret | None = None
    client_secret_file: str = ""
    client_secret_ref: str = option(default="", unavailable=True)
    client_certificate_key_id: str = option(default="", unavailable=True)
    client_certificate_key: Secret | None = option(default=None, unavailable=True)
    client_certificate_key_file: str = option(default="", unavailable=True)
    client_certificate_key_ref: str = option(default="", unavailable=True)
    signature_algorithm: str = option(default="", unavailable=True)
    iss: str = option(default="", unavailable=True)
    audience: str = option(default="", unavailable=True)
    grant_type: str = option(default="", unavailable=True)
    claims: dict[str, Any] = option(default_factory=dict, unavailable=True)
    scopes: tuple[str, ...] = ()
    token_url: Url | None = None
    endpoint_params: dict[str, str] = option(default_factory=dict)
    tls_config: TlsConfig = TlsConfig()

    def check(self, report: Report) -> None:
        """The keys Prometheus insists on."""
        if not self.client_id:
            report.error(self, "client_id", "oauth2 client_id must be configured")
        if not self.token_url:
            report.error(self, "token_url", "oauth2 token_url must be configured")
        names = ("client_secret", "client_secret_file", "client_secret_ref")
        refuse_several(self, report, names)


@section
class HttpHeader:
    """Values of one extra header."""

    values: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    files: tuple[str, ...] = ()


#: Headers that have keys of their own or that the client sets.
_RESERVED_HEADERS = {
    *("accept-charset", "accept-encoding", "accept-language", "authorization", "connection"),
    *("content-encoding", "content-length", "content-type", "cookie", "date", "expect", "host"),
    *("keep-alive", "origin", "proxy-authorization", "te", "trailer", "transfer-encoding"),
    *("upgrade", "user-agent", "via", "x-forwarded-for", "x-prometheus-scrape-timeout-seconds"),
}


@section
class HttpClientConfig(ProxyConfig):
    """Everything about reaching an HTTP server; sections with more keys inherit from it."""

    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = option(default=None, null_is_empty=True)
    oauth2: OAuth2 | None = None
    bearer_token: Secret | None = None
    bearer_token_file: str = ""
    tls_config: TlsConfig = TlsConfig()
    follow_redirects: bool = True
    enable_http2: bool = True
    http_headers: dict[str, HttpHeader] = option(default_factory=dict)

    def check(self, report: Report) -> None:
        """One way to log in, and no headers that have a key of their own."""
        refuse_several(self, report, ("bearer_token", "bearer_token_file"))
        ways = [name for name in ("basic_auth", "authorization", "oauth2") if getattr(self, name)]
        ways += [name for name in ("bearer_token", "bearer_token_file") if getattr(self, name)][:1]
        if len(ways) > 1:
            message = f"at most one of {', '.join(ways)} must be configured"
            report.error(self, ways[-1], message)
        for name in self.http_headers:
            if name.lower() in _RESERVED_HEADERS:
                message = f"setting header {name!r} is not allowed"
                report.error(self, ("http_headers", name), message)
        if self.no_proxy and not self.proxy_url:
            report.error(self, "no_proxy", "if no_proxy is configured, proxy_url must be too")
        if self.proxy_connect_header and not (self.proxy_url or self.proxy_from_environment):
            message = (
                "if proxy_connect_header is configured, proxy_url or proxy_from_environment must"
                " also be configured"
            )
            report.error(self, "proxy_connect_header", message)
        if self.proxy_from_environment and self.proxy_url:
            message = "proxy_from_environment and proxy_url exclude each other"
            report.error(self, "proxy_from_environment", message)


def refuse_several(value: object, report: Report, names: Iterable[str]) -> None:
    """Report all but the first of some keys that exclude each other."""
    given = [name for name in names if getattr(value, name, None)]
    for name in given[1:]:
        message = f"at most one of {' & '.join(given)} must be configured"
        report.error(value, name, message)


def rebased(config: T, directory: Path) -> T:
    """A section whose `*_file` names, also of sections within, start at the file's directory."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(config):  # type: ignore[arg-type]  # a section is a dataclass
        value = getattr(config, field.name)
        if isinstance(value, str) and value and field.name.endswith("_file"):
            changes[field.name] = str(directory / value)
        elif isinstance(value, tuple) and any(dataclasses.is_dataclass(item) for item in value):
            changes[field.name] = tuple(rebased(item, directory) for item in value)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            changes[field.name] = rebased(value, directory)
    return dataclasses.replace(config, **changes) if changes else config  # type: ignore[type-var]
