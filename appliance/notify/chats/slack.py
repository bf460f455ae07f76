"""The Slack integration (Alertmanager, `<slack_config>`)."""

from __future__ import annotations

from appliance.config.scalars import Duration, SecretUrl, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.chats.message import ChatMessage, SlackAction


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
