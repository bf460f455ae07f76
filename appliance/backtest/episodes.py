"""What a backtest finds: when alerts would have fired."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.backtest.plan import Plan, Span
    from appliance.model.labels import Labels

#: An alert that fires again so soon after its end flaps.
FLAP_MS = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Episode:
    """One time that an alert would have fired.

    Attributes:
        labels: Of the alert, as the rule makes them.
        active_ms, fired_ms: When its condition began to hold, and when it began to fire.
        ended_ms: When it was over; 0 when it still fired at the last evaluation.
        max_value, min_value: Of the expression, from the beginning to the end.
    """

    labels: Labels
    active_ms: int
    fired_ms: int
    ended_ms: int
    max_value: float
    min_value: float


@dataclass(slots=True)
class Found:
    """All that a rule would have done.

    Attributes:
        episodes: By the time they begin to fire, then by labels.
        pending_only: How many times a condition held, but not long enough.
        longest_pending_ms: The longest of them.
        evaluations, failed: How many there were, and how many of them failed.
        error: Of the first one that failed.
        series: Alerts that were at least pending once.
    """

    plan: Plan
    span: Span
    episodes: list[Episode] = field(default_factory=list)
    pending_only: int = 0
    longest_pending_ms: int = 0
    failed: int = 0
    error: str = ""
    series: int = 0

    @property
    def firing_ms(self) -> int:
        """All alerts' times of firing together."""
        return sum(self._end(one) - one.fired_ms for one in self.episodes)

    @property
    def any_firing_ms(self) -> int:
        """For how long at least one alert fired."""
        total, until = 0, 0
        for one in self.episodes:
            end = self._end(one)
            total += max(0, end - max(until, one.fired_ms))
            until = max(until, end)
        return total

    @property
    def flaps(self) -> int:
        """How often an alert fired again within `FLAP_MS` of its end."""
        ends: dict[Labels, int] = {}
        count = 0
        for one in self.episodes:
            ended_ms = ends.get(one.labels)
            count += ended_ms is not None and one.fired_ms - ended_ms <= FLAP_MS
            ends[one.labels] = self._end(one)
        return count

    def _end(self, one: Episode) -> int:
        return one.ended_ms or self.span.last_ms
