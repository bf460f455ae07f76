"""The Opsgenie integration (Alertmanager, `<opsgenie_config>`)."""

from __future__ import annotations

from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.section import Notifier


@section
class OpsgenieResponder:
    """Who is told."""

    id: str = ""
    name: str = ""
    username: str = ""
    type: str = ""


@section
class OpsgenieConfig(Notifier):
    """An alert in Opsgenie."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    message: str = ""
    description: str = ""
    source: str = ""
    details: dict[str, str] = key(default_factory=dict)
    entity: str = ""
    responders: tuple[OpsgenieResponder, ...] = ()
    actions: str = ""
    tags: str = ""
    note: str = ""
    priority: str = ""
    update_alerts: bool = False
