"""The VictorOps (Splunk On-Call) integration (Alertmanager, `<victorops_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.addressing import below, group_hash, headline
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_STATE_MESSAGE_RUNES = 20_480
_FIXED = (
    *("routing_key", "message_type", "state_message", "entity_display_name"),
    *("monitoring_tool", "entity_id", "entity_state"),
)


@section
class VictoropsConfig(Notifier):
    """An incident in VictorOps."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    routing_key: str = ""
    message_type: str = "CRITICAL"
    state_message: str = '{{ template "victorops.default.state_message" . }}'
    entity_display_name: str = '{{ template "victorops.default.entity_display_name" . }}'
    monitoring_tool: str = '{{ template "victorops.default.monitoring_tool" . }}'
    custom_fields: dict[str, str] = key(default_factory=dict)

    def check(self, report: Report) -> None:
        """A routing key, and no custom fields with names of fixed ones."""
        Notifier.check(self, report)
        if not self.routing_key:
            message = "missing Routing key in VictorOps config"
            report.error(self, "routing_key", message, code="missing-key")
        for name in _FIXED:
            if name in self.custom_fields:
                message = (
                    f"victorOps config contains custom field {name} which cannot be used as it "
                    "conflicts with the fixed/static fields"
                )
                report.error(self, ("custom_fields", name), message)


class Victorops(HttpIntegration[VictoropsConfig]):
    """Opens an incident and recovers it."""

    kind: ClassVar[str] = "victorops"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post to the address that key and routing key make."""
        renderer = self.renderer(message, delivery)
        api_key = self.secrets.get("api_key")
        route = renderer.text(self.config.routing_key, instead="")
        url = below(self.config.api_url, quote(f"{api_key}/{route}", safe="/$&+,:;=@~"))
        body = await composed(message, lambda: payload(self.config, message, renderer))
        check(await self.post(delivery, url, json=body))


def payload(config: VictoropsConfig, message: Message, renderer: Renderer) -> dict[str, str]:
    """The body of the request."""
    kind = "RECOVERY"
    if message.firing:
        kind = renderer.text(config.message_type, instead="CRITICAL")
        kind = kind if kind in {"INFO", "WARNING", "CRITICAL"} else "CRITICAL"
    title = renderer.text(config.entity_display_name, instead=headline(message))
    custom = config.custom_fields.items()
    return {
        "message_type": kind,
        "entity_id": group_hash(message),
        "entity_display_name": title,
        "state_message": truncated(renderer.text(config.state_message), _STATE_MESSAGE_RUNES),
        "monitoring_tool": renderer.text(config.monitoring_tool, instead="Alertmanager"),
        **{name: renderer.text(text, instead="") for name, text in custom},
    }
