"""What a group has to tell at a moment: its alerts less those that are held back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.alertmanager.mute.muter import TimeMute
from appliance.base.errors import ApplianceError
from appliance.base.tasks import in_slices
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.message import Flush, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.alertmanager.deps import AlertmanagerDeps, LabelExpander, Notifier
    from appliance.alertmanager.dispatch.groups import Group
    from appliance.alertmanager.metrics import AlertmanagerMetrics
    from appliance.alertmanager.mute.muter import Muter, Suppression
    from appliance.alertmanager.route import Route, RouteTree
    from appliance.model.alert import Alert

_log = logging.getLogger(__name__)
_SECOND_NS = 1_000_000_000
#: A notification has at least so long.
_LEAST_SECONDS = 10.0
#: Of so many alerts it is looked at what holds them back before others may run.
_SLICE = 1000


@dataclass(frozen=True, slots=True)
class Routing:
    """What is made of a configuration.

    Attributes:
        expand: Fills in labels of routes; None when no label is a template.
    """

    tree: RouteTree
    muter: Muter
    notifier: Notifier
    expand: LabelExpander | None = None


class Flusher:
    """Makes flushes of groups, and tells the record what holds them back.

    Args:
        saw: Told what holds an alert back.
    """

    def __init__(
        self,
        deps: AlertmanagerDeps,
        metrics: AlertmanagerMetrics,
        saw: Callable[[Alert, Suppression, int], None],
    ) -> None:
        self._recorder = deps.recorder
        self._external_url = deps.external_url
        self._sends_resolved = deps.options.send_resolved_when_silenced
        self._suppressed = metrics.suppressed
        self._saw = saw
        #: Fingerprints of alerts by the groups they came into; the record was not told yet.
        self._joined: dict[Group, list[str]] = {}

    async def flush(self, group: Group, routing: Routing, now_ns: int) -> Flush | None:
        """What a group has to tell; None when everything is held back."""
        alerts = await self._uninhibited(group, routing, now_ns)
        route = group.route
        mute = routing.muter.time_mute(route, now_ns)
        if mute != (group.mute or TimeMute()):
            self._record_mute(group, mute, now_ns)
        group.mute = mute
        if mute.reason:
            self._suppressed.labels(mute.reason).inc(len(alerts))
            return None
        told = [alert for alert, silenced in alerts if not silenced]
        self._suppressed.labels("silence").inc(len(alerts) - len(told))
        if not told:
            return None
        return Flush(
            receiver=route.receiver,
            group_key=group.key,
            group_labels=group.labels,
            alerts=tuple(told),
            now_ns=now_ns,
            repeat_ns=route.repeat_interval_ns,
            timeout_seconds=max(_LEAST_SECONDS, route.group_interval_ns / _SECOND_NS),
            route_labels=self.route_labels(group, routing, now_ns),
        )

    def route_labels(self, group: Group, routing: Routing, now_ns: int) -> Mapping[str, str]:
        """The labels of a group's route, filled in for its alerts.

        A template that fails stays as it is: nobody must go untold for the sake of a label.
        """
        if routing.expand is None or not group.route.labels:
            return group.route.labels
        if group.route_labels is None:
            message = Message(
                receiver=group.route.receiver,
                group_key=group.key,
                group_labels=group.labels,
                alerts=tuple(group.sorted_alerts()),
                now_ns=now_ns,
                external_url=self._external_url,
            )
            group.route_labels = _filled_in(routing.expand, group.route, message)
        return group.route_labels

    def record(self, group: Group, flush: Flush) -> None:
        """Tell the record of a flush if it is not as the one before."""
        shown = frozenset((one.fingerprint, one.is_resolved(flush.now_ns)) for one in flush.alerts)
        if shown == group.shown:
            return
        group.shown = shown
        resolved = sum(is_resolved for _, is_resolved in shown)
        detail = {"firing": len(shown) - resolved, "resolved": resolved}
        self._recorder.record(
            AlertEvent(
                flush.now_ns,
                EventKind.FLUSHED,
                tuple(alert.fingerprint for alert in flush.alerts),
                group_key=group.key,
                receiver=group.route.receiver,
                detail=detail,
            )
        )

    def note_routes(self, alert: Alert, groups: list[Group]) -> None:
        """Take note of the groups an alert came into."""
        for group in groups:
            self._joined.setdefault(group, []).append(alert.fingerprint)

    def record_routes(self, now_ns: int) -> None:
        """Tell the record of what was noted: once of each group."""
        joined, self._joined = self._joined, {}
        self._recorder.record(
            *(_routed(tuple(found), group, now_ns) for group, found in joined.items())
        )

    async def _uninhibited(
        self, group: Group, routing: Routing, now_ns: int
    ) -> list[tuple[Alert, bool]]:
        """Alerts that are not inhibited, and whether they are silenced."""
        alerts = group.sorted_alerts()
        if self._joined:
            self.record_routes(now_ns)  # it came before what is recorded now
        found: list[tuple[Alert, bool]] = []
        async for alert in in_slices(alerts, _SLICE):
            suppression = routing.muter.suppression(alert, now_ns)
            self._saw(alert, suppression, now_ns)
            if not suppression.inhibited_by:
                is_silenced = bool(suppression.silenced_by)
                if is_silenced and self._sends_resolved and alert.is_resolved(now_ns):
                    is_silenced = alert.fingerprint not in group.told
                found.append((alert, is_silenced))
        self._suppressed.labels("inhibition").inc(len(alerts) - len(found))
        return found

    def _record_mute(self, group: Group, mute: TimeMute, now_ns: int) -> None:
        kind = EventKind.SUPPRESSED if mute.reason else EventKind.UNSUPPRESSED
        self._recorder.record(
            AlertEvent(
                now_ns,
                kind,
                tuple(group.alerts),
                group_key=group.key,
                receiver=group.route.receiver,
                detail={"muted_by": list(mute.names), "reason": mute.reason},
            )
        )


def _filled_in(expand: LabelExpander, route: Route, message: Message) -> Mapping[str, str]:
    try:
        return expand(route.labels, message)
    except ApplianceError:  # told again below, with the label's name
        found: dict[str, str] = {}
        for name, text in route.labels.items():
            try:
                found |= expand({name: text}, message)
            except ApplianceError as error:
                found[name] = text
                _log.warning("route %s: label %s cannot be filled in: %s", route.key, name, error)
        return found


def _routed(fingerprints: tuple[str, ...], group: Group, now_ns: int) -> AlertEvent:
    file, line = group.route.place
    detail: dict[str, object] = {"route": group.route.key, "path": list(group.route.path)}
    if file:
        detail["place"] = f"{file}:{line}"
    return AlertEvent(
        now_ns,
        EventKind.ROUTED,
        fingerprints,
        group_key=group.key,
        receiver=group.route.receiver,
        detail=detail,
    )
