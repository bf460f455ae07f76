"""The Mattermost integration (Alertmanager, `<mattermost_config>`)."""

from __future__ import annotations

from typing import Any

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.chats.message import ChatMessage


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
