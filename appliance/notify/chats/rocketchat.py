"""The Rocket.Chat integration (Alertmanager 0.34, `<rocketchat_config>`): `chat.postMessage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.addressing import below
from appliance.notify.chats.message import rendered, rendered_fields
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.notify.http import Answer
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_TITLE_RUNES = 1024


@section
class RocketchatField:
    """One field of an attachment."""

    title: str = ""
    value: str = ""
    short: bool | None = None


@section
class RocketchatAction:
    """A button; the original names these keys as it does."""

    type: str = ""
    text: str = ""
    url: str = ""
    image_url: str = key("imageurl", default="")
    is_webview: bool = key("iswebview", default=False)
    webview_height_ratio: str = key("webviewheightratio", default="")
    msg: str = ""
    msg_in_chat_window: bool = key("msginchatwindow", default=False)
    msg_processing_type: str = key("msgprocessingtype", default="")


@section
class RocketchatConfig(Notifier):
    """A message in Rocket.Chat."""

    send_resolved: bool = False
    api_url: Url | None = None
    token: Secret | None = None
    token_file: str = ""
    token_id: Secret | None = None
    token_id_file: str = ""
    channel: str = ""
    color: str = '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'
    title: str = '{{ template "rocketchat.default.title" . }}'
    title_link: str = '{{ template "rocketchat.default.titlelink" . }}'
    text: str = '{{ template "rocketchat.default.text" . }}'
    fields: tuple[RocketchatField, ...] = ()
    short_fields: bool = False
    emoji: str = '{{ template "rocketchat.default.emoji" . }}'
    icon_url: str = '{{ template "rocketchat.default.iconurl" . }}'
    image_url: str = ""
    thumb_url: str = ""
    link_names: bool = False
    actions: tuple[RocketchatAction, ...] = ()


class Rocketchat(HttpIntegration[RocketchatConfig]):
    """Posts one message with one attachment."""

    kind: ClassVar[str] = "rocketchat"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the message.

        Raises:
            NotifyFailed: It was not delivered.
        """
        config = self.config
        renderer = self.renderer(message, delivery)
        request = await composed(message, lambda: self._request(renderer))
        login = {
            "X-Auth-Token": self.secrets.get("token"),
            "X-User-Id": self.secrets.get("token_id"),
        }
        url = below(config.api_url, "api/v1/chat.postMessage")
        prefix = f'channel "{request.get("channel", "")}": '
        _judge(await self.post(delivery, url, json=request, headers=login), prefix)

    def _request(self, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        request: dict[str, Any] = {
            **rendered(config, ("channel", "emoji"), renderer),
            "attachments": [self._attachment(renderer)],
        }
        if avatar := renderer.text(config.icon_url, instead=""):
            request["avatar"] = avatar
        return request

    def _attachment(self, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        attachment: dict[str, Any] = {}
        if title := truncated(renderer.text(config.title), _TITLE_RUNES):
            attachment["title"] = title
        attachment |= rendered(config, ("title_link",), renderer)
        if text := renderer.text(config.text):
            attachment["text"] = text
        attachment |= rendered(config, ("image_url", "thumb_url", "color"), renderer)
        if config.fields:
            short = config.short_fields
            attachment["fields"] = rendered_fields(config.fields, renderer, short=short)
        if config.actions:
            attachment["actions"] = [_action(action, renderer) for action in config.actions]
        return attachment


def _action(action: RocketchatAction, renderer: Renderer) -> dict[str, Any]:
    """A button; Rocket.Chat knows no other kind."""
    return {
        "type": "button",
        **rendered(action, ("text", "url", "msg"), renderer),
        "is_webview": False,
        "msg_in_chat_window": False,
    }


def _judge(answer: Answer, prefix: str) -> None:
    """Whether it was taken: an answer of status 200 may tell an error."""
    check(answer, prefix=prefix)
    found = answer.json()
    if isinstance(found, dict) and found.get("success"):
        return
    error = found.get("error", "") if isinstance(found, dict) else answer.text
    message = f"{prefix}error response from Rocketchat: {error}"
    raise NotifyFailed(message, is_retryable=False, reason="clientError")
