"""The Telegram integration (Alertmanager, `<telegram_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class TelegramConfig(Notifier):
    """A message in Telegram."""

    api_url: Url | None = None
    bot_token: Secret | None = None
    bot_token_file: str = ""
    chat_id: int = 0
    chat_id_file: str = ""
    message_thread_id: int = 0
    message: str = ""
    disable_notifications: bool = False
    parse_mode: str = "HTML"

    def check(self, report: Report) -> None:
        """A bot, a chat and a known style."""
        Notifier.check(self, report)
        self.require(report, "chat_id", "chat_id_file")
        if self.parse_mode not in {"", "Markdown", "MarkdownV2", "HTML"}:
            message = f"unknown parse_mode {self.parse_mode!r} on telegram_config"
            hint = "must be Markdown, MarkdownV2, HTML or empty string - for plain text"
            report.error(self, "parse_mode", message, hint=hint)
