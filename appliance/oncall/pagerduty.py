"""PagerDuty's webhook, version 3: who acknowledges an incident there does so here, too.

PagerDuty, "Webhooks V3": `event.event_type`, `event.data.incident_key`, which is the `dedup_key`
of the event that opened the incident; the header `X-PagerDuty-Signature` has HMAC-SHA256 of the
body with the subscription's secret, as `v1=HEX`, several with commas.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACKED, _UNACKED = "incident.acknowledged", "incident.unacknowledged"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """What happened to an incident.

    Attributes:
        is_acked: None when it is something else.
        by: Who did it.
    """

    is_acked: bool | None
    dedup_key: str
    by: str


def read_event(body: bytes) -> IncidentEvent:
    """What a webhook tells.

    Raises:
        BadInput: It is not what PagerDuty sends.
    """
    try:
        event: dict[str, Any] = orjson.loads(body)["event"]
        kind = str(event["event_type"])
        data = event.get("data") or {}
        agent = event.get("agent") or {}
        by = str(agent.get("summary") or "PagerDuty")
        known = {_ACKED: True, _UNACKED: False}
        return IncidentEvent(known.get(kind), str(data.get("incident_key") or ""), by)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("the body is no webhook of PagerDuty's, version 3") from error


def is_signed(body: bytes, secret: str, header: str) -> bool:
    """Whether a body has one of the signatures in a header."""
    expected = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = [one.strip().encode(errors="replace") for one in header.split(",")]
    return any(hmac.compare_digest(one, expected.encode()) for one in given)


def find_group(dedup_key: str, keys: Iterable[str]) -> str | None:
    """Which group's incident has a key."""
    for key in keys:
        if hashlib.sha256(key.encode()).hexdigest() == dedup_key:
            return key
    return None
