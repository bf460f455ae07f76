"""The Pushover integration (Alertmanager, `<pushover_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import GoDuration
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class PushoverConfig(Notifier):
    """A message through Pushover."""

    user_key: Secret | None = None
    user_key_file: str = ""
    token: Secret | None = None
    token_file: str = ""
    title: str = ""
    message: str = ""
    url: str = ""
    url_title: str = ""
    device: str = ""
    sound: str = ""
    priority: str = ""
    retry: GoDuration | None = None
    expire: GoDuration | None = None
    ttl: GoDuration | None = None
    html: bool = False
    monospace: bool = False

    def check(self, report: Report) -> None:
        """User and application; one text style."""
        Notifier.check(self, report)
        self.require(report, "user_key", "user_key_file")
        self.require(report, "token", "token_file")
        if self.html and self.monospace:
            report.error(self, "monospace", "at most one of monospace & html must be configured")
