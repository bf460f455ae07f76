"""A mail server that keeps what it gets."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage

    import trustme


@dataclass
class Mailbox:
    """What came, and what the server answers instead of taking it."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    logins: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        found: Any = email.message_from_bytes(content, policy=email.policy.default)
        self.mails.append(found)
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return "250 queued"

    def authenticate(self, *about: Any) -> AuthResult:
        mechanism, data = about[3], about[4]
        assert isinstance(data, LoginPassword)
        self.logins.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == b"pa55word", handled=False)


@asynccontextmanager
async def mail_server(
    *, ca: trustme.CA | None = None, implicit: bool = False, auth: bool = False, **options: Any
) -> AsyncIterator[Mailbox]:
    """A server on this machine; with a CA it speaks TLS, from the start or by STARTTLS."""
    mailbox = Mailbox()
    context = None
    if ca is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost", "127.0.0.1", "mail.example.org").configure_cert(context)

    def make() -> SMTP:
        return SMTP(
            mailbox,
            hostname="sink",
            tls_context=None if implicit else context,
            authenticator=mailbox.authenticate if auth else None,
            auth_require_tls=False,
            **options,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if implicit else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()
