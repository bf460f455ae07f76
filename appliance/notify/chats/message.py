"""What messages in Slack, Mattermost and Rocket.Chat have in common."""

from __future__ import annotations

from appliance.config.schema import section
from appliance.notify.section import Notifier


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
