"""Explains alerts: gathers what rules, routes, groups, silences and the record know of them.

Everything on the event loop is looked at in one go, so that an explanation holds for one moment;
only the flight record is read before, in a worker thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.alertmanager.explain.outlook import TRIES, GroupOutlook, Member, outlook
from appliance.alertmanager.explain.trail import trail
from appliance.alertmanager.explain.values import Explanation, GroupFacts, InhibitedBy, Status
from appliance.base.errors import NotFound
from appliance.base.tasks import offload
from appliance.model.alert import fingerprint_of
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.notification import LogKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from appliance.alertmanager.dispatch.groups import Group
    from appliance.alertmanager.explain.facts import (
        Addressee,
        EventSource,
        OnCallFacts,
        RuleFact,
        RuleFacts,
        ToldLog,
    )
    from appliance.alertmanager.mute.muter import Suppression
    from appliance.alertmanager.route import Route
    from appliance.alertmanager.service import Alertmanager
    from appliance.base.clock import Clock
    from appliance.model.alert import Alert
    from appliance.model.alert_event import AlertEvent
    from appliance.model.silence import Silence

#: Alerts that are explained for one set of labels.
MOST = 20
_EVENTS = 300


@dataclass(frozen=True, slots=True)
class ExplainDeps:
    """Who is asked.

    Attributes:
        addressees: The integrations of a receiver.
        flush_record: Returns when all that has happened is in the record.
    """

    alertmanager: Alertmanager
    clock: Clock
    log: ToldLog
    record: EventSource
    addressees: Callable[[str], Sequence[Addressee]]
    flush_record: Callable[[], Awaitable[None]]
    rules: RuleFacts | None = None
    on_call: OnCallFacts | None = None


class Explainer:
    """Used on the event loop only."""

    def __init__(self, deps: ExplainDeps) -> None:
        self._deps = deps

    async def of_fingerprint(self, fingerprint: str) -> Explanation:
        """Explain an alert that fires, pends, or has ever been told of.

        Raises:
            NotFound: Nobody has.
        """
        labels = self._known(fingerprint)
        if labels is None:
            await self._deps.flush_record()
            found = await offload(self._deps.record.known_labels, [fingerprint])
            labels = found.get(fingerprint)
        if labels is None:
            raise NotFound(f"no alert has the fingerprint {fingerprint}; labels can be explained")
        return await self._explain(fingerprint, labels)

    async def of_labels(self, labels: Labels) -> list[Explanation]:
        """Explain the alerts that have all these labels.

        Those that fire or pend, up to `MOST`; else those that did, the record knows; else what
        would become of an alert with these labels and those that rules of its name set.
        """
        deps = self._deps
        now_ns = deps.clock.now_ns()
        known = dict(deps.rules.active(labels)) if deps.rules is not None else {}
        for alert in deps.alertmanager.all_alerts():
            if not alert.is_resolved(now_ns) and _has(alert.labels, labels):
                known[alert.fingerprint] = alert.labels
        if not known:
            await deps.flush_record()
            matchers = [Matcher(name, MatchOp.EQUAL, value) for name, value in labels]
            known = dict(await offload(deps.record.find_labels, matchers))
        if not known:
            known = {fingerprint_of(one): one for one in self._imagined(labels)}
        chosen = sorted(known.items(), key=lambda item: item[1])[:MOST]
        return [await self._explain(fingerprint, found) for fingerprint, found in chosen]

    def _imagined(self, labels: Labels) -> list[Labels]:
        rules = self._deps.rules
        found = rules.of_alert(labels, fingerprint_of(labels)) if rules is not None else ()
        return [labels.extended(dict(rule.labels)) for rule in found] or [labels]

    def _known(self, fingerprint: str) -> Labels | None:
        alert = self._deps.alertmanager.alert(fingerprint)
        if alert is not None:
            return alert.labels
        rules = self._deps.rules
        return rules.active(Labels()).get(fingerprint) if rules is not None else None

    async def _explain(self, fingerprint: str, labels: Labels) -> Explanation:
        events = await self._tries(fingerprint)
        deps, now_ns = self._deps, self._deps.clock.now_ns()
        alert = deps.alertmanager.alert(fingerprint)
        rules = tuple(deps.rules.of_alert(labels, fingerprint)) if deps.rules is not None else ()
        status = _status(alert, rules, now_ns, was_told=bool(events))
        held = self._held(fingerprint, labels, now_ns)
        visit = trail(deps.alertmanager.tree.root, labels)
        silences = tuple(deps.alertmanager.silences.get(one) for one in held.silenced_by)
        is_here = alert is not None or status is Status.RESOLVED
        member = Member(fingerprint, status, is_here)
        look = _Look(deps, member, labels, events, silences, bool(held.inhibited_by), now_ns)
        groups = tuple(look.group(route) for route in visit.taking())
        on_call = deps.on_call
        return Explanation(
            at_ns=now_ns,
            fingerprint=fingerprint,
            labels=labels,
            status=status,
            alert=alert,
            rules=rules,
            trail=visit,
            silences=silences,
            inhibitions=self._inhibitions(held),
            groups=groups,
            acks=tuple(on_call.acks(fingerprint)) if on_call else (),
            escalations=tuple(on_call.escalations(fingerprint)) if on_call else (),
        )

    async def _tries(self, fingerprint: str) -> list[AlertEvent]:
        await self._deps.flush_record()
        record = self._deps.record

        def read() -> list[AlertEvent]:
            return record.events(
                fingerprints=[fingerprint], kinds=TRIES, limit=_EVENTS, newest_first=True
            )

        return await offload(read)

    def _held(self, fingerprint: str, labels: Labels, now_ns: int) -> Suppression:
        alertmanager = self._deps.alertmanager
        held = alertmanager.dispatcher.routing.muter.suppression_of(fingerprint, labels, now_ns)
        if alertmanager.alert(fingerprint) is None:
            alertmanager.silences.forget([fingerprint])
        return held

    def _inhibitions(self, held: Suppression) -> tuple[InhibitedBy, ...]:
        found = []
        for one in held.inhibited_by:
            source = self._deps.alertmanager.alert(one.fingerprint)
            labels = source.labels if source is not None else None
            found.append(InhibitedBy(one.fingerprint, one.rule, one.place, one.equal, labels))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at the groups of one alert."""

    deps: ExplainDeps
    member: Member
    labels: Labels
    events: Sequence[AlertEvent]
    silences: tuple[Silence, ...]
    is_inhibited: bool
    now_ns: int

    def group(self, route: Route) -> GroupFacts:
        """The group of the alert at a route."""
        dispatcher = self.deps.alertmanager.dispatcher
        labels = route.group_labels(self.labels)
        key = route.group_key(labels)
        group = dispatcher.table.groups.get((route.path, labels))
        muter = dispatcher.routing.muter
        mute = muter.time_mute(route, self.now_ns)
        until_ns = muter.muted_until_ns(route, self.now_ns) if mute.reason else 0
        due_ns = dispatcher.next_flush_ns(group) if group is not None else 0
        alerts = _alerts(group)
        looking = self._outlook(route, group, due_ns)
        member = self._member(is_muted=bool(mute.reason), until_ns=until_ns)
        return GroupFacts(
            route=route,
            key=key,
            labels=labels,
            exists=group is not None,
            is_member=self.member.fingerprint in alerts,
            members=len(alerts),
            last_flush_ns=group.flushed_ns if group is not None else 0,
            next_flush_ns=due_ns,
            mute=mute,
            mute_until_ns=until_ns,
            integrations=tuple(
                outlook(
                    one,
                    self.deps.log.get(LogKey(key, route.receiver, one.kind, one.index)),
                    looking,
                    member,
                    events=self._events_of(key, route.receiver, one),
                )
                for one in self.deps.addressees(route.receiver)
            ),
        )

    def _outlook(self, route: Route, group: Group | None, due_ns: int) -> GroupOutlook:
        muter = self.deps.alertmanager.dispatcher.routing.muter
        on_call = self.deps.on_call
        firing: set[str] = set()
        resolved: set[str] = set()
        for alert in _alerts(group).values():
            if not muter.suppression(alert, self.now_ns):
                is_over = alert.is_resolved(self.now_ns)
                (resolved if is_over else firing).add(alert.fingerprint)
        return GroupOutlook(
            firing=frozenset(firing),
            resolved=frozenset(resolved),
            first_ns=due_ns or self.now_ns + route.group_wait_ns,
            interval_ns=route.group_interval_ns,
            repeat_ns=route.repeat_interval_ns,
            is_sending=group is not None and group.is_flushing,
            is_quiet=on_call is not None and on_call.keeps_quiet(route.receiver, firing),
        )

    def _member(self, *, is_muted: bool, until_ns: int) -> Member:
        """The alert, and how long it is held back at a route."""
        ends = [one.ends_ns for one in self.silences] + ([until_ns] if is_muted else [])
        is_known = not self.is_inhibited and all(ends)
        member = self.member
        return Member(
            member.fingerprint,
            member.status,
            member.is_here,
            is_held=bool(ends) or self.is_inhibited,
            released_ns=max(ends, default=0) if is_known else 0,
        )

    def _events_of(self, key: str, receiver: str, one: Addressee) -> list[AlertEvent]:
        wanted = (key, receiver, one.kind, one.index)
        return [
            event
            for event in self.events
            if (event.group_key, event.receiver, event.detail.get("integration"),
                event.detail.get("index")) == wanted
        ]  # fmt: skip


def _alerts(group: Group | None) -> Mapping[str, Alert]:
    return group.alerts if group is not None else {}


def _has(labels: Labels, wanted: Iterable[tuple[str, str]]) -> bool:
    return set(wanted) <= set(labels)


def _status(
    alert: Alert | None, rules: Sequence[RuleFact], now_ns: int, *, was_told: bool
) -> Status:
    if alert is not None and not alert.is_resolved(now_ns):
        return Status.FIRING
    states = {rule.state for rule in rules}
    if "firing" in states:
        return Status.FIRING
    if "pending" in states:
        return Status.PENDING
    has_ended = alert is not None or was_told or any(rule.resolved_ms for rule in rules)
    return Status.RESOLVED if has_ended else Status.UNKNOWN
