"""The webhook integration (Alertmanager, `<webhook_config>`): posts JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.config.scalars import Duration, Uint
from appliance.config.schema import section
from appliance.notify.section import Notifier, TemplatedUrl

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class WebhookConfig(Notifier):
    """Posts JSON."""

    url: TemplatedUrl | None = None
    url_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: Duration | None = None
    payload: Any = None

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")
