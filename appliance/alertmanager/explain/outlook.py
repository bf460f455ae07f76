"""What an integration was told of an alert, and when it is told what next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.alertmanager.explain.values import IntegrationFacts, LastTry, Status, Verdict
from appliance.model.alert_event import EventKind
from appliance.notify.delivery.decision import Reason, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.alertmanager.explain.facts import Addressee
    from appliance.model.alert_event import AlertEvent
    from appliance.model.notification import LogEntry

#: What tells how a delivery went.
TRIES = (EventKind.ATTEMPT, EventKind.NOTIFIED, EventKind.FAILED)


@dataclass(frozen=True, slots=True)
class GroupOutlook:
    """A group as its next flushes find it.

    Attributes:
        firing, resolved: Fingerprints of alerts that nothing holds back.
        first_ns: The next flush; others follow every `interval_ns`.
        is_sending: A flush is under way.
        is_quiet: Nothing is repeated, because somebody has acknowledged the alerts.
    """

    firing: frozenset[str]
    resolved: frozenset[str]
    first_ns: int
    interval_ns: int
    repeat_ns: int
    is_sending: bool = False
    is_quiet: bool = False

    def flush_ns(self, from_ns: int) -> int:
        """The first flush at a time or after it."""
        missing = max(0, from_ns - self.first_ns)
        return self.first_ns + -(-missing // self.interval_ns) * self.interval_ns


@dataclass(frozen=True, slots=True)
class Member:
    """An alert within a group.

    Attributes:
        is_here: Whether this Alertmanager was told of it; nothing is known elsewhere.
        is_held: Whether something holds it back, until `released_ns`; 0: that is not known.
    """

    fingerprint: str
    status: Status
    is_here: bool
    is_held: bool = False
    released_ns: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it does not fire any more; one that does not fire yet is taken as if it did."""
        return self.status is Status.RESOLVED


def outlook(
    addressee: Addressee,
    entry: LogEntry | None,
    group: GroupOutlook,
    member: Member,
    *,
    events: Sequence[AlertEvent],
) -> IntegrationFacts:
    """What is known of an integration.

    Args:
        entry: What it was told last.
        events: `TRIES` about the alert and this integration, newest first.
    """
    tried = last_try(events)
    next_ns, reason = _next(addressee, entry, group, member)
    return IntegrationFacts(
        kind=addressee.kind,
        index=addressee.index,
        send_resolved=addressee.send_resolved,
        verdict=_verdict(addressee, entry, group, member, tried),
        told_ns=_told_ns(entry, member),
        next_ns=next_ns,
        next_reason=reason.value if next_ns else "",
        last=tried,
    )


def _told_ns(entry: LogEntry | None, member: Member) -> int:
    if entry is None:
        return 0
    told = entry.firing | entry.resolved if member.is_over else entry.firing
    return entry.sent_ns if member.fingerprint in told else 0


def _next(
    addressee: Addressee, entry: LogEntry | None, group: GroupOutlook, member: Member
) -> tuple[int, Reason]:
    """When this integration is told something about the group, as things are."""
    firing, from_ns = group.firing, group.first_ns
    if member.is_held:
        if not member.released_ns:
            return 0, Reason.NONE
        from_ns = member.released_ns
    if not member.is_over:
        firing |= {member.fingerprint}
    at_ns = group.flush_ns(from_ns)
    reason = decide(
        entry,
        firing,
        group.resolved,
        now_ns=at_ns,
        repeat_ns=group.repeat_ns,
        send_resolved=addressee.send_resolved,
    )
    if reason is not Reason.NONE:
        silent = (reason is Reason.ALL_RESOLVED and not addressee.send_resolved) or (
            reason is Reason.REPEAT and group.is_quiet
        )
        return (0, Reason.NONE) if silent else (at_ns, reason)
    if firing and entry is not None and not group.is_quiet:
        return group.flush_ns(max(from_ns, entry.sent_ns + group.repeat_ns + 1)), Reason.REPEAT
    return 0, Reason.NONE


def _verdict(
    addressee: Addressee,
    entry: LogEntry | None,
    group: GroupOutlook,
    member: Member,
    tried: LastTry | None,
) -> Verdict:
    if member.status is Status.FIRING and not member.is_here:
        return Verdict.ELSEWHERE
    if member.is_held:
        return Verdict.HELD
    if member.status in {Status.PENDING, Status.UNKNOWN}:
        return Verdict.WOULD
    told = entry is not None and member.fingerprint in entry.firing and entry.sent_ns > 0
    if member.is_over:
        if group.is_sending and tried is not None and tried.will_retry:
            return Verdict.SENDING
        told_end = entry is not None and member.fingerprint in entry.resolved
        return _end_verdict(addressee, told=told, told_end=told_end)
    return Verdict.TOLD if told else _untold_verdict(group, tried)


def _untold_verdict(group: GroupOutlook, tried: LastTry | None) -> Verdict:
    if group.is_sending:
        return Verdict.SENDING
    has_failed = tried is not None and tried.outcome == "failed"
    return Verdict.FAILING if has_failed else Verdict.WAITING


def _end_verdict(addressee: Addressee, *, told: bool, told_end: bool) -> Verdict:
    if not addressee.send_resolved and (told or told_end):
        return Verdict.END_KEPT
    if told:
        return Verdict.END_WAITING
    return Verdict.END_TOLD if told_end else Verdict.MISSED


def last_try(events: Sequence[AlertEvent]) -> LastTry | None:
    """The last delivery, of events about one alert and one integration, newest first."""
    if not events:
        return None
    newest = events[0]
    attempts = [one for one in events if one.kind is EventKind.ATTEMPT]
    request = attempts[0].detail if attempts else {}
    is_over = newest.kind is not EventKind.ATTEMPT
    error = newest.detail.get("error") or ("" if is_over else request.get("error"))
    return LastTry(
        at_ns=newest.at_ns,
        outcome=newest.kind.value,
        status=int(request.get("status") or 0),
        answer=str(request.get("answer") or ""),
        error=str(error or ""),
        attempts=int(newest.detail.get("attempts" if is_over else "attempt") or 1),
        will_retry=not is_over and bool(newest.detail.get("will_retry")),
    )
