"""Explanations as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from appliance.alertmanager.matchers import print_matcher
from appliance.api.alertmanager.route_shapes import route_json
from appliance.api.alertmanager.shapes import silence_json
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from appliance.alertmanager.explain.facts import AckFact, EscalationFact, RuleFact
    from appliance.alertmanager.explain.trail import RouteVisit
    from appliance.alertmanager.explain.values import (
        Explanation,
        GroupFacts,
        InhibitedBy,
        IntegrationFacts,
        LastTry,
    )
    from appliance.model.alert import Alert

_MS_NS = 1_000_000


def explanation_json(one: Explanation) -> dict[str, Any]:
    """All of an explanation; times are RFC 3339 or null."""
    return {
        "at": print_time(one.at_ns),
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels),
        "status": one.status.value,
        "alert": _alert(one.alert) if one.alert is not None else None,
        "rules": [_rule(rule) for rule in one.rules],
        "silenced_by": [silence_json(silence, one.at_ns) for silence in one.silences],
        "inhibited_by": [_inhibition(source) for source in one.inhibitions],
        "routes": _visit(one.trail),
        "groups": [_group(group) for group in one.groups],
        "acks": [_ack(ack) for ack in one.acks],
        "escalations": [_escalation(escalation) for escalation in one.escalations],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "starts_at": print_time(alert.starts_ns),
        "ends_at": print_time(alert.ends_ns),
        "updated_at": print_time(alert.updated_ns),
        "annotations": dict(alert.annotations),
        "generator_url": alert.generator_url,
    }


def _rule(rule: RuleFact) -> dict[str, Any]:
    return {
        "name": rule.name,
        "group": rule.group,
        "file": rule.file,
        "line": rule.line,
        "expr": rule.expr,
        "for_seconds": rule.hold_ms / 1000,
        "keep_firing_for_seconds": rule.keep_firing_ms / 1000,
        "interval_seconds": rule.interval_ms / 1000,
        "health": rule.health,
        "last_error": rule.last_error,
        "evaluated_at": _ms(rule.evaluated_ms),
        "state": rule.state,
        "value": rule.value if rule.value is None else f"{rule.value:g}",
        "active_at": _ms(rule.active_ms),
        "fired_at": _ms(rule.fired_ms),
        "resolved_at": _ms(rule.resolved_ms),
        "keep_firing_since": _ms(rule.keep_firing_since_ms),
        "sent_at": _ms(rule.sent_ms),
        "sent_to": rule.sent_to,
        "is_sent_here": rule.is_sent_here,
        "is_dropped": rule.is_dropped,
    }


def _inhibition(one: InhibitedBy) -> dict[str, Any]:
    return {
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels) if one.labels is not None else None,
        "rule": one.rule,
        "file": one.place[0],
        "line": one.place[1],
        "equal": one.equal,
    }


def _visit(visit: RouteVisit) -> dict[str, Any]:
    file, line = visit.route.place
    return {
        "receiver": visit.route.receiver,
        "path": visit.route.path,
        "file": file,
        "line": line,
        "matchers": [print_matcher(matcher) for matcher in visit.route.matchers],
        "continue": visit.route.does_continue,
        "answer": visit.answer.value,
        "mismatches": [
            {"matcher": print_matcher(matcher), "value": value}
            for matcher, value in visit.mismatches
        ],
        "routes": [_visit(child) for child in visit.children],
    }


def _group(group: GroupFacts) -> dict[str, Any]:
    return {
        "key": group.key,
        "receiver": group.route.receiver,
        "labels": dict(group.labels),
        "route": route_json(group.route),
        "exists": group.exists,
        "is_member": group.is_member,
        "members": group.members,
        "last_flush": _time(group.last_flush_ns),
        "next_flush": _time(group.next_flush_ns),
        "muted_by": group.mute.names,
        "mute_reason": group.mute.reason,
        "muted_until": _time(group.mute_until_ns),
        "integrations": [_integration(one) for one in group.integrations],
    }


def _integration(one: IntegrationFacts) -> dict[str, Any]:
    return {
        "integration": one.kind,
        "index": one.index,
        "send_resolved": one.send_resolved,
        "verdict": one.verdict.value,
        "told_at": _time(one.told_ns),
        "next_at": _time(one.next_ns),
        "next_reason": one.next_reason,
        "last": _last(one.last) if one.last is not None else None,
    }


def _last(last: LastTry) -> dict[str, Any]:
    found = asdict(last)
    return {"at": _time(found.pop("at_ns")), **found}


def _ack(ack: AckFact) -> dict[str, Any]:
    return {
        "by": ack.by,
        "comment": ack.comment,
        "at": _time(ack.at_ns),
        "until": _time(ack.until_ns),
    }


def _escalation(one: EscalationFact) -> dict[str, Any]:
    found = asdict(one)
    return {"next_at": _time(found.pop("next_ns")), **found}


def _ms(at_ms: int) -> str | None:
    return _time(at_ms * _MS_NS)


def _time(at_ns: int) -> str | None:
    return print_time(at_ns) if at_ns else None
