"""The Webex integration (Alertmanager, `<webex_config>`; Webex, messages)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from appliance.config.scalars import Url
from appliance.config.schema import section
from appliance.notify.http import check, truncated_bytes
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_MESSAGE_BYTES = 7439


@section
class WebexConfig(Notifier):
    """A message in Webex."""

    api_url: Url | None = None
    room_id: str = ""
    message: str = '{{ template "webex.default.message" . }}'

    def check(self, report: Report) -> None:
        """A room, and a token in `http_config`."""
        Notifier.check(self, report)
        if not self.room_id:
            report.error(self, "room_id", "missing room_id on webex_config", code="missing-key")
        http = self.http_config
        # A bearer token is another way to write an authorization.
        if not (http and (http.authorization or http.bearer_token or http.bearer_token_file)):
            message = "missing webex_configs.http_config.authorization"
            report.error(self, "http_config", message, code="missing-key")


class Webex(HttpIntegration[WebexConfig]):
    """Posts a message in Markdown; the login is in `http_config`."""

    kind: ClassVar[str] = "webex"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the message."""
        renderer = self.renderer(message, delivery)
        body = await composed(message, lambda: payload(self.config, renderer))
        check(await self.post(delivery, self.config.api_url or "", json=body))


def payload(config: WebexConfig, renderer: Renderer) -> dict[str, str]:
    """The body of the request."""
    body = {"markdown": truncated_bytes(renderer.text(config.message), _MESSAGE_BYTES)}
    room = renderer.text(config.room_id, instead="")
    return body | ({"roomId": room} if room else {})
