"""The VictorOps integration (Alertmanager, `<victorops_config>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class VictoropsConfig(Notifier):
    """An incident in VictorOps."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    routing_key: str = ""
    message_type: str = ""
    state_message: str = ""
    entity_display_name: str = ""
    monitoring_tool: str = ""
    custom_fields: dict[str, str] = key(default_factory=dict)

    def check(self, report: Report) -> None:
        """A routing key, and no custom fields with names of fixed ones."""
        Notifier.check(self, report)
        self.require(report, "routing_key")
        fixed = {
            *("routing_key", "message_type", "state_message", "entity_display_name"),
            *("monitoring_tool", "entity_id", "entity_state"),
        }
        for name in sorted(fixed & set(self.custom_fields)):
            message = f"victorops config contains custom field {name} which cannot be used"
            report.error(self, ("custom_fields", name), message)
