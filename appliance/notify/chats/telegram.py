"""The Telegram integration (Alertmanager, `<telegram_config>`; Telegram, bot API `sendMessage`)."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from appliance.config.scalars import GoTimeout, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.addressing import below
from appliance.notify.http import reason_of, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.http import Answer
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

#: After markup was taken out; with it, Telegram takes so many bytes.
_MESSAGE_RUNES, _MESSAGE_BYTES = 4096, 1 << 15


@section
class TelegramConfig(Notifier):
    """A message in Telegram."""

    api_url: Url | None = None
    bot_token: Secret | None = None
    bot_token_file: str = ""
    chat_id: int = 0
    chat_id_file: str = ""
    message_thread_id: int = 0
    message: str = '{{ template "telegram.default.message" . }}'
    disable_notifications: bool = False
    parse_mode: str = "HTML"
    timeout: GoTimeout | None = None

    def check(self, report: Report) -> None:
        """A bot, a chat and a known style."""
        Notifier.check(self, report)
        if not self.chat_id and not self.chat_id_file:
            message = "missing chat_id or chat_id_file on telegram_config"
            report.error(self, (), message, code="missing-key")
        if self.parse_mode not in {"", "Markdown", "MarkdownV2", "HTML"}:
            message = (
                "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or "
                "empty string"
            )
            report.error(self, "parse_mode", message)


class Telegram(HttpIntegration[TelegramConfig]):
    """Sends as a bot; whatever Telegram refuses is tried again, as in Alertmanager."""

    kind: ClassVar[str] = "telegram"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Send the message to the chat."""
        renderer, chat_id = self.renderer(message, delivery), self._chat_id()
        body = await composed(message, lambda: payload(self.config, renderer, chat_id=chat_id))
        path = f"bot{self.secrets.get('bot_token')}/sendMessage"
        answer = await self.post(delivery, below(self.config.api_url, path), json=body)
        _check(answer)

    def _chat_id(self) -> int:
        text = self.secrets.get("chat_id")
        try:
            return int(text)
        except ValueError as error:
            message = f"could not parse chat_id from {self.config.chat_id_file}: {text!r}"
            raise NotifyFailed(message, is_retryable=True) from error


def payload(config: TelegramConfig, renderer: Renderer, *, chat_id: int) -> dict[str, str]:
    """The body of the request; every value is a text."""
    if config.parse_mode == "HTML":
        text = fitted(renderer.html(config.message))
    else:
        text = truncated(renderer.text(config.message), _MESSAGE_RUNES)
    body = {"chat_id": str(chat_id), "text": text, "disable_web_page_preview": "true"}
    if config.disable_notifications:
        body["disable_notification"] = "true"
    if config.parse_mode:
        body["parse_mode"] = config.parse_mode
    if config.message_thread_id:
        body["message_thread_id"] = str(config.message_thread_id)
    return body


def fitted(html: str) -> str:
    """HTML that Telegram takes; of what is too long the text stays, cut, without its markup.

    Differs from Alertmanager, which sends a note in place of the message.
    """
    if len(html) <= _MESSAGE_RUNES:
        return html
    shown = "".join(_Text.of(html))
    if len(shown) <= _MESSAGE_RUNES and len(html.encode()) <= _MESSAGE_BYTES:
        return html
    return escape(truncated(shown, _MESSAGE_RUNES), quote=False)


class _Text(HTMLParser):
    """Gathers what is shown of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    @classmethod
    def of(cls, html: str) -> list[str]:
        """The pieces of text."""
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found

    def handle_data(self, data: str) -> None:
        """One piece."""
        self.found.append(data)


def _check(answer: Answer) -> None:
    """Judge by what the body says; the status only repeats it."""
    said: dict[str, Any] = {}
    try:
        found = orjson.loads(answer.body)
        said = found if isinstance(found, dict) else {}
    except orjson.JSONDecodeError:
        pass
    if said.get("ok") is True:
        return
    code = said.get("error_code")
    code = code if isinstance(code, int) else answer.status
    reason = said.get("description") or answer.text or "unexpected answer"
    more = said.get("parameters")
    seconds = more.get("retry_after") if isinstance(more, dict) else None
    raise NotifyFailed(
        answer.mask(f"telegram: {reason} ({code})"),
        is_retryable=True,
        reason=reason_of(code),
        retry_after_seconds=float(seconds) if isinstance(seconds, int) else None,
    )
