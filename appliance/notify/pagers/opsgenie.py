"""The Opsgenie integration (Alertmanager, `<opsgenie_config>`; Opsgenie, Alert API v2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from appliance.config.scalars import Url
from appliance.config.schema import key, section
from appliance.config.secret import Secret
from appliance.notify.addressing import below, group_hash, headline, templated_secret
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.section import Notifier
from appliance.notify.template_lint import syntax_fault

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_MESSAGE_RUNES = 130
_TYPES = ("team", "teams", "user", "escalation", "schedule")


@section
class OpsgenieResponder:
    """Who is told."""

    id: str = ""
    name: str = ""
    username: str = ""
    type: str = ""

    def check(self, report: Report) -> None:
        """Somebody of a known type; both may be templates."""
        shown = f"{{{self.id} {self.name} {self.username} {self.type}}}"
        if not (self.id or self.name or self.username):
            message = (
                f"opsGenieConfig responder {shown} has to have at least one of id, username or "
                "name specified"
            )
            report.error(self, (), message, code="missing-key")
        elif fault := syntax_fault(self.type):
            message = (
                f"opsGenieConfig responder {shown} type contains invalid template syntax: {fault}"
            )
            report.error(self, "type", message)
        elif "{{" not in self.type and self.type.lower() not in _TYPES:
            message = (
                f"opsGenieConfig responder {shown} type does not match valid options "
                f"^({'|'.join(_TYPES)})$"
            )
            report.error(self, "type", message)


@section
class OpsgenieConfig(Notifier):
    """An alert in Opsgenie."""

    api_key: Secret | None = None
    api_key_file: str = ""
    api_url: Url | None = None
    message: str = '{{ template "opsgenie.default.message" . }}'
    description: str = '{{ template "opsgenie.default.description" . }}'
    source: str = '{{ template "opsgenie.default.source" . }}'
    details: dict[str, str] = key(default_factory=dict)
    entity: str = ""
    responders: tuple[OpsgenieResponder, ...] = ()
    actions: str = ""
    tags: str = ""
    note: str = ""
    priority: str = ""
    update_alerts: bool = False


class Call(NamedTuple):
    """One request to the Alert API; `path` below the address of the API."""

    method: str
    path: str
    body: dict[str, Any]


class Opsgenie(HttpIntegration[OpsgenieConfig]):
    """Creates an alert, keeps its texts up to date if wanted, closes it."""

    kind: ClassVar[str] = "opsgenie"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Create or close; a later request is sent only if those before it succeeded."""
        renderer = self.renderer(message, delivery)
        calls = await composed(message, lambda: calls_for(self.config, message, renderer))
        headers = {
            "Authorization": f"GenieKey {templated_secret(self.secrets, 'api_key', renderer)}"
        }
        for call in calls:
            url = below(self.config.api_url, call.path)
            answer = await self.post(
                delivery, url, json=call.body, headers=headers, method=call.method
            )
            check(answer, retry_on=(429,))


def calls_for(config: OpsgenieConfig, message: Message, renderer: Renderer) -> list[Call]:
    """The requests that tell of a message, in their order."""
    alias = group_hash(message)
    by_alias = "?identifierType=alias"
    source = renderer.text(config.source, instead="Alertmanager")
    if not message.firing:
        return [Call("POST", f"v2/alerts/{alias}/close{by_alias}", {"source": source})]
    body = _alert(config, message, renderer) | {"alias": alias, "source": source}
    calls = [Call("POST", "v2/alerts", body)]
    if config.update_alerts:
        for name in ("message", "description"):
            text = {name: body[name]} if body.get(name) else {}
            calls.append(Call("PUT", f"v2/alerts/{alias}/{name}{by_alias}", text))
    return calls


def _alert(config: OpsgenieConfig, message: Message, renderer: Renderer) -> dict[str, Any]:
    """The body of a create request but for what identifies it; empty keys are left out."""
    own = {name: renderer.text(text, instead="") for name, text in config.details.items()}
    optional = {
        "description": renderer.text(config.description),
        "responders": _responders(config, renderer),
        "tags": _split(renderer.text(config.tags, instead="")),
        "note": renderer.text(config.note, instead=""),
        "priority": renderer.text(config.priority, instead=""),
        "entity": renderer.text(config.entity, instead=""),
        "actions": _split(renderer.text(config.actions, instead="")),
    }
    title = renderer.text(config.message, instead=headline(message))
    return {
        "message": truncated(title, _MESSAGE_RUNES),
        "details": {**renderer.data["commonLabels"], **own},
        **{name: value for name, value in optional.items() if value},
    }


def _responders(config: OpsgenieConfig, renderer: Renderer) -> list[dict[str, str]]:
    """Who is told; those whose templates give nothing are left out, `teams` become several."""
    found: list[dict[str, str]] = []
    for responder in config.responders:
        names = ("id", "name", "username", "type")
        texts = {name: renderer.text(getattr(responder, name), instead="") for name in names}
        if texts["type"] == "teams":
            found += [{"name": team, "type": "team"} for team in _split(texts["name"])]
        elif any(texts.values()):
            who = {name: texts[name] for name in names[:3] if texts[name]}
            found.append({**who, "type": texts["type"]})
    return found


def _split(text: str) -> list[str]:
    """The parts between commas that are not empty."""
    return [part for part in text.strip().split(",") if part]
