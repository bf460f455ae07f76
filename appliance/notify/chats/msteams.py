"""The Microsoft Teams integration by connectors (Alertmanager, `<msteams_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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

_RED, _GREEN = "8C1A1A", "2DC72D"


@section
class MsteamsConfig(Notifier):
    """A card in Microsoft Teams."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = '{{ template "msteams.default.title" . }}'
    summary: str = '{{ template "msteams.default.summary" . }}'
    text: str = '{{ template "msteams.default.text" . }}'

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


class Msteams(HttpIntegration[MsteamsConfig]):
    """Posts a `MessageCard`."""

    kind: ClassVar[str] = "msteams"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the card."""
        renderer = self.renderer(message, delivery)
        body = await composed(message, lambda: payload(self.config, message, renderer))
        check(await self.post(delivery, self.secrets.get("webhook_url"), json=body))


def payload(config: MsteamsConfig, message: Message, renderer: Renderer) -> dict[str, str]:
    """The card."""
    return {
        "@context": "http://schema.org/extensions",
        "type": "MessageCard",
        "title": renderer.text(config.title, instead=headline(message)),
        "summary": renderer.text(config.summary, instead=headline(message)),
        "text": renderer.text(config.text),
        "themeColor": _RED if message.firing else _GREEN,
    }
