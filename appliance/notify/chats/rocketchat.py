"""The Rocket.Chat integration (Alertmanager, `<rocketchat_config>`)."""

from __future__ import annotations

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.chats.message import ChatMessage, SlackAction


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
