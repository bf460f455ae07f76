"""The incident.io integration (Alertmanager, `<incidentio_config>`; incident.io, alert sources)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from appliance.config.scalars import GoTimeout, Uint, Url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.http import check
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.http import Answer
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_PAYLOAD_BYTES = 512 * 1024


@section
class IncidentioConfig(Notifier):
    """An alert in incident.io."""

    url: Url | None = None
    url_file: str = ""
    alert_source_token: Secret | None = None
    alert_source_token_file: str = ""
    max_alerts: Uint = Uint(0)
    timeout: GoTimeout | None = None

    def check(self, report: Report) -> None:
        """An address, and one way to log in."""
        Notifier.check(self, report)
        self.require(report, "url", "url_file")
        has_token = bool(self.alert_source_token or self.alert_source_token_file)
        login = self.http_config.authorization if self.http_config is not None else None
        if login is not None and has_token:
            message = (
                "cannot specify alert_source_token or alert_source_token_file when using "
                "http_config.authorization"
            )
            report.error(self, "http_config", message)
        elif self.http_config is not None and login is None and not has_token:
            message = (
                "at least one of alert_source_token, alert_source_token_file or "
                "http_config.authorization must be configured"
            )
            report.error(self, (), message, code="missing-key")


class Incidentio(HttpIntegration[IncidentioConfig]):
    """Posts the document webhooks get."""

    kind: ClassVar[str] = "incidentio"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Post the alerts; the token comes before any other login."""
        config = self.config
        kept = message.alerts[: config.max_alerts or None]
        renderer = self.renderer(dataclasses.replace(message, alerts=kept), delivery)
        dropped = len(message.alerts) - len(kept)
        body = await composed(message, lambda: payload(message, renderer, dropped=dropped))
        token = self.secrets.get("alert_source_token")
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = await self.post(delivery, self.secrets.get("url"), body=body, headers=headers)
        check(answer, retry_on=(429,), details=_details(answer))


def payload(message: Message, renderer: Renderer, *, dropped: int) -> bytes:
    """The body; of a message that is too large only the first alert stays."""
    document: dict[str, Any] = {
        **renderer.data,
        "version": "1",
        "groupKey": message.group_key,
        "truncatedAlerts": dropped,
    }
    body = orjson.dumps(document)
    alerts = document["alerts"]
    if len(body) <= _PAYLOAD_BYTES or not alerts:
        return body
    # Differs from Alertmanager: what is dropped here is counted, too.
    document |= {"alerts": alerts[:1], "truncatedAlerts": dropped + len(alerts) - 1}
    return orjson.dumps(document)


def _details(answer: Answer) -> str:
    """What incident.io says of an error."""
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(said, dict):
        return ""
    errors = said.get("errors")
    several = ", ".join(map(str, errors)) if isinstance(errors, list) else ""
    parts = (said.get("message"), said.get("error"), several)
    return ": ".join(part for part in parts if isinstance(part, str) and part)
