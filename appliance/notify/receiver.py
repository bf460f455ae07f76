"""Receivers (Alertmanager, configuration, `<receiver>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.schema import key, section
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

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class Receiver:
    """A name and the integrations that are told."""

    name: str
    labels: dict[str, str] = key(default_factory=dict)
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

    def check(self, report: Report) -> None:
        """The label `name` is taken."""
        name = self.labels.get("name", self.name)
        if name != self.name:
            message = f'receiver label "name" must match receiver name "{self.name}", got "{name}"'
            report.error(self, ("labels", "name"), message)
