"""The integrations there are: where each is found, and what it is called."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """An integration: the receiver's key, the module and the class."""

    key: str
    module: str
    name: str


def _kind(kind: str, place: str, name: str) -> tuple[str, Kind]:
    return kind, Kind(f"{kind}_configs", f"appliance.notify.{place}", name)


#: By their names in metrics and in the notification log, in the order in which they are told.
KINDS: dict[str, Kind] = dict(
    (
        _kind("webhook", "webhook", "Webhook"),
        _kind("email", "email", "Email"),
        _kind("pagerduty", "pagers.pagerduty", "Pagerduty"),
        _kind("opsgenie", "pagers.opsgenie", "Opsgenie"),
        _kind("wechat", "chats.wechat", "Wechat"),
        _kind("slack", "chats.slack", "Slack"),
        _kind("victorops", "pagers.victorops", "Victorops"),
        _kind("pushover", "pagers.pushover", "Pushover"),
        _kind("sns", "sns", "Sns"),
        _kind("telegram", "chats.telegram", "Telegram"),
        _kind("discord", "chats.discord", "Discord"),
        _kind("webex", "chats.webex", "Webex"),
        _kind("msteams", "chats.msteams", "Msteams"),
        _kind("msteamsv2", "chats.msteamsv2", "MsteamsV2"),
        _kind("jira", "tickets.jira", "Jira"),
        _kind("rocketchat", "chats.rocketchat", "Rocketchat"),
        _kind("mattermost", "chats.mattermost", "Mattermost"),
        _kind("incidentio", "pagers.incidentio", "Incidentio"),
    )
)
