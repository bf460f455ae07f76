"""What the flight record is told of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.http import CUT
from appliance.notify.integration import Exchange, TemplateFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.notify.delivery.retry import Attempt, Outcome
    from appliance.notify.integration import Integration
    from appliance.notify.message import Message


def _event(
    kind: EventKind, message: Message, integration: Integration, *, at_ns: int, **detail: object
) -> AlertEvent:
    """An event about what an integration was given."""
    extra = {"is_test": True} if message.is_test else {}
    return AlertEvent(
        at_ns=at_ns,
        kind=kind,
        fingerprints=tuple(alert.fingerprint for alert in message.alerts),
        group_key=message.group_key,
        receiver=message.receiver,
        detail={"integration": integration.kind, "index": integration.index, **extra, **detail},
    )


def attempt_events(
    message: Message, integration: Integration, attempt: Attempt, now_ns: int
) -> list[AlertEvent]:
    """An event for each request of an attempt, and one if a template failed.

    An attempt that failed before it sent anything has one with an empty request.
    """
    failure = attempt.failure
    if isinstance(failure, TemplateFailed):
        error = str(failure)
        return [_event(EventKind.FALLBACK, message, integration, at_ns=now_ns, error=error)]
    exchanges = attempt.delivery.exchanges
    if failure is not None and not exchanges:
        exchanges = [Exchange("", "", "", 0, "", str(failure), attempt.seconds)]
    return [
        _event(
            EventKind.ATTEMPT,
            message,
            integration,
            at_ns=now_ns,
            **exchange_detail(exchange),
            attempt=attempt.number,
            will_retry=attempt.wait_seconds is not None and exchange is exchanges[-1],
        )
        for exchange in exchanges
    ]


def ended_event(
    message: Message, integration: Integration, outcome: Outcome, now_ns: int
) -> AlertEvent:
    """How the notification ended."""
    detail: dict[str, Any] = {"attempts": outcome.attempts, "why": message.reason}
    if outcome.template_failure is not None:
        detail["fallback"] = True
    kind = EventKind.NOTIFIED
    if outcome.failure is not None:
        kind = EventKind.FAILED
        detail |= {"error": str(outcome.failure), "reason": outcome.failure.reason}
    counts = {"firing": len(message.firing), "resolved": len(message.resolved)}
    return _event(kind, message, integration, at_ns=now_ns, **detail, **counts)


def exchange_detail(exchange: Exchange) -> dict[str, Any]:
    """A request and its answer, as they are recorded."""
    return {
        "method": exchange.method,
        "url": exchange.url,
        "headers": dict(exchange.headers),
        "body": exchange.body,
        "status": exchange.status,
        "answer": exchange.answer,
        "error": exchange.error,
        "seconds": round(exchange.seconds, 6),
    }


def recorded_exchange(detail: Mapping[str, Any]) -> Exchange:
    """The request of an `attempt` event.

    Raises:
        BadInput: It was not recorded as a whole.
    """
    body = str(detail.get("body", ""))
    if not detail.get("method"):
        raise BadInput("no request was sent in this attempt: there is nothing to send again")
    if body.endswith(CUT):
        raise BadInput("the request was too long to be recorded as a whole")
    headers = {str(name): str(value) for name, value in dict(detail.get("headers") or {}).items()}
    return Exchange(
        str(detail["method"]), str(detail.get("url", "")), body, 0, "", "", 0.0, headers
    )
