"""The Discord integration (Alertmanager, `<discord_config>`; Discord, execute webhook)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from appliance.config.scalars import SecretUrl
from appliance.config.schema import section
from appliance.notify.addressing import headline
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_TITLE_RUNES = 256
_DESCRIPTION_RUNES = 4096
_CONTENT_RUNES = 2000
_RED, _GREEN = 0x992D22, 0x2ECC71


@section
class DiscordConfig(Notifier):
    """A message in Discord."""

    webhook_url: SecretUrl | None = None
    webhook_url_file: str = ""
    title: str = '{{ template "discord.default.title" . }}'
    message: str = '{{ template "discord.default.message" . }}'
    content: str = ""
    username: str = ""
    avatar_url: str = ""

    def check(self, report: Report) -> None:
        """An address."""
        Notifier.check(self, report)
        self.require(report, "webhook_url", "webhook_url_file")


class Discord(HttpIntegration[DiscordConfig]):
    """Posts one embed."""

    kind: ClassVar[str] = "discord"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the embed."""
        renderer = self.renderer(message, delivery)
        body = await composed(message, lambda: payload(self.config, message, renderer))
        check(await self.post(delivery, self.secrets.get("webhook_url"), json=body))


def payload(config: DiscordConfig, message: Message, renderer: Renderer) -> dict[str, Any]:
    """The body of the request."""
    title = renderer.text(config.title, instead=headline(message))
    body: dict[str, Any] = {
        "content": truncated(renderer.text(config.content, instead=""), _CONTENT_RUNES),
        "embeds": [
            {
                "title": truncated(title, _TITLE_RUNES),
                "description": truncated(renderer.text(config.message), _DESCRIPTION_RUNES),
                "color": _RED if message.firing else _GREEN,
            }
        ],
    }
    if config.username:
        body["username"] = config.username
    if config.avatar_url:
        body["avatar_url"] = config.avatar_url
    return body
