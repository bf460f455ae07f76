"""Silences (Alertmanager, API v2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from appliance.model.matcher import matches_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher


class SilenceState(Enum):
    """Where a silence is."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that match all matchers notify nobody from `starts_ns` to `ends_ns`."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_ns: int
    ends_ns: int
    updated_ns: int
    created_by: str
    comment: str
    annotations: Mapping[str, str] = field(default_factory=dict)

    def state(self, now_ns: int) -> SilenceState:
        """Where it is at a time."""
        if self.ends_ns <= now_ns:
            return SilenceState.EXPIRED
        return SilenceState.PENDING if now_ns < self.starts_ns else SilenceState.ACTIVE

    def matches(self, labels: Labels) -> bool:
        """Whether it is about an alert with these labels."""
        return matches_all(self.matchers, labels)
