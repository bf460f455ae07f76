"""The PagerDuty integration (Alertmanager 0.34, `<pagerduty_config>`).

`routing_key` speaks PagerDuty's events API v2, `service_key` the older one at its fixed address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from appliance.config.scalars import GoTimeout, Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.addressing import group_hash
from appliance.notify.http import JSON, check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.http import Answer
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_URL_V1 = "https://events.pagerduty.com/generic/2010-04-15/create_event.json"
_SUMMARY_RUNES = 1024
_EVENT_BYTES = 512_000
_TOO_LARGE = (
    "Custom details have been removed because the original event exceeds the maximum size of 512KB"
)
_DETAILS = {
    "firing": "{{ .Alerts.Firing | toJson }}",
    "resolved": "{{ .Alerts.Resolved | toJson }}",
    "num_firing": "{{ .Alerts.Firing | len }}",
    "num_resolved": "{{ .Alerts.Resolved | len }}",
}


@section
class PagerdutyImage:
    """A picture on an incident."""

    src: str = ""
    alt: str = ""
    href: str = ""


@section
class PagerdutyLink:
    """A link on an incident."""

    href: str = ""
    text: str = ""


@section
class PagerdutyConfig(Notifier):
    """An incident in PagerDuty, by events API v2 (`routing_key`) or v1 (`service_key`)."""

    routing_key: Secret | None = None
    routing_key_file: str = ""
    service_key: Secret | None = None
    service_key_file: str = ""
    url: Url | None = None
    client: str = '{{ template "pagerduty.default.client" . }}'
    client_url: str = '{{ template "pagerduty.default.clientURL" . }}'
    description: str = '{{ template "pagerduty.default.description" .}}'
    severity: str = ""
    source: str = ""
    details: dict[str, Any] = key(default_factory=dict)
    images: tuple[PagerdutyImage, ...] = ()
    links: tuple[PagerdutyLink, ...] = ()
    class_: str = key("class", default="")
    component: str = ""
    group: str = ""
    timeout: GoTimeout | None = None

    def check(self, report: Report) -> None:
        """A key of either kind."""
        Notifier.check(self, report)
        names = ("routing_key", "routing_key_file", "service_key", "service_key_file")
        if not any(getattr(self, name) for name in names):
            message = "missing service or routing key in PagerDuty config"
            report.error(
                self, (), message, code="missing-key", hint=f"set one of {', '.join(names)}"
            )


class Pagerduty(HttpIntegration[PagerdutyConfig]):
    """Triggers and resolves one incident for each group."""

    kind: ClassVar[str] = "pagerduty"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Send one event.

        Raises:
            NotifyFailed: It was not delivered.
        """
        config = self.config
        renderer = self.renderer(message, delivery)
        is_v1 = bool(config.service_key or config.service_key_file)
        name = "service_key" if is_v1 else "routing_key"
        secret = renderer.text(self.secrets.get(name), instead="").strip()
        if not secret:
            text = f"{name.replace('_', ' ')} cannot be empty"
            raise NotifyFailed(text, is_retryable=False)
        self.secrets.add(name, secret)
        make = self._v1 if is_v1 else self._v2
        body = await composed(message, lambda: _encoded({name: secret, **make(message, renderer)}))
        url = _URL_V1 if is_v1 else str(config.url)
        headers = {"Content-Type": JSON}
        answer = await self.post(delivery, url, body=body, headers=headers)
        check(answer, retry_on=(403,) if is_v1 else (429,), details=_details(answer))

    def _v1(self, message: Message, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        event: dict[str, Any] = {
            "incident_key": group_hash(message),
            "event_type": _action(message),
            "description": truncated(renderer.text(config.description), _SUMMARY_RUNES),
            "event_action": "",
            "payload": None,
            "details": self._custom(renderer),
        }
        if event["event_type"] == "trigger":
            event |= _given(config, ("client", "client_url"), renderer)
        return event

    def _v2(self, message: Message, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        event: dict[str, Any] = {
            "dedup_key": group_hash(message),
            "event_action": _action(message),
            "payload": self._payload(renderer),
            **_given(config, ("client", "client_url"), renderer),
        }
        images = [_all(image, ("src", "alt", "href"), renderer) for image in config.images]
        links = [_all(link, ("href", "text"), renderer) for link in config.links]
        if images := [image for image in images if image["src"]]:
            event["images"] = images
        if links := [link for link in links if link["href"]]:
            event["links"] = links
        return event

    def _payload(self, renderer: Renderer) -> dict[str, Any]:
        config = self.config
        payload: dict[str, Any] = {
            "summary": truncated(renderer.text(config.description), _SUMMARY_RUNES),
            "source": renderer.text(config.source or config.client, instead="Alertmanager"),
            "severity": renderer.text(config.severity or "error", instead="error"),
            **_given(config, ("component", "group"), renderer),
            "custom_details": self._custom(renderer),
        }
        if class_ := renderer.text(config.class_, instead=""):
            payload["class"] = class_
        return payload

    def _custom(self, renderer: Renderer) -> dict[str, Any]:
        """The details: those of the section over the usual ones."""
        details = _DETAILS | self.config.details
        return {name: renderer.deep(value) for name, value in details.items()}


def _action(message: Message) -> str:
    return "trigger" if message.firing else "resolve"


def _all(config: object, names: tuple[str, ...], renderer: Renderer) -> dict[str, str]:
    return {name: renderer.text(getattr(config, name), instead="") for name in names}


def _given(config: object, names: tuple[str, ...], renderer: Renderer) -> dict[str, str]:
    return {name: text for name, text in _all(config, names, renderer).items() if text}


def _encoded(event: dict[str, Any]) -> bytes:
    """The event as JSON; one that is too large goes without its details."""
    body = orjson.dumps(event)
    if len(body) <= _EVENT_BYTES:
        return body
    removed = {"error": _TOO_LARGE}
    if event["payload"] is None:
        return orjson.dumps(event | {"details": removed})
    return orjson.dumps(event | {"payload": event["payload"] | {"custom_details": removed}})


def _details(answer: Answer) -> str:
    """What PagerDuty finds wrong with an event; nothing of other answers."""
    if answer.status != 400:
        return ""
    try:
        found = orjson.loads(answer.body)
        return f"{found['message']}: {','.join(found.get('errors') or ())}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
