"""The flight record of alerts: what happened to them, from evaluation to the answers given."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class EventKind(Enum):
    """What happened.

    Of a rule: pending, firing, inactive. Of an alert: received, resolved (as Alertmanager sees it),
    acked, unacked, escalated. Of a group: routed (alerts came into it), flushed, suppressed
    (silenced, inhibited or muted; by what, `detail` says), unsuppressed, unchanged (nothing new to
    tell), attempt (one request and its answer), notified, failed, fallback (a template failed).
    Of others: silenced, heartbeat.
    """

    PENDING = "pending"
    FIRING = "firing"
    INACTIVE = "inactive"
    RECEIVED = "received"
    RESOLVED = "resolved"
    ROUTED = "routed"
    FLUSHED = "flushed"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    UNCHANGED = "unchanged"
    ATTEMPT = "attempt"
    NOTIFIED = "notified"
    FAILED = "failed"
    FALLBACK = "fallback"
    ACKED = "acked"
    UNACKED = "unacked"
    ESCALATED = "escalated"
    SILENCED = "silenced"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One entry of the record.

    Attributes:
        fingerprints: The alerts it is about.
        detail: JSON; never holds a secret. Of an attempt: `integration`, `index`, `method`, `url`
            (masked), `headers` (masked), `body` (text, cut), `status`, `answer` (text, cut),
            `error`, `seconds`, `attempt` (from 1), `will_retry`.
        id: Given by the store, ascending.
    """

    at_ns: int
    kind: EventKind
    fingerprints: tuple[str, ...] = ()
    group_key: str = ""
    receiver: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


class Recorder(Protocol):
    """Takes events; never blocks, and what does not fit is dropped and counted."""

    def record(self, *events: AlertEvent) -> None:
        """Note what happened."""
        ...
