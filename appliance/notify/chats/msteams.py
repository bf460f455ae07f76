"""The Microsoft Teams integration by connectors (Alertmanager, `<msteams_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class MsteamsConfig(Notifier):
    """A card in Microsoft Teams."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")
