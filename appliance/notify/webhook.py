"""The webhook integration (Alertmanager, `<webhook_config>`): posts JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import GoTimeout, Uint
from appliance.config.schema import section
from appliance.notify.http import check
from appliance.notify.http_integration import HttpIntegration
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier, TemplatedUrl

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery
    from appliance.notify.message import Message


@section
class WebhookConfig(Notifier):
    """Posts JSON."""

    url: TemplatedUrl | None = None
    url_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: GoTimeout | None = None
    payload: Any = None

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")


class Webhook(HttpIntegration[WebhookConfig]):
    """Posts the template data as JSON, version 4, or what `payload` makes of it."""

    kind: ClassVar[str] = "webhook"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the first `max_alerts` alerts.

        Raises:
            NotifyFailed: It was not delivered.
        """
        config = self.config
        limit = int(config.max_alerts) or len(message.alerts)
        surplus = max(len(message.alerts) - limit, 0)
        message = replace(message, alerts=message.alerts[:limit])
        renderer = self.renderer(message, delivery)
        url = renderer.text(self.secrets.get("url"), instead="").strip()
        if not url:
            raise NotifyFailed("webhook URL is empty after templating", is_retryable=False)
        self.secrets.add("url", url)
        payload: Any = {
            **renderer.data,
            "version": "4",
            "groupKey": message.group_key,
            "truncatedAlerts": surplus,
        }
        if config.payload is not None:
            payload = renderer.deep(config.payload)
        check(await self.post(delivery, url, json=payload))
