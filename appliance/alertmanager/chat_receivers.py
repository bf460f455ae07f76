"""Keys of the chat, ticket and cloud integrations (Alertmanager, configuration, `<receiver>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.alertmanager.receivers import (
    ChatMessage,
    EmailConfig,
    Notifier,
    OpsgenieConfig,
    PagerdutyConfig,
    PushoverConfig,
    SlackAction,
    SlackConfig,
    VictoropsConfig,
    WebhookConfig,
)
from appliance.config.scalars import Duration, SecretUrl, Uint, Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class TelegramConfig(Notifier):
    """A message in Telegram."""

    api_url: Url | None = None
    bot_token: Secret | None = None
    bot_token_file: str = ""
    chat_id: int = 0
    chat_id_file: str = ""
    message_thread_id: int = 0
    message: str = ""
    disable_notifications: bool = False
    parse_mode: str = "HTML"

    def check(self, report: Report) -> None:
        """A bot, a chat and a known style."""
        Notifier.check(self, report)
        self.require(report, "chat_id", "chat_id_file")
        if self.parse_mode not in {"", "Markdown", "MarkdownV2", "HTML"}:
            message = f"unknown parse_mode {self.parse_mode!r} on telegram_config"
            hint = "must be Markdown, MarkdownV2, HTML or empty string - for plain text"
            report.error(self, "parse_mode", message, hint=hint)


@section
class DiscordConfig(Notifier):
    """A message in Discord."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = ""
    message: str = ""
    content: str = ""
    username: str = ""
    avatar_url: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


@section
class WebexConfig(Notifier):
    """A message in Webex."""

    api_url: Url | None = None
    room_id: str = ""
    message: str = ""

    def check(self, report: Report) -> None:
        """A room, and a token in `http_config`."""
        Notifier.check(self, report)
        self.require(report, "room_id")
        if self.http_config is not None and self.http_config.authorization is None:
            message = "missing authorization credentials in http_config of webex config"
            report.error(self, "http_config", message, code="missing-key")


@section
class WechatConfig(Notifier):
    """A message in WeChat."""

    send_resolved: bool = False
    api_secret: Secret | None = None
    api_secret_file: str = ""
    corp_id: str = ""
    message: str = ""
    message_type: str = "text"
    api_url: Url | None = None
    to_user: str = ""
    to_party: str = ""
    to_tag: str = ""
    agent_id: str = ""

    def check(self, report: Report) -> None:
        """A known kind of message."""
        Notifier.check(self, report)
        if self.message_type not in {"text", "markdown"}:
            message = f"weChat message type {self.message_type!r} does not match valid options"
            report.error(self, "message_type", message, hint="one of text, markdown")


@section
class SigV4Config:
    """Login to AWS."""

    region: str = ""
    access_key: str = ""
    secret_key: Secret | None = None
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    use_fips_sts_endpoint: bool = False


@section
class SnsConfig(Notifier):
    """A message through AWS SNS."""

    api_url: str = ""
    sigv4: SigV4Config = SigV4Config()
    topic_arn: str = ""
    phone_number: str = ""
    target_arn: str = ""
    subject: str = ""
    message: str = ""
    attributes: dict[str, str] = key(default_factory=dict)
    use_aws_http_client: bool = False

    def check(self, report: Report) -> None:
        """Exactly one addressee."""
        Notifier.check(self, report)
        given = [n for n in ("topic_arn", "phone_number", "target_arn") if getattr(self, n)]
        if len(given) != 1:
            message = "must provide exactly one of target_arn, topic_arn or phone_number"
            report.error(self, given[1] if given else (), message)


@section
class MsteamsConfig(Notifier):
    """A card in Microsoft Teams."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


@section
class MsteamsV2Config(Notifier):
    """An adaptive card in Microsoft Teams."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = ""
    text: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


@section
class RocketchatConfig(ChatMessage):
    """A message in Rocket.Chat."""

    api_url: Url | None = None
    token: Secret | None = None
    token_file: str = ""
    token_id: Secret | None = None
    token_id_file: str = ""
    emoji: str = ""
    actions: tuple[SlackAction, ...] = ()


@section
class JiraConfig(Notifier):
    """An issue in Jira."""

    api_url: Url | None = None
    api_type: str = "auto"
    project: str = ""
    issue_type: str = ""
    summary: Any = None
    description: Any = None
    labels: tuple[str, ...] = ()
    priority: str = ""
    fields: dict[str, Any] = key(default_factory=dict)
    custom_fields: dict[str, Any] = key(default_factory=dict)
    resolve_transition: str = ""
    reopen_transition: str = ""
    reopen_duration: Duration | None = None
    wont_fix_resolution: str = ""

    def check(self, report: Report) -> None:
        """A project and a kind of issue."""
        Notifier.check(self, report)
        self.require(report, "project")
        self.require(report, "issue_type")


@section
class IncidentioConfig(Notifier):
    """An alert in incident.io."""

    url: Url | None = None
    url_file: str = ""
    alert_source_token: Secret | None = None
    alert_source_token_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: Duration | None = None

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")


@section
class MattermostConfig(ChatMessage):
    """A message in Mattermost."""

    send_resolved: bool = True
    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    fallback: str = ""
    pretext: str = ""
    author_name: str = ""
    author_link: str = ""
    author_icon: str = ""
    footer: str = ""
    footer_icon: str = ""
    attachments: tuple[Any, ...] = ()
    type: str = ""
    props: dict[str, Any] | None = None
    priority: dict[str, Any] | None = None


@section
class Receiver:
    """A name and the integrations that are told."""

    name: str
    discord_configs: tuple[DiscordConfig, ...] = ()
    email_configs: tuple[EmailConfig, ...] = ()
    incidentio_configs: tuple[IncidentioConfig, ...] = ()
    jira_configs: tuple[JiraConfig, ...] = ()
    mattermost_configs: tuple[MattermostConfig, ...] = ()
    msteams_configs: tuple[MsteamsConfig, ...] = ()
    msteamsv2_configs: tuple[MsteamsV2Config, ...] = ()
    opsgenie_configs: tuple[OpsgenieConfig, ...] = ()
    pagerduty_configs: tuple[PagerdutyConfig, ...] = ()
    pushover_configs: tuple[PushoverConfig, ...] = ()
    rocketchat_configs: tuple[RocketchatConfig, ...] = ()
    slack_configs: tuple[SlackConfig, ...] = ()
    sns_configs: tuple[SnsConfig, ...] = ()
    telegram_configs: tuple[TelegramConfig, ...] = ()
    victorops_configs: tuple[VictoropsConfig, ...] = ()
    webex_configs: tuple[WebexConfig, ...] = ()
    webhook_configs: tuple[WebhookConfig, ...] = ()
    wechat_configs: tuple[WechatConfig, ...] = ()
