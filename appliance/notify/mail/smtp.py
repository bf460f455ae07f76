"""Handing mails to a mail server, the way Alertmanager does (RFC 5321, 3207, 4954).

`require_tls` insists on STARTTLS unless the connection is TLS from the start; of the ways to log in
that the server offers, the first one that the configuration has a secret for is taken.
"""

from __future__ import annotations

import base64
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.config.http_client import TlsConfig
from appliance.notify.integration import NotifyFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    import aiosmtplib

_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class MailLogin:
    """How to log in; without a user nobody does."""

    user: str = ""
    password: str = ""
    secret: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in, and how."""

    host: str
    port: int
    hello: str = ""
    require_tls: bool = True
    is_implicit_tls: bool = False
    tls: TlsConfig | None = None
    login: MailLogin = MailLogin()

    @property
    def url(self) -> str:
        """Its address, as it is recorded."""
        return f"smtp{'s' if self.is_implicit_tls else ''}://{self.host}:{self.port}"


async def hand_in(
    server: MailServer,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    *,
    timeout: float,  # noqa: ASYNC109 - of each step
) -> tuple[int, str]:
    """Hand in one mail.

    Args:
        timeout: Seconds, for each step.

    Returns:
        What the server says in the end: code and text.

    Raises:
        NotifyFailed: It was not taken; another attempt may do better.
    """
    import aiosmtplib  # noqa: PLC0415 - 0.1 s, and few send mails

    try:
        async with _connected(server, timeout) as client:
            await _prepare(server, client)
            await client.mail(sender)
            for recipient in recipients:
                await client.rcpt(recipient)
            response = await client.data(data)
            return response.code, response.message
    except aiosmtplib.SMTPAuthenticationError as error:
        text = f"authentication failed: {_text(error)}"
        raise NotifyFailed(text, is_retryable=True, reason="authError") from error
    except aiosmtplib.SMTPTimeoutError as error:
        text = f"{_text(error)}: context deadline exceeded"
        raise NotifyFailed(text, is_retryable=True, reason="contextDeadlineExceeded") from error
    except aiosmtplib.SMTPResponseException as error:
        reason = "serverError" if error.code < 500 else "clientError"
        raise NotifyFailed(_text(error), is_retryable=True, reason=reason) from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise NotifyFailed(_text(error), is_retryable=True) from error


def _text(error: Exception) -> str:
    code, message = getattr(error, "code", 0), getattr(error, "message", "")
    return f"{code} {message}" if code else str(message or error) or type(error).__name__


@asynccontextmanager
async def _connected(server: MailServer, timeout: float) -> AsyncIterator[aiosmtplib.SMTP]:  # noqa: ASYNC109 - of each step
    import aiosmtplib  # noqa: PLC0415 - as above

    name = server.tls.server_name if server.tls and server.is_implicit_tls else ""
    # The library checks the certificate for the host it connects to, unless it is given a socket.
    connected = await offload(_connect, server, timeout) if name else None
    client = aiosmtplib.SMTP(
        hostname=name or server.host,
        port=None if connected else server.port,
        sock=connected,
        local_hostname=server.hello or "localhost",
        timeout=timeout,
        use_tls=server.is_implicit_tls,
        start_tls=False,
        tls_context=_context(server) if server.is_implicit_tls else None,
    )
    await client.connect()
    try:
        yield client
    finally:
        # The mail is delivered or not by now; how the goodbye goes says nothing about it.
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()


def _connect(server: MailServer, timeout: float) -> socket.socket:
    found = socket.create_connection((server.host, server.port), timeout)
    found.settimeout(0)
    return found


async def _prepare(server: MailServer, client: aiosmtplib.SMTP) -> None:
    """Say hello, turn TLS on, log in."""
    await client.ehlo()
    if server.require_tls and not server.is_implicit_tls:
        if not client.supports_extension("starttls"):
            name = f"{server.host}:{server.port}"
            message = (
                f"'require_tls' is true (default) but {name!r} does not advertise the STARTTLS"
            )
            raise NotifyFailed(f"{message} extension", is_retryable=True)
        name = (server.tls.server_name if server.tls else "") or server.host
        await client.starttls(server_hostname=name, tls_context=_context(server))
        await client.ehlo()
    if server.login.user.strip() and client.supports_extension("auth"):
        await _log_in(server, client)


async def _log_in(server: MailServer, client: aiosmtplib.SMTP) -> None:
    login, refused = server.login, []
    for way in client.supported_auth_methods:
        if way == "cram-md5" and login.secret:
            await client.auth_crammd5(login.user, login.secret)
            return
        if way == "plain" and login.password:
            await _log_in_plainly(server, client)
            return
        if way == "login" and login.password:
            await client.auth_login(login.user, login.password)
            return
        known = {
            "cram-md5": "missing secret",
            "plain": "missing password",
            "login": "missing password",
        }
        refused.append(f"{known.get(way, 'unknown auth mechanism')} ({way.upper()})")
    text = f"find auth mechanism: {'; '.join(refused)}"
    raise NotifyFailed(text, is_retryable=True, reason="authError")


async def _log_in_plainly(server: MailServer, client: aiosmtplib.SMTP) -> None:
    """AUTH PLAIN, which names an identity, too; never in the clear but to this machine."""
    import aiosmtplib  # noqa: PLC0415 - as above

    login = server.login
    if client.get_transport_info("sslcontext") is None and server.host not in _LOCAL:
        raise NotifyFailed("unencrypted connection", is_retryable=True, reason="authError")
    text = f"{login.identity}\0{login.user}\0{login.password}"
    encoded = base64.b64encode(text.encode())
    response = await client.execute_command(b"AUTH", b"PLAIN", encoded)
    if response.code != aiosmtplib.SMTPStatus.auth_successful:
        raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)


def _context(server: MailServer) -> ssl.SSLContext:
    from appliance.http_client.client import tls_context  # noqa: PLC0415 - imports the HTTP client

    try:
        return tls_context(server.tls or TlsConfig())
    except BadInput as error:
        raise NotifyFailed(f"parse TLS configuration: {error}", is_retryable=False) from error
