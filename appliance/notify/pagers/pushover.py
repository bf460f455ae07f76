"""The Pushover integration (Alertmanager, `<pushover_config>`; Pushover, Message API)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from appliance.config.scalars import GoTimeout
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.addressing import headline, templated_secret
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_TITLE_RUNES = 250
_MESSAGE_RUNES = 1024
_URL_RUNES = 512


@section
class PushoverConfig(Notifier):
    """A message through Pushover."""

    user_key: Secret | None = None
    user_key_file: str = ""
    token: Secret | None = None
    token_file: str = ""
    title: str = '{{ template "pushover.default.title" . }}'
    message: str = '{{ template "pushover.default.message" . }}'
    url: str = '{{ template "pushover.default.url" . }}'
    url_title: str = ""
    device: str = ""
    sound: str = ""
    priority: str = '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'
    retry: GoTimeout = GoTimeout(60_000)
    expire: GoTimeout = GoTimeout(3_600_000)
    ttl: GoTimeout | None = None
    html: bool = False
    monospace: bool = False

    def check(self, report: Report) -> None:
        """User and application; one text style."""
        Notifier.check(self, report)
        self.require(report, "user_key", "user_key_file")
        self.require(report, "token", "token_file")
        if self.html and self.monospace:
            report.error(self, "monospace", "at most one of monospace & html must be configured")


class Pushover(HttpIntegration[PushoverConfig]):
    """Posts a message; everything is in the query."""

    kind: ClassVar[str] = "pushover"
    #: Where Pushover is; there is no key for it.
    address = "https://api.pushover.net/1/messages.json"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the message."""
        renderer = self.renderer(message, delivery)
        login = {
            name: templated_secret(self.secrets, name, renderer) for name in ("token", "user_key")
        }
        query = {"token": login["token"], "user": login["user_key"]}
        query |= await composed(message, lambda: parameters(self.config, message, renderer))
        url = f"{self.address}?{urlencode(sorted(query.items()))}"
        check(await self.post(delivery, url, headers={"Content-Type": "text/plain"}))


def parameters(config: PushoverConfig, message: Message, renderer: Renderer) -> dict[str, str]:
    """What is asked of Pushover but for the login."""
    text = renderer.html(config.message) if config.html else renderer.text(config.message)
    found = {
        "title": truncated(renderer.text(config.title, instead=headline(message)), _TITLE_RUNES),
        # Pushover refuses empty messages.
        "message": truncated(text, _MESSAGE_RUNES).strip() or "(no details)",
        "url": truncated(renderer.text(config.url, instead=""), _URL_RUNES),
        "url_title": renderer.text(config.url_title, instead=""),
        "priority": renderer.text(config.priority, instead="2" if message.firing else "0"),
        "retry": str(int(config.retry) // 1000),
        "expire": str(int(config.expire) // 1000),
        "device": renderer.text(config.device, instead=""),
        "sound": renderer.text(config.sound, instead=""),
    }
    found |= {name: "1" for name in ("html", "monospace") if getattr(config, name)}
    if config.ttl and config.ttl >= 1000:
        found["ttl"] = str(int(config.ttl) // 1000)
    return found
