"""An explanation as a value: what is known of an alert on its way from a rule to its receivers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.alertmanager.explain.facts import AckFact, EscalationFact, RuleFact
    from appliance.alertmanager.explain.trail import RouteVisit
    from appliance.alertmanager.mute.muter import TimeMute
    from appliance.alertmanager.route import Route
    from appliance.model.alert import Alert
    from appliance.model.labels import Labels
    from appliance.model.silence import Silence


class Status(Enum):
    """Where an alert is; UNKNOWN: nobody has ever told of it, or it is long forgotten."""

    FIRING = "firing"
    PENDING = "pending"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class Verdict(Enum):
    """What becomes of an alert at one integration.

    Attributes:
        WOULD: It does not fire; if it did, it would be told.
        WAITING: It fires and is told with the next flush of its group.
        SENDING: The group is being delivered just now.
        FAILING: The last delivery failed; the next flush tries again.
        TOLD: It was told that it fires.
        HELD: A silence, an inhibition or a time interval holds it back.
        END_TOLD: It was told that it is over.
        END_WAITING: That it is over is told with the next flush.
        END_KEPT: That it is over is not told (`send_resolved: false`).
        MISSED: It was over before it could be told.
        ELSEWHERE: It fires, but this Alertmanager is not told of it.
    """

    WOULD = "would"
    WAITING = "waiting"
    SENDING = "sending"
    FAILING = "failing"
    TOLD = "told"
    HELD = "held"
    END_TOLD = "end_told"
    END_WAITING = "end_waiting"
    END_KEPT = "end_kept"
    MISSED = "missed"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class InhibitedBy:
    """Who keeps an alert silent.

    Attributes:
        rule, place: The rule's name, its file and line.
        equal: Labels that are the same on both.
        labels: Of the alert that inhibits; None when it is not known any more.
    """

    fingerprint: str
    rule: str
    place: tuple[str, int]
    equal: tuple[str, ...]
    labels: Labels | None


@dataclass(frozen=True, slots=True)
class LastTry:
    """The last thing that was sent, or was to be sent, to an integration about an alert.

    Attributes:
        outcome: `notified`, `failed`, or `attempt` while it goes on.
        status, answer, error: Of the last request.
        attempts: How many there were up to now.
        will_retry: Whether another one follows within this delivery.
    """

    at_ns: int
    outcome: str
    status: int
    answer: str
    error: str
    attempts: int
    will_retry: bool


@dataclass(frozen=True, slots=True)
class IntegrationFacts:
    """What an integration was told of an alert, and what it will be told.

    Attributes:
        told_ns: When it was last told that the alert fires, or that it is over; 0 for never.
        next_ns: When it is told next, as things are; 0 when that cannot be told.
        next_reason: Why it is told then, as in `notification_reason`.
    """

    kind: str
    index: int
    send_resolved: bool
    verdict: Verdict
    told_ns: int = 0
    next_ns: int = 0
    next_reason: str = ""
    last: LastTry | None = None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """The group of an alert at one route.

    Attributes:
        exists: Whether there is such a group; its times are 0 otherwise.
        is_member: Whether the alert is in it.
        members: How many alerts are in it.
        mute: Time intervals that hold it back, and until when; 0: for longer than was looked.
        integrations: Of the receiver; empty when it tells nobody.
    """

    route: Route
    key: str
    labels: Labels
    exists: bool
    is_member: bool
    members: int
    last_flush_ns: int
    next_flush_ns: int
    mute: TimeMute
    mute_until_ns: int
    integrations: tuple[IntegrationFacts, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it.

    Attributes:
        at_ns: Holds for this time.
        alert: As the Alertmanager knows it; None when it does not.
        trail: Which routes were asked, and what they said.
        acks, escalations: Empty where there is no on-call file.
    """

    at_ns: int
    fingerprint: str
    labels: Labels
    status: Status
    alert: Alert | None
    rules: tuple[RuleFact, ...]
    trail: RouteVisit
    silences: tuple[Silence, ...]
    inhibitions: tuple[InhibitedBy, ...]
    groups: tuple[GroupFacts, ...]
    acks: tuple[AckFact, ...] = ()
    escalations: tuple[EscalationFact, ...] = ()
