"""The Slack integration (Alertmanager 0.34, `<slack_config>`): incoming webhooks and bot tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import GoTimeout, SecretUrl, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.chats.message import ChatMessage, SlackAction, rendered, rendered_fields
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.http import Answer
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_TITLE_RUNES = 1024
_MARKDOWN_IN = ("fallback", "pretext", "text")
#: What bots post to, at the end of its address.
POST = "chat.postMessage"
_UPDATE = "chat.update"
#: What is said when a message shall be changed that nobody but a bot could change.
NO_BOT = (
    "update_message can only be used with bot tokens. api_url must be set to "
    f"https://slack.com/api/{POST}"
)
_ORNAMENTS = ("title_link", "pretext", "image_url", "thumb_url", "color")
_ACTION_KEYS = ("type", "text", "url", "style", "name", "value")


@section
class SlackConfig(ChatMessage):
    """A message in Slack."""

    username: str = '{{ template "slack.default.username" . }}'
    color: str = '{{ template "slack.default.color" . }}'
    title: str = '{{ template "slack.default.title" . }}'
    title_link: str = '{{ template "slack.default.titlelink" . }}'
    text: str = '{{ template "slack.default.text" . }}'
    icon_emoji: str = '{{ template "slack.default.iconemoji" . }}'
    icon_url: str = '{{ template "slack.default.iconurl" . }}'
    api_url: SecretUrl | None = None
    api_url_file: str = ""
    app_token: Secret | None = None
    app_token_file: str = ""
    app_url: Url | None = None
    pretext: str = '{{ template "slack.default.pretext" . }}'
    message_text: str = ""
    footer: str = '{{ template "slack.default.footer" . }}'
    fallback: str = '{{ template "slack.default.fallback" . }}'
    callback_id: str = '{{ template "slack.default.callbackid" . }}'
    mrkdwn_in: tuple[str, ...] = ()
    actions: tuple[SlackAction, ...] = ()
    update_message: bool = False
    timeout: GoTimeout | None = None

    def check(self, report: Report) -> None:
        """One way to reach Slack; only bots can change messages."""
        ChatMessage.check(self, report)
        has_url = bool(self.api_url or self.api_url_file)
        has_token = bool(self.app_token or self.app_token_file)
        if has_url and has_token:
            message = "at most one of api_url/api_url_file & app_token/app_token_file must be"
            report.error(self, "app_token", f"{message} configured")
        url = self.api_url.reveal() if self.api_url else ""
        if self.update_message and has_url and not url.endswith(POST):
            report.error(self, "update_message", NO_BOT, hint="or set app_token in its place")


class Slack(HttpIntegration[SlackConfig]):
    """Posts one message with one attachment; `update_message` changes it later on.

    Kept between deliveries: `threadTs` and `channelId` of the first message.
    """

    kind: ClassVar[str] = "slack"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the message, or change the one of before.

        Raises:
            NotifyFailed: It was not delivered.
        """
        config = self.config
        renderer = self.renderer(message, delivery)
        request = await composed(message, lambda: self._request(renderer))
        url = self.secrets.get("api_url")
        known = delivery.data if config.update_message else {}
        if known.get("threadTs") and known.get("channelId"):
            request |= {"channel": known["channelId"], "ts": known["threadTs"]}
            url = url.replace(POST, _UPDATE, 1)
            self._judge(await self.post(delivery, url, json=request), request)
            return
        found = self._judge(await self.post(delivery, url, json=request), request)
        if config.update_message and found.get("ts") and found.get("channel"):
            delivery.data = {"threadTs": found["ts"], "channelId": found["channel"]}

    def _request(self, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        head = rendered(config, ("channel", "username", "icon_emoji", "icon_url"), renderer)
        text = renderer.text(config.message_text, instead="")
        return {
            **head,
            **({"link_names": True} if config.link_names else {}),
            **({"text": text} if text else {}),
            "attachments": [self._attachment(renderer)],
        }

    def _attachment(self, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        attachment: dict[str, Any] = {
            **rendered(config, _ORNAMENTS, renderer),
            "callback_id": renderer.text(config.callback_id, instead=""),
            "footer": renderer.text(config.footer, instead=""),
            "text": renderer.text(config.text),
            "fallback": renderer.text(config.fallback),
            "mrkdwn_in": list(config.mrkdwn_in or _MARKDOWN_IN),
        }
        if title := truncated(renderer.text(config.title), _TITLE_RUNES):
            attachment["title"] = title
        if config.fields:
            short = config.short_fields
            attachment["fields"] = rendered_fields(config.fields, renderer, short=short)
        if config.actions:
            attachment["actions"] = [_action(action, renderer) for action in config.actions]
        return attachment

    def _judge(self, answer: Answer, request: dict[str, Any]) -> dict[str, Any]:
        """What Slack says of the message, which may be an error in an answer of status 200."""
        prefix = f'channel "{request.get("channel", "")}": '
        check(answer, retry_on=(429,), prefix=prefix)
        if not answer.is_json:
            if answer.body == b"ok":
                return {}
            message = f"{prefix}received an error response from Slack: {answer.text}"
            raise NotifyFailed(message, is_retryable=False, reason="clientError")
        try:
            found = answer.json()
        except NotifyFailed as failure:
            raise NotifyFailed(
                f"{prefix}{failure}", is_retryable=True, reason="clientError"
            ) from failure
        if not isinstance(found, dict) or not found.get("ok"):
            error = found.get("error", "") if isinstance(found, dict) else answer.text
            message = f"{prefix}error response from Slack: {error}"
            raise NotifyFailed(message, is_retryable=False, reason="clientError")
        return found


def _action(action: SlackAction, renderer: Renderer) -> dict[str, Any]:
    """A button: one that opens an address asks nothing and has no value."""
    names = [name for name in _ACTION_KEYS if not (action.url and name in {"name", "value"})]
    result: dict[str, Any] = rendered(action, names, renderer)
    if action.confirm is not None and not action.url:
        keys = ("text", "title", "ok_text", "dismiss_text")
        result["confirm"] = rendered(action.confirm, keys, renderer)
    return result
