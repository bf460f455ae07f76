"""The mail integration (Alertmanager 0.34, `<email_config>`)."""

from __future__ import annotations

import datetime as dt
import secrets
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from appliance.config.http_client import TlsConfig, rebased
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.addressing import group_hash, headline
from appliance.notify.http import masked_exchange
from appliance.notify.http_integration import composed
from appliance.notify.integration import Exchange, NotifyFailed
from appliance.notify.mail.host_port import HostPort
from appliance.notify.secrets import Secrets
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, IntegrationDeps, Renderer
    from appliance.notify.mail.smtp import MailServer
    from appliance.notify.message import Message

_SUBJECT = '{{ template "email.default.subject" . }}'
_IMPLICIT_TLS_PORT = "465"


@section
class EmailThreading:
    """Mails of one group in one thread."""

    enabled: bool = False
    thread_by_date: str = ""


@section
class EmailConfig(Notifier):
    """A mail; what is absent comes from `global`."""

    files_exclude_texts: ClassVar[bool] = False

    send_resolved: bool = False
    to: str = ""
    from_: str = key("from", default="")
    smarthost: HostPort | None = None
    hello: str = ""
    auth_username: str = ""
    auth_password: Secret | None = None
    auth_password_file: str = ""
    auth_secret: Secret | None = None
    auth_secret_file: str = ""
    auth_identity: str = ""
    require_tls: bool | None = None
    force_implicit_tls: bool | None = None
    tls_config: TlsConfig | None = None
    html: str = '{{ template "email.default.html" . }}'
    text: str = ""
    headers: dict[str, str] = key(default_factory=dict)
    threading: EmailThreading = EmailThreading()

    def check(self, report: Report) -> None:
        """Somebody to write to, and each header once."""
        Notifier.check(self, report)
        if self.http_config is not None:
            report.error(self, "http_config", "unknown key 'http_config'", code="unknown-key")
        if not self.to:
            report.error(self, "to", "missing to address in email config", code="missing-key")
        seen: set[str] = set()
        for name in self.headers:
            if name.lower() in seen:
                message = f"duplicate header {name!r} in email config"
                report.error(self, ("headers", name), message)
            seen.add(name.lower())
        self._check_threading(report, seen)

    def _check_threading(self, report: Report, headers: set[str]) -> None:
        if not self.threading.enabled:
            return
        for name in ("References", "In-Reply-To"):
            if name.lower() in headers:
                text = f"threading.enabled conflicts with custom {name} header"
                report.error(self, "headers", f"conflicting configuration: {text}")
        if self.threading.thread_by_date not in {"none", "daily"}:
            message = "threading.thread_by_date must be either 'none' or 'daily'"
            report.error(self.threading, "thread_by_date", message)


class Email:
    """Sends one mail to all addressees.

    Args:
        config: The resolved section; what `global` gives is filled in.
        index: The number among the receiver's mails.
    """

    kind: ClassVar[str] = "email"

    def __init__(self, config: EmailConfig, deps: IntegrationDeps, *, index: int) -> None:
        self.config = config
        self.deps = deps
        self.index = index
        self.send_resolved = config.send_resolved
        self.secrets = Secrets(config, deps.directory)

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Send the mail.

        Raises:
            NotifyFailed: It was not taken by the server.
        """
        from appliance.notify.mail.text import addresses  # noqa: PLC0415 - few send mails

        templates = self.deps.templates
        renderer = templates.renderer(message, is_fallback=delivery.is_fallback)
        data = await composed(message, lambda: self._mail(message, renderer))
        senders = addresses(renderer.text(self.config.from_, instead=""), "from")
        if len(senders) != 1:
            text = f"must be exactly one 'from' address (got: {len(senders)})"
            raise NotifyFailed(text, is_retryable=False)
        recipients = addresses(renderer.text(self.config.to, instead=""), "to")
        envelope = {"MAIL FROM": senders[0], "RCPT TO": ", ".join(recipients)}
        await self._hand_in(Exchange("SMTP", "", data, 0, "", "", 0.0, envelope), delivery)

    async def resend(self, exchange: Exchange, delivery: Delivery) -> None:
        """Send a recorded mail again.

        Raises:
            NotifyFailed: It was not taken by the server.
        """
        await self._hand_in(replace(exchange, body=self.secrets.reveal(exchange.body)), delivery)

    async def _hand_in(self, mail: Exchange, delivery: Delivery) -> None:
        from appliance.notify.mail.smtp import hand_in  # noqa: PLC0415 - few send mails

        server = self._server()
        started = delivery.clock.monotonic()
        code, answer, failure = 0, "", None
        try:
            code, answer = await hand_in(
                server,
                mail.headers["MAIL FROM"],
                mail.headers["RCPT TO"].split(", "),
                mail.body.encode("ascii", "replace"),
                timeout=max(delivery.timeout_seconds, 0.001),
            )
        except NotifyFailed as error:
            failure = error
        exchange = Exchange(
            method="SMTP",
            url=server.url,
            headers=mail.headers,
            body=mail.body,
            status=code,
            answer=answer,
            error=str(failure or ""),
            seconds=delivery.clock.monotonic() - started,
        )
        exchange = masked_exchange(exchange, self.secrets)
        delivery.exchanges.append(exchange)
        if failure is not None:
            failed = NotifyFailed(exchange.error, is_retryable=failure.is_retryable)
            failed.reason = failure.reason
            raise failed from None

    def _server(self) -> MailServer:
        from appliance.notify.mail.smtp import MailLogin, MailServer  # noqa: PLC0415 - few send mails

        config, get = self.config, self.secrets.get
        host, _, port = (config.smarthost or "").rpartition(":")
        implicit = config.force_implicit_tls
        login = MailLogin()
        if config.auth_username.strip():
            password, secret = get("auth_password"), get("auth_secret")
            login = MailLogin(config.auth_username, password, secret, config.auth_identity)
        tls = config.tls_config
        return MailServer(
            host=host.strip("[]"),
            port=int(port) if port.isdecimal() else socket.getservbyname(port or "smtp"),
            hello=config.hello,
            require_tls=config.require_tls is not False,
            is_implicit_tls=port == _IMPLICIT_TLS_PORT if implicit is None else implicit,
            tls=rebased(tls, self.deps.directory) if tls is not None else None,
            login=login,
        )

    def _mail(self, message: Message, renderer: Renderer) -> str:
        from email.utils import format_datetime  # noqa: PLC0415 - as above

        from appliance.notify.mail.text import Mail, canonical_header  # noqa: PLC0415 - as above

        config = self.config
        given = {canonical_header(name): text for name, text in config.headers.items()}
        templates = {"Subject": _SUBJECT, "To": config.to, "From": config.from_} | given
        instead = {"Subject": headline(message)}
        headers = {
            name: renderer.text(text, instead=instead.get(name, ""))
            for name, text in templates.items()
        }
        now_ns = self.deps.clock.now_ns()
        raw: dict[str, str] = {}
        if "Message-Id" not in headers:
            number = secrets.randbits(64)
            raw["Message-Id"] = f"<{now_ns}.{number}@{socket.gethostname()}>"
        at = dt.datetime.fromtimestamp(now_ns / 1e9, tz=dt.UTC)
        if config.threading.enabled:
            root = self._thread(message, at)
            raw |= {"References": root, "In-Reply-To": root}
        raw["Date"] = format_datetime(at)
        mail = Mail(
            headers=headers,
            raw_headers=raw,
            boundary=secrets.token_hex(30),
            text=renderer.text(config.text) if config.text else "",
            html=renderer.html(config.html) if config.html else "",
        )
        return mail.encode().decode("ascii")

    def _thread(self, message: Message, at: dt.datetime) -> str:
        """What all mails of a group answer: a mail that does not exist, as mail readers allow."""
        group = group_hash(message)[:16]
        day = "" if self.config.threading.thread_by_date == "none" else f"{at:%Y-%m-%d}"
        return f"<alert-{group}-{day}@alertmanager>"
