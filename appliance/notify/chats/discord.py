"""The Discord integration (Alertmanager, `<discord_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class DiscordConfig(Notifier):
    """A message in Discord."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = ""
    message: str = ""
    content: str = ""
    username: str = ""
    avatar_url: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")
