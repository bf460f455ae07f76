"""Escalations: who is paged, and when, until somebody takes care.

There is one escalation for all alerts of a group (that of the first route that takes them) that a
policy matches: a thousand alerts page once. It stops when all of its alerts are acknowledged or
held back (silenced, inhibited, muted), and begins anew when one is no longer; it ends with its
alerts.

Invariants:
- A step is durable before it pages: a restart neither forgets nor repeats it. Steps that fell due
  while the server was down are done at its start.
- Steps are timed by the monotonic clock; the wall's only tells how far it was before a restart.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from appliance.alertmanager.views import ChangeKind
from appliance.base.tasks import attempt, offload, spawn
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.oncall.deps import stored
from appliance.oncall.escalation import Escalation, Page, due_seconds, from_document
from appliance.oncall.paging import Pager

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine

    from appliance.alertmanager.dispatch.agenda import Agenda
    from appliance.alertmanager.views import AlertChange
    from appliance.model.alert import Alert
    from appliance.oncall.acks import Acks
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.links import Links
    from appliance.oncall.metrics import OncallMetrics
    from appliance.oncall.roster import Roster, Target

_log = logging.getLogger(__name__)
_KIND = "escalation"
#: At so many alerts it is looked before a page; at all of them every few seconds anyway.
_MOST_LOOKS = 500
#: Of so many the receivers are told when it is over.
_MOST_PAGES = 200


class Escalations:
    """Used on the event loop only.

    Attributes:
        roster: Whom to page; exchanged when the configuration changes.
    """

    def __init__(
        self,
        deps: OncallDeps,
        roster: Roster,
        acks: Acks,
        *,
        agenda: Agenda,
        links: Links,
        metrics: OncallMetrics,
    ) -> None:
        self._deps = deps
        self.roster = roster
        self._acks = acks
        self._agenda = agenda
        self._metrics = metrics
        self.pager = Pager(deps, links, metrics, wanted=self.wanted, noted=self._store)
        self._open: dict[tuple[str, str], Escalation] = {}
        metrics.escalations.set_function(
            lambda: sum(not one.stopped for one in self._open.values())
        )
        self._of: dict[str, Escalation] = {}  # by fingerprint of an alert that fires

    # -- to be asked

    def all(self) -> list[Escalation]:
        """Those whose alerts fire, the oldest first."""
        return sorted(self._open.values(), key=lambda one: one.began_ns)

    def of(self, fingerprint: str) -> Escalation | None:
        """The one that an alert belongs to."""
        return self._of.get(fingerprint)

    def wanted(self, escalation: Escalation) -> list[Alert]:
        """Alerts that somebody has to take care of."""
        waiting = escalation.waiting
        return [alert for key, alert in escalation.alerts.items() if key in waiting]

    def _note_waiting(self, found: Escalation, fingerprint: str) -> None:
        """Find out whether somebody has to take care of an alert."""
        is_waiting = (
            fingerprint in found.alerts
            and self._acks.of(fingerprint) is None
            and not self._deps.alertmanager.suppression_of(fingerprint)
        )
        (found.waiting.add if is_waiting else found.waiting.discard)(fingerprint)

    def next_ns(self, escalation: Escalation) -> int:
        """When its next step is due; 0 when there is none."""
        if escalation.entry is None:
            return 0
        seconds = escalation.entry.due - self._deps.clock.monotonic()
        return self._deps.clock.now_ns() + int(seconds * 1e9)

    # -- alerts come and go

    async def load(self) -> None:
        """Go on where it was; call it when it is known which alerts fire."""
        clock = self._deps.clock
        now_ns = clock.now_ns()
        documents = await offload(self._deps.store.documents, _KIND)
        firing = {alert.fingerprint: alert for alert in self._deps.alertmanager.firing()}
        for document in documents.values():
            found, known = from_document(document)
            found.started = clock.monotonic() - max(now_ns - found.started_ns, 0) / 1e9
            for fingerprint in document["members"]:
                if fingerprint in firing:
                    found.alerts[fingerprint] = firing[fingerprint]
                    self._of[fingerprint] = found
                    self._note_waiting(found, fingerprint)
            found.over = {
                key: replace(one, ends_ns=min(one.ends_ns, now_ns))
                for key, one in known.items()
                if key not in found.alerts
            }
            self._open[found.policy, found.group_key] = found
        for alert in firing.values():
            if alert.fingerprint not in self._of:
                self._join(alert, now_ns)
        for escalation in self.all():
            self._resume(escalation)

    def _resume(self, escalation: Escalation) -> None:
        """After a restart."""
        if escalation.policy not in self.roster.policies and escalation.alerts:
            self._drop(escalation)
            return
        for page in escalation.pages:
            self.pager.send(escalation, page)
        self._review(escalation)
        if not escalation.stopped and escalation.alerts:
            self._schedule(escalation)

    def heard(self, change: AlertChange) -> None:
        """Something became of an alert."""
        fingerprint = change.alert.fingerprint
        if change.kind is ChangeKind.FIRING:
            self._join(change.alert, change.at_ns)
        found = self._of.get(fingerprint)
        if found is None:
            return
        if change.kind is ChangeKind.RESOLVED:
            del self._of[fingerprint]
            del found.alerts[fingerprint]
            if any(fingerprint in page.alerts for page in found.pages):
                found.over[fingerprint] = change.alert
        else:
            found.alerts[fingerprint] = change.alert
        self._note_waiting(found, fingerprint)
        self._review(found)

    def acks_changed(self, fingerprints: Collection[str]) -> None:
        """Alerts were acknowledged, or are no longer."""
        changed: dict[Escalation, None] = {}
        for fingerprint in fingerprints:
            if (found := self._of.get(fingerprint)) is not None:
                self._note_waiting(found, fingerprint)
                changed[found] = None
        for found in changed:
            self._review(found)

    def apply(self, roster: Roster) -> None:
        """Page by another configuration from now on; what has begun goes on if its policy stays."""
        self.roster = roster
        for found in self.all():
            is_other = any(
                roster.policy_of(one.labels) != found.policy for one in found.alerts.values()
            )
            if is_other:
                self._drop(found)
        now_ns = self._deps.clock.now_ns()
        for alert in self._deps.alertmanager.firing():
            if alert.fingerprint not in self._of:
                self._join(alert, now_ns)
        for found in self.all():
            if not found.stopped:
                self._schedule(found)
            self._review(found)

    def _join(self, alert: Alert, now_ns: int) -> None:
        """Put an alert into its escalation, which is made if need be."""
        policy = self.roster.policy_of(alert.labels)
        if policy is None:
            return
        route = self._deps.alertmanager.routes_of(alert)[0]
        labels = route.group_labels(alert.labels)
        key = route.group_key(labels)
        found = self._open.get((policy, key))
        if found is None:
            monotonic = self._deps.clock.monotonic()
            found = Escalation(policy, key, labels, now_ns, now_ns, monotonic, stopped="new")
            self._open[policy, key] = found
        found.alerts[alert.fingerprint] = alert
        found.over.pop(alert.fingerprint, None)
        self._of[alert.fingerprint] = found
        self._note_waiting(found, alert.fingerprint)

    # -- what becomes of an escalation

    def _review(self, found: Escalation) -> None:
        """Start, stop or end it, as its alerts are now."""
        if not found.alerts:
            self._end(found)
        elif found.waiting:
            if found.stopped:
                self._begin(found)
        elif found.stopped in {"", "new"}:
            self._halt(found)

    def _begin(self, found: Escalation) -> None:
        clock = self._deps.clock
        found.started_ns, found.started = clock.now_ns(), clock.monotonic()
        found.next_step, found.stopped = 0, ""
        self._schedule(found)
        self._store(found)

    def _halt(self, found: Escalation) -> None:
        is_acked = any(self._acks.of(one) is not None for one in found.alerts)
        was_on = not found.stopped
        found.cancel()
        found.stopped = "acked" if is_acked else "held back"
        if was_on:
            self._record(found, found.alerts, {"what": "stopped", "why": found.stopped})
            self._store(found)

    def _end(self, found: Escalation) -> None:
        found.cancel()
        self._open.pop((found.policy, found.group_key), None)
        self.pager.tell_over(found, lambda: self._forget(found))
        if not found.stopped:
            self._record(found, found.over, {"what": "stopped", "why": "resolved"})

    def _drop(self, found: Escalation) -> None:
        """Its policy is no longer for its alerts."""
        found.cancel()
        self._open.pop((found.policy, found.group_key), None)
        for fingerprint in found.alerts:
            self._of.pop(fingerprint, None)
        self._record(found, found.alerts, {"what": "stopped", "why": "configuration"})
        found.alerts.clear()
        found.waiting.clear()
        self._forget(found)

    def _schedule(self, found: Escalation) -> None:
        """Put the next step into the agenda."""
        found.cancel()
        policy = self.roster.policies[found.policy]
        seconds = due_seconds(policy, found.next_step)
        if seconds is not None:
            due = found.started + max(seconds, self.roster.config.wait.seconds)
            found.entry = self._agenda.at(due, lambda: self._step(found))

    def _step(self, found: Escalation) -> None:
        """Page whoever is next."""
        found.entry = None
        now_ns = self._deps.clock.now_ns()
        for alert in list(islice(found.alerts.values(), _MOST_LOOKS)):
            self._deps.alertmanager.look_at(alert, now_ns)  # what changed is heard of
        alerts = self.wanted(found)
        if found.stopped or not alerts:
            return
        policy = self.roster.policies[found.policy]
        step = policy.steps[min(found.next_step, len(policy.steps) - 1)]
        targets = self.roster.targets(step, now_ns)
        page = Page(
            step=found.next_step,
            at_ns=now_ns,
            key=found.page_key(),
            targets={one.receiver: one.user for one in targets},
            alerts=tuple(one.fingerprint for one in alerts),
        )
        found.pages.append(page)
        del found.pages[:-_MOST_PAGES]
        found.next_step += 1
        self._note(found, page, targets, step_names=(*step.rota, *step.user, *step.receiver))
        self._start(self._send(found, page))
        if not targets and found.next_step < len(policy.steps):
            self._step(found)
        else:
            self._schedule(found)

    def _note(
        self, found: Escalation, page: Page, targets: list[Target], *, step_names: tuple[str, ...]
    ) -> None:
        detail = {
            "what": "page",
            "policy": found.policy,
            "step": page.step + 1,
            "of": list(step_names),
            "users": [one.user for one in targets if one.user],
            "receivers": [one.receiver for one in targets],
            "key": page.key,
        }
        self._record(found, page.alerts, detail)
        if not targets:
            self._metrics.unmanned.labels(found.policy).inc()
            _log.error("policy %s: nobody is on call at step %d", found.policy, page.step + 1)

    async def _send(self, found: Escalation, page: Page) -> None:
        document = found.document()
        write = lambda: self._deps.store.put_document(_KIND, found.id, document)  # noqa: E731
        await stored(write, "an escalation")
        self.pager.send(found, page)

    def _store(self, found: Escalation) -> None:
        if not found.alerts:
            return  # it has ended: only what was paged counts
        document = found.document()
        write = lambda: self._deps.store.put_document(_KIND, found.id, document)  # noqa: E731
        self._start(stored(write, "an escalation"))

    def _forget(self, found: Escalation) -> None:
        write = lambda: self._deps.store.delete_document(_KIND, found.id)  # noqa: E731
        self._start(stored(write, "the end of an escalation"))

    @staticmethod
    def _start(work: Coroutine[object, object, object]) -> None:
        spawn(attempt(work, name="escalation"), name="escalation")

    def _record(
        self, found: Escalation, alerts: Collection[str], detail: dict[str, object]
    ) -> None:
        detail.setdefault("policy", found.policy)
        self._deps.recorder.record(
            AlertEvent(
                self._deps.clock.now_ns(),
                EventKind.ESCALATED,
                tuple(alerts),
                found.group_key,
                detail=detail,
            )
        )
