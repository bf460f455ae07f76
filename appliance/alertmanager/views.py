"""Alerts, groups and changes as they are shown to others: values that never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from appliance.alertmanager.mute.muter import Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.alertmanager.route import Route
    from appliance.model.alert import Alert
    from appliance.model.labels import Labels


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert that fires.

    Attributes:
        state: `active` or `suppressed`; `unprocessed` before anything was found out about it.
        silenced_by: Ids of silences.
        inhibited_by: Fingerprints.
        muted_by: Names of time intervals; only within a group.
        receivers: Names; of a group's alerts sorted, else in the order of the routes.
        suppression: The same as `silenced_by` and `inhibited_by`, with the rules.
    """

    alert: Alert
    state: str
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    muted_by: tuple[str, ...]
    receivers: tuple[str, ...]
    suppression: Suppression = field(default_factory=Suppression)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group and its alerts that fire.

    Attributes:
        key: As receivers see it.
        labels: What its alerts are grouped by.
        route_labels: Labels of the route, filled in.
        alerts: Sorted as in notifications.
        next_flush_ns, last_flush_ns: 0 for never.
        muted_by: Names of time intervals.
    """

    key: str
    receiver: str
    labels: Labels
    route_labels: Mapping[str, str]
    alerts: tuple[AlertView, ...]
    route: Route
    next_flush_ns: int
    last_flush_ns: int
    muted_by: tuple[str, ...]


class ChangeKind(Enum):
    """What became of an alert."""

    FIRING = "firing"
    RESOLVED = "resolved"
    SUPPRESSED = "suppressed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """What listeners are told.

    Attributes:
        suppression: What holds the alert back now; one may begin to fire while it is held back.
    """

    kind: ChangeKind
    alert: Alert
    at_ns: int
    suppression: Suppression


def alert_view(
    alert: Alert,
    suppression: Suppression,
    *,
    receivers: tuple[str, ...],
    muted_by: tuple[str, ...] = (),
) -> AlertView:
    """An alert as it is shown."""
    return AlertView(
        alert,
        "suppressed" if suppression or muted_by else "active",
        suppression.silenced_by,
        tuple(one.fingerprint for one in suppression.inhibited_by),
        muted_by,
        receivers,
        suppression,
    )
