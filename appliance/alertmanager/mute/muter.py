"""What holds an alert back: inhibition, time intervals of its route, silences, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.alertmanager.mute.inhibit import Inhibition, Inhibitor
    from appliance.alertmanager.mute.intervals import Intervals
    from appliance.alertmanager.mute.silences import Silences
    from appliance.alertmanager.route import Route
    from appliance.model.alert import Alert
    from appliance.model.labels import Labels


@dataclass(frozen=True, slots=True)
class Suppression:
    """Who holds an alert back; empty when nobody does.

    Attributes:
        silenced_by: Ids of silences.
        inhibited_by: Alerts and rules.
        muted_by: Names of time intervals, when they hold back everything of the alert.
    """

    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[Inhibition, ...] = ()
    muted_by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.silenced_by or self.inhibited_by or self.muted_by)


@dataclass(frozen=True, slots=True)
class TimeMute:
    """Time intervals that hold a route back.

    Attributes:
        reason: As in metrics; empty when it is not held back.
    """

    reason: str = ""
    names: tuple[str, ...] = ()


_MINUTE_NS = 60_000_000_000
#: How far it is looked ahead for the end of time intervals.
_AHEAD_MINUTES = 15 * 24 * 60
_NOT_SUPPRESSED = Suppression()
_NOT_MUTED = TimeMute()


class Muter:
    """Finds out what holds alerts and routes back."""

    def __init__(self, silences: Silences, inhibitor: Inhibitor, intervals: Intervals) -> None:
        self.inhibitor = inhibitor
        self._silences = silences
        self._intervals = intervals

    def suppression(self, alert: Alert, now_ns: int) -> Suppression:
        """Silences and inhibitions; time intervals are left out."""
        return self.suppression_of(alert.fingerprint, alert.labels, now_ns)

    def suppression_of(self, fingerprint: str, labels: Labels, now_ns: int) -> Suppression:
        """The same for an alert that need not have come."""
        silenced = self._silences.silenced_by(fingerprint, labels, now_ns)
        inhibited = self.inhibitor.inhibitions(fingerprint, labels, now_ns)
        return Suppression(silenced, inhibited) if silenced or inhibited else _NOT_SUPPRESSED

    def time_mute(self, route: Route, now_ns: int) -> TimeMute:
        """Whether time intervals hold a route back: outside all active ones, or in a mute one."""
        active = route.active_intervals
        if active and not self._intervals.holding(active, now_ns):
            return TimeMute("active_time_interval", active)
        names = self._intervals.holding(route.mute_intervals, now_ns)
        return TimeMute("mute_time_interval", names) if names else _NOT_MUTED

    def muted_until_ns(self, route: Route, now_ns: int) -> int:
        """When time intervals let a route go that they hold back; 0: not within two weeks."""
        first = now_ns // _MINUTE_NS + 1
        boundaries = self._intervals.boundaries
        for minute in range(first, first + _AHEAD_MINUTES):
            if minute % 60 in boundaries and not self.time_mute(route, minute * _MINUTE_NS).reason:
                return minute * _MINUTE_NS
        return 0
