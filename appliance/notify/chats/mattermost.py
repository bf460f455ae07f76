"""The Mattermost integration (Alertmanager 0.34, `<mattermost_config>`): incoming webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.chats.message import ChatMessage, SlackField, rendered, rendered_fields
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed

if TYPE_CHECKING:
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_TEXT_RUNES = 16_383
_PRIORITIES = ("urgent", "important", "standard")
_ATTACHMENT = (
    *("fallback", "color", "pretext", "author_name", "author_link", "author_icon"),
    *("title", "title_link", "thumb_url", "footer", "footer_icon", "image_url"),
)


@section
class MattermostAttachment:
    """A box below the text."""

    fallback: str = ""
    color: str = ""
    pretext: str = ""
    text: str = ""
    author_name: str = ""
    author_link: str = ""
    author_icon: str = ""
    title: str = ""
    title_link: str = ""
    fields: tuple[SlackField, ...] = ()
    thumb_url: str = ""
    footer: str = ""
    footer_icon: str = ""
    image_url: str = ""


@section
class MattermostProps:
    """What is shown at the side."""

    card: str = ""


@section
class MattermostPriority:
    """How urgent a message is."""

    priority: str = ""
    requested_ack: bool = False
    persistent_notifications: bool = False


@section
class MattermostConfig(ChatMessage):
    """A message in Mattermost."""

    send_resolved: bool = True
    username: str = '{{ template "mattermost.default.username" . }}'
    color: str = '{{ template "mattermost.default.color" . }}'
    text: str = '{{ template "mattermost.default.text" . }}'
    title: str = '{{ template "mattermost.default.title" . }}'
    title_link: str = '{{ template "mattermost.default.titlelink" . }}'
    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    fallback: str = '{{ template "mattermost.default.fallback" . }}'
    pretext: str = ""
    author_name: str = ""
    author_link: str = ""
    author_icon: str = ""
    footer: str = ""
    footer_icon: str = ""
    attachments: tuple[MattermostAttachment, ...] = ()
    type: str = ""
    props: MattermostProps | None = None
    priority: MattermostPriority | None = None


class Mattermost(HttpIntegration[MattermostConfig]):
    """Posts one box, or a text and the boxes of `attachments` if there are any."""

    kind: ClassVar[str] = "mattermost"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the message.

        Raises:
            NotifyFailed: It was not delivered.
        """
        renderer = self.renderer(message, delivery)
        request = await composed(message, lambda: self._request(renderer))
        url = self.secrets.get("webhook_url")
        if not url:
            raise NotifyFailed("webhook url missing", is_retryable=False)
        prefix = f'channel "{request.get("channel", "")}": '
        check(await self.post(delivery, url, json=request), prefix=prefix)

    def _request(self, renderer: Renderer) -> dict[str, Any]:
        """The message: the section's own look, or a text with the boxes that it lists."""
        config = self.config
        names = ("channel", "username", "icon_url", "icon_emoji", "type")
        request: dict[str, Any] = rendered(config, names, renderer)
        if config.attachments:
            request |= _text(config, renderer)
        boxes = config.attachments or (config,)
        request["attachments"] = [_attachment(box, renderer) for box in boxes]
        if config.props is not None and config.props.card:
            request["props"] = rendered(config.props, ("card",), renderer)
        if config.priority is not None and config.priority.priority:
            request["priority"] = _priority(config.priority, renderer)
        return request


def _text(config: MattermostAttachment | MattermostConfig, renderer: Renderer) -> dict[str, str]:
    found = rendered(config, ("text",), renderer, is_content=True)
    return {name: truncated(text, _TEXT_RUNES) for name, text in found.items()}


def _attachment(
    config: MattermostAttachment | MattermostConfig, renderer: Renderer
) -> dict[str, Any]:
    attachment: dict[str, Any] = rendered(config, _ATTACHMENT, renderer)
    attachment |= _text(config, renderer)
    if config.fields:
        short = getattr(config, "short_fields", False) or None
        attachment["fields"] = rendered_fields(config.fields, renderer, short=short)
    return attachment


def _priority(config: MattermostPriority, renderer: Renderer) -> dict[str, Any]:
    """What Mattermost takes: acknowledgements from important on, reminders only if urgent."""
    priority = renderer.text(config.priority, instead="").lower()
    priority = priority if priority in _PRIORITIES else "standard"
    result: dict[str, Any] = {"priority": priority}
    if config.requested_ack and priority != "standard":
        result["requested_ack"] = True
    if config.persistent_notifications and priority == "urgent":
        result["persistent_notifications"] = True
    return result
