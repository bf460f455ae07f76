"""What a notification is about, and what a group asks the pipeline to deliver."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.alert import Alert
    from appliance.model.labels import Labels


@dataclass(frozen=True, slots=True)
class Message:
    """One notification, before it is rendered for an integration.

    Attributes:
        alerts: Sorted as they are sent; resolved ones only where the integration sends them.
        route_labels: Labels of the route, expanded.
        now_ns: Decides which alerts fire.
        reason: Why it is sent (Alertmanager's `notification_reason`), empty if there is none.
        is_test: Sent by hand to try a receiver.
        links: Addresses for people by what they do, such as `ack`, `explain`.
    """

    receiver: str
    group_key: str
    group_labels: Labels
    alerts: tuple[Alert, ...]
    now_ns: int
    external_url: str
    route_labels: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    is_test: bool = False
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def firing(self) -> list[Alert]:
        """The alerts that fire."""
        return [alert for alert in self.alerts if not alert.is_resolved(self.now_ns)]

    @property
    def resolved(self) -> list[Alert]:
        """The alerts that are over."""
        return [alert for alert in self.alerts if alert.is_resolved(self.now_ns)]

    @property
    def status(self) -> str:
        """`firing` as long as one alert fires, else `resolved`."""
        return "firing" if self.firing else "resolved"


@dataclass(frozen=True, slots=True)
class Flush:
    """A group's alerts at a tick, muted ones left out.

    Attributes:
        alerts: All others of the group, resolved ones too, sorted.
        repeat_ns: The route's `repeat_interval`.
        timeout_seconds: For all attempts together.
    """

    receiver: str
    group_key: str
    group_labels: Labels
    alerts: tuple[Alert, ...]
    now_ns: int
    repeat_ns: int
    timeout_seconds: float
    route_labels: Mapping[str, str] = field(default_factory=dict)
