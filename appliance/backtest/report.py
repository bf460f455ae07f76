"""The answer to a backtest, as JSON."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.go_float import print_float
from appliance.model.alert import fingerprint_of
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.backtest.episodes import Episode, Found
    from appliance.backtest.question import Question
    from appliance.backtest.simulate import Notification, Simulated
    from appliance.model.labels import Labels

_MS_NS = 1_000_000
#: Notifications that are listed.
_MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What a rule would have done; value and annotations of the episodes that are shown."""

    found: Found
    texts: Sequence[tuple[float | None, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes:
        simulated: None when nobody asked who would have been told.
        sent: Labels as the Alertmanager is told them.
        seconds: What it took.
    """

    question: Question
    rules: Sequence[Shown]
    simulated: Simulated | None
    sent: Callable[[Labels], Labels | None]
    seconds: float

    def document(self) -> dict[str, Any]:
        """As JSON."""
        told = self._told()
        return {
            "from": _time(self.question.start_ms),
            "to": _time(self.question.end_ms),
            "seconds": round(self.seconds, 3),
            "rules": [self._rule(one, told) for one in self.rules],
            "notifications": self._notifications(),
        }

    def _told(self) -> Mapping[str, Sequence[Notification]]:
        """Notifications that told of an alert for the first time, by its fingerprint."""
        told: dict[str, list[Notification]] = defaultdict(list)
        for one in self.simulated.notifications if self.simulated is not None else ():
            for fingerprint in one.fresh:
                told[fingerprint].append(one)
        return told

    def _rule(self, one: Shown, told: Mapping[str, Sequence[Notification]]) -> dict[str, Any]:
        found, plan = one.found, one.found.plan
        span_ms = max(1, found.span.last_ms - found.span.first_ms)
        return {
            "alert": plan.rule.alert,
            "group": plan.group,
            "file": plan.file,
            "line": plan.line,
            "language": plan.language,
            "expr": plan.rule.expr,
            "for_seconds": int(plan.rule.for_) / 1000,
            "keep_firing_for_seconds": int(plan.rule.keep_firing_for) / 1000,
            "interval_seconds": plan.interval_ms / 1000,
            "evaluations": found.span.count,
            "failed": found.failed,
            "error": found.error,
            "series": found.series,
            "fired": len(found.episodes),
            "alerts": len({episode.labels for episode in found.episodes}),
            "firing_seconds": found.firing_ms / 1000,
            "any_firing_seconds": found.any_firing_ms / 1000,
            "any_firing_ratio": round(found.any_firing_ms / span_ms, 6),
            "pending_only": found.pending_only,
            "longest_pending_seconds": found.longest_pending_ms / 1000,
            "flaps": found.flaps,
            "episodes": [
                self._episode(found, episode, texts, told)
                for episode, texts in zip(found.episodes, one.texts, strict=False)
            ],
        }

    def _episode(
        self,
        found: Found,
        one: Episode,
        texts: tuple[float | None, Mapping[str, str]],
        told: Mapping[str, Sequence[Notification]],
    ) -> dict[str, Any]:
        labels = self.sent(one.labels)
        fingerprint = fingerprint_of(labels if labels is not None else one.labels)
        end_ms = one.ended_ms or found.span.last_ms
        value, annotations = texts
        return {
            "labels": dict(labels if labels is not None else one.labels),
            "fingerprint": fingerprint,
            "is_dropped": labels is None,
            "active_at": _time(one.active_ms),
            "fired_at": _time(one.fired_ms),
            "ended_at": _time(one.ended_ms) if one.ended_ms else None,
            "seconds": (end_ms - one.fired_ms) / 1000,
            "value": None if value is None else print_float(value),
            "max_value": print_float(one.max_value),
            "min_value": print_float(one.min_value),
            "annotations": dict(annotations),
            "told": _first_told(told.get(fingerprint, ()), one, end_ms),
        }

    def _notifications(self) -> dict[str, Any] | None:
        if self.simulated is None:
            return None
        found = self.simulated.notifications
        receivers: dict[tuple[str, str, int], list[Notification]] = defaultdict(list)
        for one in found:
            receivers[one.receiver, one.integration, one.index].append(one)
        return {
            "until": _time(self.simulated.until_ms),
            "is_complete": self.simulated.is_complete,
            "total": sum(1 for one in found if one.integration),
            "receivers": [
                {
                    "receiver": receiver,
                    "integration": integration,
                    "index": index,
                    "notifications": len(told),
                    "groups": len({one.group_key for one in told}),
                    "first": _time(told[0].at_ms),
                    "last": _time(told[-1].at_ms),
                }
                for (receiver, integration, index), told in sorted(receivers.items())
            ],
            "list": [_notification(one) for one in found[:_MOST_LISTED]],
        }


def _notification(one: Notification) -> dict[str, Any]:
    return {
        "at": _time(one.at_ms),
        "receiver": one.receiver,
        "integration": one.integration,
        "index": one.index,
        "reason": one.reason,
        "group_labels": dict(one.group_labels),
        "firing": one.firing,
        "resolved": one.resolved,
    }


def _first_told(
    notifications: Sequence[Notification], episode: Episode, end_ms: int
) -> list[dict[str, Any]]:
    """Who was told first of an episode, and when."""
    first: dict[tuple[str, str, int], int] = {}
    for one in notifications:
        if one.integration and episode.fired_ms <= one.at_ms <= end_ms:
            first.setdefault((one.receiver, one.integration, one.index), one.at_ms)
    return [
        {"receiver": receiver, "integration": integration, "index": index, "at": _time(at_ms)}
        for (receiver, integration, index), at_ms in sorted(first.items())
    ]


def _time(at_ms: int) -> str:
    return print_time(at_ms * _MS_NS)
