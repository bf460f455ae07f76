"""The Microsoft Teams integration by workflows (Alertmanager, `<msteamsv2_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.addressing import headline
from appliance.notify.http import check
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message


@section
class MsteamsV2Config(Notifier):
    """An adaptive card in Microsoft Teams."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = '{{ template "msteamsv2.default.title" . }}'
    text: str = '{{ template "msteamsv2.default.text" . }}'

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


class MsteamsV2(HttpIntegration[MsteamsV2Config]):
    """Posts an adaptive card."""

    kind: ClassVar[str] = "msteamsv2"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the card."""
        renderer = self.renderer(message, delivery)
        body = await composed(message, lambda: payload(self.config, message, renderer))
        check(await self.post(delivery, self.secrets.get("webhook_url"), json=body))


def payload(config: MsteamsV2Config, message: Message, renderer: Renderer) -> dict[str, Any]:
    """A message with one card of two blocks of text."""
    heading = {
        "type": "TextBlock",
        "text": renderer.text(config.title, instead=headline(message)),
        "weight": "Bolder",
        "size": "Medium",
        "wrap": True,
        "style": "heading",
        "color": "Attention" if message.firing else "Good",
    }
    text = {"type": "TextBlock", "text": renderer.text(config.text), "wrap": True}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [heading, text],
        "msteams": {"width": "full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}
