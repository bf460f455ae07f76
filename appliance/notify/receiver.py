"""Receivers (Alertmanager, configuration, `<receiver>`)."""

# ruff: noqa: TC004 - these sections are imported when a file has them

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.schema import key, section

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.chats.discord import DiscordConfig
    from appliance.notify.chats.mattermost import MattermostConfig
    from appliance.notify.chats.msteams import MsteamsConfig
    from appliance.notify.chats.msteamsv2 import MsteamsV2Config
    from appliance.notify.chats.rocketchat import RocketchatConfig
    from appliance.notify.chats.slack import SlackConfig
    from appliance.notify.chats.telegram import TelegramConfig
    from appliance.notify.chats.webex import WebexConfig
    from appliance.notify.chats.wechat import WechatConfig
    from appliance.notify.email import EmailConfig
    from appliance.notify.pagers.incidentio import IncidentioConfig
    from appliance.notify.pagers.opsgenie import OpsgenieConfig
    from appliance.notify.pagers.pagerduty import PagerdutyConfig
    from appliance.notify.pagers.pushover import PushoverConfig
    from appliance.notify.pagers.victorops import VictoropsConfig
    from appliance.notify.sns import SnsConfig
    from appliance.notify.tickets.jira import JiraConfig
    from appliance.notify.webhook import WebhookConfig


def _sections(place: str) -> Any:
    """Sections of one integration; few files have all of them, so they are imported when needed."""
    return key(default=(), list_of=f"appliance.notify.{place}")


@section
class Receiver:
    """A name and the integrations that are told."""

    name: str
    labels: dict[str, str] = key(default_factory=dict)
    discord_configs: tuple[DiscordConfig, ...] = _sections("chats.discord:DiscordConfig")
    email_configs: tuple[EmailConfig, ...] = _sections("email:EmailConfig")
    incidentio_configs: tuple[IncidentioConfig, ...] = _sections(
        "pagers.incidentio:IncidentioConfig"
    )
    jira_configs: tuple[JiraConfig, ...] = _sections("tickets.jira:JiraConfig")
    mattermost_configs: tuple[MattermostConfig, ...] = _sections(
        "chats.mattermost:MattermostConfig"
    )
    msteams_configs: tuple[MsteamsConfig, ...] = _sections("chats.msteams:MsteamsConfig")
    msteamsv2_configs: tuple[MsteamsV2Config, ...] = _sections("chats.msteamsv2:MsteamsV2Config")
    opsgenie_configs: tuple[OpsgenieConfig, ...] = _sections("pagers.opsgenie:OpsgenieConfig")
    pagerduty_configs: tuple[PagerdutyConfig, ...] = _sections("pagers.pagerduty:PagerdutyConfig")
    pushover_configs: tuple[PushoverConfig, ...] = _sections("pagers.pushover:PushoverConfig")
    rocketchat_configs: tuple[RocketchatConfig, ...] = _sections(
        "chats.rocketchat:RocketchatConfig"
    )
    slack_configs: tuple[SlackConfig, ...] = _sections("chats.slack:SlackConfig")
    sns_configs: tuple[SnsConfig, ...] = _sections("sns:SnsConfig")
    telegram_configs: tuple[TelegramConfig, ...] = _sections("chats.telegram:TelegramConfig")
    victorops_configs: tuple[VictoropsConfig, ...] = _sections("pagers.victorops:VictoropsConfig")
    webex_configs: tuple[WebexConfig, ...] = _sections("chats.webex:WebexConfig")
    webhook_configs: tuple[WebhookConfig, ...] = _sections("webhook:WebhookConfig")
    wechat_configs: tuple[WechatConfig, ...] = _sections("chats.wechat:WechatConfig")

    def check(self, report: Report) -> None:
        """The label `name` is taken."""
        name = self.labels.get("name", self.name)
        if name != self.name:
            message = f'receiver label "name" must match receiver name "{self.name}", got "{name}"'
            report.error(self, ("labels", "name"), message)
