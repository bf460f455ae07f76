"""Receivers and the keys of every integration (Alertmanager, configuration, `<receiver>`).

Texts are templates and stay as they are; absent keys get their defaults where they are used.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Self

from appliance.alertmanager.template_lint import find_alert_fields
from appliance.base.errors import BadInput
from appliance.config.http_client import HttpClientConfig, TlsConfig, refuse_several
from appliance.config.scalars import Duration, GoDuration, SecretUrl, Uint, Url, check_url
from appliance.config.schema import key, section
from appliance.config.secret import Secret

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


class TemplatedUrl(Secret):
    """An address that may hold a template; checked here only if it holds none."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> TemplatedUrl:
        """The address."""
        if "{{" not in text:
            check_url(text, secret=True)
        return cls(text)


@section
class Notifier:
    """What every integration knows."""

    send_resolved: bool = True
    http_config: HttpClientConfig | None = None

    def check(self, report: Report) -> None:
        """Templates that would fail, and keys that exclude each other."""
        names = [field.name for field in dataclasses.fields(self)]
        for name in names:
            if f"{name}_file" in names:
                refuse_several(self, report, (name, f"{name}_file"))
            value = getattr(self, name)
            if isinstance(value, str):
                self._lint(report, (name,), value)
            elif isinstance(value, dict):
                for inner, text in value.items():
                    if isinstance(text, str):
                        self._lint(report, (name, str(inner)), text)

    def _lint(self, report: Report, path: tuple[str, ...], template: str) -> None:
        for name in find_alert_fields(template):
            message = f".{name} is not a field of a notification, only of its alerts"
            hint = f"use .Common{name}, or put it within {{{{ range .Alerts }}}} … {{{{ end }}}}"
            report.warn(self, path, message, code="template", hint=hint)

    def require(self, report: Report, *names: str) -> None:
        """Report when none of some keys is given."""
        if not any(getattr(self, name) for name in names):
            message = f"one of {' or '.join(names)} must be configured"
            report.error(
                self, (), message if names[1:] else f"missing {names[0]}", code="missing-key"
            )


@section
class WebhookConfig(Notifier):
    """Posts JSON."""

    url: TemplatedUrl | None = None
    url_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: Duration | None = None
    payload: Any = None

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")


@section
class SlackField:
    """One field of an attachment."""

    title: str
    value: str
    short: bool | None = None


@section
class SlackConfirm:
    """A question before an action."""

    text: str
    title: str = ""
    ok_text: str = ""
    dismiss_text: str = ""


@section
class SlackAction:
    """A button."""

    type: str
    text: str
    url: str = ""
    style: str = ""
    name: str = ""
    value: str = ""
    confirm: SlackConfirm | None = None


@section
class ChatMessage(Notifier):
    """The look of a message in Slack, Mattermost or Rocket.Chat."""

    send_resolved: bool = False
    channel: str = ""
    username: str = ""
    color: str = ""
    title: str = ""
    title_link: str = ""
    text: str = ""
    fields: tuple[SlackField, ...] = ()
    short_fields: bool = False
    icon_emoji: str = ""
    icon_url: str = ""
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False


@section
class SlackConfig(ChatMessage):
    """A message in Slack."""

    api_url: SecretUrl | None = None
    api_url_file: str = ""
    app_token: Secret | None = None
    app_token_file: str = ""
    app_url: Url | None = None
    pretext: str = ""
    message_text: str = ""
    footer: str = ""
    fallback: str = ""
    callback_id: str = ""
    mrkdwn_in: tuple[str, ...] = ()
    actions: tuple[SlackAction, ...] = ()
    update_message: bool = False
    timeout: Duration | None = None


@section
class PagerdutyImage:
    """A picture on an incident."""

    src: str = ""
    alt: str = ""
    href: str = ""


@section
class PagerdutyLink:
    """A link on an incident."""

    href: str = ""
    text: str = ""


@section
class PagerdutyConfig(Notifier):
    """An incident in PagerDuty, by events API v2 (`routing_key`) or v1 (`service_key`)."""

    routing_key: Secret | None = None
    routing_key_file: str = ""
    service_key: Secret | None = None
    service_key_file: str = ""
    url: Url | None = None
    client: str = ""
    client_url: str = ""
    description: str = ""
    severity: str = ""
    source: str = ""
    details: dict[str, Any] = key(default_factory=dict)
    images: tuple[PagerdutyImage, ...] = ()
    links: tuple[PagerdutyLink, ...] = ()
    class_: str = key("class", default="")
    component: str = ""
    group: str = ""
    timeout: Duration | None = None

    def check(self, report: Report) -> None:
        """A key of either kind."""
        Notifier.check(self, report)
        names = ("service_key", "service_key_file", "routing_key", "routing_key_file")
        self.require(report, *names)


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


@section
class OpsgenieResponder:
    """Who is told."""

    id: str = ""
    name: str = ""
    username: str = ""
    type: str = ""


@section
class OpsgenieConfig(Notifier):
    """An alert in Opsgenie."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    message: str = ""
    description: str = ""
    source: str = ""
    details: dict[str, str] = key(default_factory=dict)
    entity: str = ""
    responders: tuple[OpsgenieResponder, ...] = ()
    actions: str = ""
    tags: str = ""
    note: str = ""
    priority: str = ""
    update_alerts: bool = False


@section
class VictoropsConfig(Notifier):
    """An incident in VictorOps."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    routing_key: str = ""
    message_type: str = ""
    state_message: str = ""
    entity_display_name: str = ""
    monitoring_tool: str = ""
    custom_fields: dict[str, str] = key(default_factory=dict)

    def check(self, report: Report) -> None:
        """A routing key, and no custom fields with names of fixed ones."""
        Notifier.check(self, report)
        self.require(report, "routing_key")
        fixed = {
            *("routing_key", "message_type", "state_message", "entity_display_name"),
            *("monitoring_tool", "entity_id", "entity_state"),
        }
        for name in sorted(fixed & set(self.custom_fields)):
            message = f"victorops config contains custom field {name} which cannot be used"
            report.error(self, ("custom_fields", name), message)


@section
class PushoverConfig(Notifier):
    """A message through Pushover."""

    user_key: Secret | None = None
    user_key_file: str = ""
    token: Secret | None = None
    token_file: str = ""
    title: str = ""
    message: str = ""
    url: str = ""
    url_title: str = ""
    device: str = ""
    sound: str = ""
    priority: str = ""
    retry: GoDuration | None = None
    expire: GoDuration | None = None
    ttl: GoDuration | None = None
    html: bool = False
    monospace: bool = False

    def check(self, report: Report) -> None:
        """User and application; one text style."""
        Notifier.check(self, report)
        self.require(report, "user_key", "user_key_file")
        self.require(report, "token", "token_file")
        if self.html and self.monospace:
            report.error(self, "monospace", "at most one of monospace & html must be configured")
