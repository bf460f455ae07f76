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
        silenced = self._silences.silenced_by(alert.fingerprint, alert.labels, now_ns)
        inhibited = self.inhibitor.inhibitions(alert.fingerprint, alert.labels, now_ns)
        return Suppression(silenced, inhibited) if silenced or inhibited else _NOT_SUPPRESSED

    def time_mute(self, route: Route, now_ns: int) -> TimeMute:
        """Whether time intervals hold a route back: outside all active ones, or in a mute one."""
        active = route.active_intervals
        if active and not self._intervals.holding(active, now_ns):
            return TimeMute("active_time_interval", active)
        names = self._intervals.holding(route.mute_intervals, now_ns)
        return TimeMute("mute_time_interval", names) if names else _NOT_MUTED
