"""The Webex integration (Alertmanager, `<webex_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class WebexConfig(Notifier):
    """A message in Webex."""

    api_url: Url | None = None
    room_id: str = ""
    message: str = ""

    def check(self, report: Report) -> None:
        """A room, and a token in `http_config`."""
        Notifier.check(self, report)
        self.require(report, "room_id")
        if self.http_config is not None and self.http_config.authorization is None:
            message = "missing authorization credentials in http_config of webex config"
            report.error(self, "http_config", message, code="missing-key")
