"""The mail integration (Alertmanager, `<email_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from appliance.base.errors import BadInput
from appliance.config.http_client import TlsConfig
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


class HostPort(str):
    """`host:port` of a mail server."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The address."""
        if not text.rpartition(":")[2] or ":" not in text:
            raise BadInput(f"address {text!r}: missing port in address; write host:port")
        return cls(text)


@section
class EmailThreading:
    """Mails of one group in one thread."""

    enabled: bool = False
    thread_by_date: str = ""


@section
class EmailConfig(Notifier):
    """A mail; what is absent comes from `global`."""

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
    html: str | None = None
    text: str | None = None
    headers: dict[str, str] = key(default_factory=dict)
    threading: EmailThreading = EmailThreading()

    def check(self, report: Report) -> None:
        """Somebody to write to, and each header once."""
        Notifier.check(self, report)
        if not self.to:
            report.error(self, "to", "missing to address in email config", code="missing-key")
        seen: set[str] = set()
        for name in self.headers:
            if name.lower() in seen:
                message = f"duplicate header {name!r} in email config"
                report.error(self, ("headers", name), message)
            seen.add(name.lower())
