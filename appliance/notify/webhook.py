"""The webhook integration (Alertmanager, `<webhook_config>`): posts JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from appliance.config.scalars import GoTimeout, Uint
from appliance.config.schema import section
from appliance.notify.http import JSON, check
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier, TemplatedUrl

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
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
        if surplus:
            message = replace(message, alerts=message.alerts[:limit])
        renderer = self.renderer(message, delivery)
        url = renderer.text(self.secrets.get("url"), instead="").strip()
        if not url:
            raise NotifyFailed("webhook URL is empty after templating", is_retryable=False)
        self.secrets.add("url", url)
        body = await composed(message, lambda: self._body(message, renderer, surplus))
        check(await self.post(delivery, url, body=body, headers={"Content-Type": JSON}))

    def _body(self, message: Message, renderer: Renderer, surplus: int) -> bytes:
        if self.config.payload is not None:
            return orjson.dumps(renderer.deep(self.config.payload), option=orjson.OPT_NON_STR_KEYS)
        return orjson.dumps(
            {
                **renderer.data,
                "version": "4",
                "groupKey": message.group_key,
                "truncatedAlerts": surplus,
            }
        )
