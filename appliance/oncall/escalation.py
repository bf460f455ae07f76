"""An escalation: which alerts it is about, how far it is, who has been paged."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from appliance.model.alert import Alert
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.alertmanager.dispatch.agenda import Entry
    from appliance.oncall.config import Policy

_MS_NS = 1_000_000
#: Of so many alerts that somebody was paged for the labels are kept.
_MOST_KEPT = 500
_SUFFIX = re.compile(r"#oncall/[^#]*@\d+\.\d+\Z")


@dataclass(slots=True)
class Page:
    """One step that was done.

    Attributes:
        step: From 0; repetitions count on.
        key: The group key that receivers see, its own for every page.
        targets: Receivers, each with its user; empty when nobody was on call.
        alerts: Fingerprints of those it is about.
        delivered: Receivers that have been told.
    """

    step: int
    at_ns: int
    key: str
    targets: dict[str, str]
    alerts: tuple[str, ...]
    delivered: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Escalation:
    """One policy's work on the alerts of one group; it is there until they are all over.

    Attributes:
        group_key: Of the first route that takes the alerts.
        began_ns: When the first of its alerts came.
        started_ns: What steps are counted from; moves when it begins anew.
        started: The same on the monotonic clock.
        next_step: The first that has not been done.
        stopped: Why nobody is paged any more (`acked`, `held back`); empty while it goes on.
        alerts: Those that fire.
        waiting: Fingerprints of those that somebody has to take care of.
        over: Those that do not any more, and that somebody was paged for.
        entry: Its next step in the agenda.
    """

    policy: str
    group_key: str
    group_labels: Labels
    began_ns: int
    started_ns: int
    started: float
    next_step: int = 0
    stopped: str = ""
    alerts: dict[str, Alert] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    over: dict[str, Alert] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    entry: Entry | None = None

    @property
    def id(self) -> str:
        """What it is stored under."""
        text = f"{self.policy}\n{self.group_key}\n{self.began_ns}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def page_key(self) -> str:
        """The group key of the next page."""
        started = self.started_ns // _MS_NS
        return f"{self.group_key}#oncall/{self.policy.replace('#', '')}@{started}.{self.next_step}"

    def cancel(self) -> None:
        """Do no further step."""
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None

    def document(self) -> dict[str, Any]:
        """What has to be known after a restart, as JSON."""
        paged = {one for page in self.pages for one in page.alerts}
        known = self.over | self.alerts
        return {
            "policy": self.policy,
            "group_key": self.group_key,
            "group_labels": dict(self.group_labels),
            "began_ns": self.began_ns,
            "started_ns": self.started_ns,
            "next_step": self.next_step,
            "stopped": self.stopped,
            "members": list(self.alerts),
            "alerts": [
                _alert_document(known[one]) for one in sorted(paged & known.keys())[:_MOST_KEPT]
            ],
            "pages": [asdict(page) | {"delivered": sorted(page.delivered)} for page in self.pages],
        }


def from_document(document: Mapping[str, Any]) -> tuple[Escalation, dict[str, Alert]]:
    """An escalation without its alerts, and those that somebody was paged for."""
    found = Escalation(
        policy=document["policy"],
        group_key=document["group_key"],
        group_labels=Labels.of(document["group_labels"]),
        began_ns=document["began_ns"],
        started_ns=document["started_ns"],
        started=0.0,
        next_step=document["next_step"],
        stopped=document["stopped"],
    )
    found.pages = [
        Page(**(one | {"alerts": tuple(one["alerts"]), "delivered": set(one["delivered"])}))
        for one in document["pages"]
    ]
    alerts = [_alert_of(one) for one in document["alerts"]]
    return found, {alert.fingerprint: alert for alert in alerts}


def group_of(key: str) -> str:
    """The group that a key is about, be it a page's or the group's own."""
    return _SUFFIX.sub("", key)


def due_seconds(policy: Policy, step: int) -> float | None:
    """When a step is due, counted from the start; None when there is no such step."""
    if step < len(policy.steps):
        return policy.steps[step].after.seconds
    if policy.repeat is None:
        return None
    return policy.steps[-1].after.seconds + policy.repeat.seconds * (step - len(policy.steps) + 1)


def _alert_document(alert: Alert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_ns": alert.starts_ns,
        "ends_ns": alert.ends_ns,
    }


def _alert_of(document: Mapping[str, Any]) -> Alert:
    return Alert(
        Labels.of(document["labels"]),
        document["annotations"],
        document["starts_ns"],
        document["ends_ns"],
        document["starts_ns"],
    )
