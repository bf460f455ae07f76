"""An explanation in sentences; every one holds at the time of the explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.alertmanager.explain.trail import Answer
from appliance.alertmanager.explain.values import Status, Verdict
from appliance.alertmanager.matchers import print_matcher
from appliance.base.duration import print_duration
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.alertmanager.explain.facts import EscalationFact, RuleFact
    from appliance.alertmanager.explain.trail import RouteVisit
    from appliance.alertmanager.explain.values import (
        Explanation,
        GroupFacts,
        InhibitedBy,
        IntegrationFacts,
    )
    from appliance.alertmanager.route import Route
    from appliance.model.labels import Labels
    from appliance.model.silence import Silence

_MS_NS = 1_000_000
#: Of an answer or an error.
_MOST_CHARS = 300
#: Of these the sentence says it, or it is not known.
_WITHOUT_NEXT = {Verdict.WOULD, Verdict.ELSEWHERE, Verdict.SENDING}
_VERDICTS = {
    Verdict.ELSEWHERE: "is not told, for this Alertmanager does not know of the alert",
    Verdict.HELD: "is not told, see above",
    Verdict.SENDING: "is being told just now",
    Verdict.FAILING: "could not be told; tried again at {flush}",
    Verdict.TOLD: "told at {told} that it fires",
    Verdict.END_TOLD: "told at {told} that it is over",
    Verdict.END_WAITING: "told at {told} that it fires; that it is over is told at {flush}",
    Verdict.END_KEPT: "is not told that it is over: send_resolved is false",
    Verdict.MISSED: "was never told of it: it was over before, or nothing is known any more",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and how far it is indented."""

    depth: int
    text: str


def lines(one: Explanation) -> list[Line]:
    """All of an explanation."""
    return [Line(depth, text) for depth, text in _all(one)]


def _all(one: Explanation) -> Iterator[tuple[int, str]]:
    yield 0, _head(one)
    if not one.rules:
        yield 0, "rule: none of this server's rules makes it; it comes from elsewhere, if it comes"
    for rule in one.rules:
        yield from _rule(rule)
    for silence in one.silences:
        yield 0, _silence(silence)
    for inhibition in one.inhibitions:
        yield 0, _inhibition(inhibition)
    yield 0, "routes:"
    yield from _trail(one.trail, 1)
    for group in one.groups:
        yield from _group(one, group)
    for ack in one.acks:
        until = f" until {_at(ack.until_ns)}" if ack.until_ns else " until it is over"
        yield 0, f"acknowledged by {ack.by} at {_at(ack.at_ns)}{until}: {ack.comment}".rstrip(": ")
    for escalation in one.escalations:
        yield 0, _escalation(escalation)


def _head(one: Explanation) -> str:
    what = f"{one.labels.get('alertname') or 'the alert'} ({one.fingerprint})"
    alert = one.alert
    match one.status:
        case Status.FIRING if alert is not None:
            return f"{what} fires since {_at(alert.starts_ns)}"
        case Status.FIRING:
            return f"{what} fires, but this Alertmanager has not been told of it"
        case Status.PENDING:
            return f"{what} pends: its condition holds, but not long enough yet"
        case Status.RESOLVED if alert is not None:
            return f"{what} is over since {_at(alert.ends_ns)}"
        case Status.RESOLVED:
            return f"{what} is over"
    return f"{what} does not fire; this is what would become of it"


# -- the rule


def _rule(rule: RuleFact) -> Iterator[tuple[int, str]]:
    place = f"{rule.file}:{rule.line}" if rule.line else rule.file
    yield 0, f"rule: {rule.name} of group {rule.group} ({place})"
    yield 1, f"expression: {' '.join(rule.expr.split())}"
    if rule.hold_ms or rule.keep_firing_ms:
        keep = f", keep_firing_for {print_duration(rule.keep_firing_ms)}"
        yield 1, f"for {print_duration(rule.hold_ms)}{keep if rule.keep_firing_ms else ''}"
    yield 1, _health(rule)
    if rule.health != "err" or rule.state != "inactive":
        yield 1, _state(rule)
    if rule.is_dropped:
        yield 1, "alert_relabel_configs drop it: no Alertmanager is told of it"
    elif not rule.is_sent_here:
        others = ", ".join(rule.sent_to) or "nobody"
        yield 1, f"prometheus.yml has it sent to {others}, not to this Alertmanager"


def _health(rule: RuleFact) -> str:
    if rule.health == "err":
        return f"it cannot be evaluated: {rule.last_error[:_MOST_CHARS]}"
    if not rule.evaluated_ms:
        return f"it was not evaluated yet; it is every {print_duration(rule.interval_ms)}"
    when = _at(rule.evaluated_ms * _MS_NS)
    return f"last evaluated at {when}, every {print_duration(rule.interval_ms)}, without an error"


def _state(rule: RuleFact) -> str:
    if rule.state == "inactive":
        if rule.resolved_ms:
            return f"its condition does not hold any more; over since {_ms(rule.resolved_ms)}"
        return "its condition does not hold for these labels"
    value = f"; value {rule.value:g}" if rule.value is not None else ""
    if rule.state == "pending":
        due = _ms(rule.active_ms + rule.hold_ms)
        return f"pending since {_ms(rule.active_ms)}; fires at {due} at the earliest{value}"
    kept = ""
    if rule.keep_firing_since_ms:
        until = _ms(rule.keep_firing_since_ms + rule.keep_firing_ms)
        kept = f"; its condition does not hold any more, keep_firing_for keeps it until {until}"
    return f"active since {_ms(rule.active_ms)}, firing since {_ms(rule.fired_ms)}{value}{kept}"


# -- what holds it back


def _silence(silence: Silence) -> str:
    matchers = ", ".join(print_matcher(one) for one in silence.matchers)
    return (
        f"silenced until {_at(silence.ends_ns)} by {silence.created_by}: {silence.comment}"
        f" (silence {silence.id}: {matchers})"
    )


def _inhibition(one: InhibitedBy) -> str:
    file, line = one.place
    place = f" ({file}:{line})" if file else ""
    who = one.fingerprint
    if one.labels is not None:
        who = f"{one.labels.get('alertname')} {_pairs(one.labels.without('alertname'))} ({who})"
    equal = f", because both have the same {', '.join(one.equal)}" if one.equal else ""
    return f"inhibited by {who} through {one.rule}{place}{equal}"


# -- routes


def _trail(visit: RouteVisit, depth: int) -> Iterator[tuple[int, str]]:
    route = visit.route
    what = f"{_matchers(route)}{_place(route)}"
    match visit.answer:
        case Answer.TAKES:
            yield depth, f"✓ {what} takes it → {route.receiver}"
        case Answer.PASSES:
            yield depth, f"✓ {what} matches"
        case Answer.NOT_ASKED:
            yield depth, f"· {what} is not asked: the one before does not continue"
        case Answer.REFUSES:
            wrong = ", ".join(
                f"{matcher.name} is {value!r}" if value else f"there is no {matcher.name}"
                for matcher, value in visit.mismatches
            )
            yield depth, f"✗ {what} does not match: {wrong}"
    for child in visit.children:
        yield from _trail(child, depth + 1)


def _matchers(route: Route) -> str:
    if not route.path:
        return "the root"
    return "{" + ", ".join(print_matcher(matcher) for matcher in route.matchers) + "}"


def _place(route: Route) -> str:
    file, line = route.place
    return f" ({file}:{line})" if file else ""


# -- groups and integrations


def _group(one: Explanation, group: GroupFacts) -> Iterator[tuple[int, str]]:
    yield 0, f"receiver {group.route.receiver}{_place(group.route)}:"
    labels = _pairs(group.labels) or "no labels: all alerts of the route are in one"
    if group.exists:
        members = f"{group.members} alert{'s' if group.members != 1 else ''}"
        last = (
            f"last flush {_at(group.last_flush_ns)}" if group.last_flush_ns else "not flushed yet"
        )
        yield 1, f"group {{{labels}}}: {members}, {last}, next flush {_at(group.next_flush_ns)}"
    else:
        yield 1, f"group {{{labels}}}: there is none at the moment"
    if group.mute.reason:
        yield 1, _mute(group)
    if not group.integrations:
        yield 1, f"nobody is told: the receiver {group.route.receiver} has no integrations"
    for integration in group.integrations:
        yield from _integration(one, group, integration)


def _mute(group: GroupFacts) -> str:
    until = f"until {_at(group.mute_until_ns)}" if group.mute_until_ns else "for two weeks at least"
    names = ", ".join(group.mute.names)
    if group.mute.reason == "active_time_interval":
        return f"muted {until}: it is outside of the active time intervals {names}"
    return f"muted {until} by the time interval {names}"


def _integration(
    one: Explanation, group: GroupFacts, found: IntegrationFacts
) -> Iterator[tuple[int, str]]:
    yield 1, f"{found.kind}[{found.index}]: {_verdict(group, found)}"
    last = found.last
    if last is not None:
        yield 2, _last(found)
    if found.next_ns and found.verdict not in _WITHOUT_NEXT:
        yield 2, f"next notification {_next_words(one, found)} at {_at(found.next_ns)}"


def _next_words(one: Explanation, found: IntegrationFacts) -> str:
    if found.verdict is Verdict.HELD:
        return f"after that, if nothing changes ({found.next_reason}),"
    if one.status is Status.RESOLVED and found.verdict is not Verdict.END_WAITING:
        return f"about the group ({found.next_reason})"
    return f"({found.next_reason})"


def _verdict(group: GroupFacts, found: IntegrationFacts) -> str:
    match found.verdict:
        case Verdict.WOULD if group.exists:
            return f"would be told with the group's next flush, {_at(group.next_flush_ns)}"
        case Verdict.WOULD:
            wait = print_duration(group.route.group_wait_ns // _MS_NS)
            return f"would be told {wait} after it begins to fire (group_wait)"
        case Verdict.WAITING:
            wait = "group_interval" if group.last_flush_ns else "group_wait"
            return f"is not told yet: the group waits for {wait} until {_at(group.next_flush_ns)}"
        case Verdict.HELD if found.told_ns:
            return f"is not told, see above; told at {_at(found.told_ns)} before that"
    words = _VERDICTS[found.verdict]
    return words.format(told=_at(found.told_ns), flush=_at(group.next_flush_ns))


def _last(found: IntegrationFacts) -> str:
    last = found.last
    assert last is not None  # noqa: S101 - the caller has looked
    tries = f" after {last.attempts} attempts" if last.attempts > 1 else ""
    when = _at(last.at_ns)
    retry = "; tried again at once" if last.will_retry else ""
    if last.error:
        return f"last tried at {when}{tries}: {last.error[:_MOST_CHARS]}{retry}"
    status = f"HTTP {last.status}" if last.status else "accepted"
    answer = f" {last.answer[:_MOST_CHARS]!r}" if last.answer else ""
    return f"last answer at {when}{tries}: {status}{answer}{retry}"


def _escalation(one: EscalationFact) -> str:
    words = f"escalation {one.policy}: {one.steps_done} of {one.steps} steps done"
    if one.told:
        words += f", told {', '.join(one.told)}"
    if one.stopped:
        return f"{words}; stopped: {one.stopped}"
    return f"{words}; next {one.next_who} at {_at(one.next_ns)}" if one.next_ns else words


def _pairs(labels: Labels | Sequence[tuple[str, str]]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in labels)


def _ms(at_ms: int) -> str:
    return _at(at_ms * _MS_NS)


def _at(at_ns: int) -> str:
    """To the second, UTC."""
    return f"{print_time(at_ns)[:19]}Z"
