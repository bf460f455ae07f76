"""The incident.io integration (Alertmanager, `<incidentio_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Duration, Uint, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class IncidentioConfig(Notifier):
    """An alert in incident.io."""

    url: Url | None = None
    url_file: str = ""
    alert_source_token: Secret | None = None
    alert_source_token_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: Duration | None = None

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")
