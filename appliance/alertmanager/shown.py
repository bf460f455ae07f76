"""Alerts and groups as they are now, to be shown; of thousands a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from appliance.alertmanager.views import AlertView, GroupView, alert_view
from appliance.base.tasks import give_way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.alertmanager.alert_table import AlertTable
    from appliance.alertmanager.dispatch.dispatcher import Dispatcher
    from appliance.alertmanager.dispatch.flush import Flusher
    from appliance.alertmanager.dispatch.groups import Group
    from appliance.base.clock import Clock

V = TypeVar("V")
#: So many alerts, or groups, take some milliseconds; others may run then.
_SLICE = 500


class Shown:
    """Makes views of what the Alertmanager has; used on the event loop only."""

    def __init__(
        self, clock: Clock, table: AlertTable, dispatcher: Dispatcher, flusher: Flusher
    ) -> None:
        self._clock = clock
        self._table = table
        self._dispatcher = dispatcher
        self._flusher = flusher

    def alerts(self) -> list[AlertView]:
        """All alerts that fire, by fingerprint."""
        return [view for view in self._alerts() if view is not None]

    def groups(self) -> list[GroupView]:
        """All groups with alerts that fire, by their labels, then their receivers."""
        return [view for view in self._groups() if view is not None]

    async def all_alerts(self) -> list[AlertView]:
        """The same as `alerts`, while others may run."""
        return await _all(self._alerts())

    async def all_groups(self) -> list[GroupView]:
        """The same as `groups`, while others may run."""
        return await _all(self._groups())

    def _alerts(self) -> Iterator[AlertView | None]:
        """Views; None where others may run."""
        now_ns = self._clock.now_ns()
        alerts = sorted(self._table.all(), key=lambda one: one.fingerprint)
        for number, alert in enumerate(alerts, 1):
            if not alert.is_resolved(now_ns):
                suppression = self._dispatcher.routing.muter.suppression(alert, now_ns)
                routes = self._dispatcher.table.routes_of(alert)
                receivers = tuple([route.receiver for route in routes])
                yield alert_view(alert, suppression, receivers=receivers)
            if number % _SLICE == 0:
                yield None

    def _groups(self) -> Iterator[GroupView | None]:
        """Views; None where others may run."""
        groups = list(self._dispatcher.table.groups.values())
        for number, _ in enumerate(map(_order_key, groups), 1):  # which is made when first asked
            if number % _SLICE == 0:
                yield None
        done = 0
        for group in sorted(groups, key=_order_key):
            alerts: list[AlertView] = []
            for view in self._group_alerts(group):
                if view is not None:
                    alerts.append(view)
                done += 1
                if done % _SLICE == 0:
                    yield None
            if alerts:
                yield self._group(group, tuple(alerts))

    def _group_alerts(self, group: Group) -> Iterator[AlertView | None]:
        now_ns = self._clock.now_ns()
        routing, table = self._dispatcher.routing, self._dispatcher.table
        muted_by = routing.muter.time_mute(group.route, now_ns).names
        for alert in group.sorted_alerts():
            if alert.is_resolved(now_ns):
                yield None
                continue
            yield alert_view(
                alert,
                routing.muter.suppression(alert, now_ns),
                receivers=table.receivers_of(alert),
                muted_by=muted_by,
            )

    def _group(self, group: Group, alerts: tuple[AlertView, ...]) -> GroupView:
        now_ns = self._clock.now_ns()
        routing = self._dispatcher.routing
        return GroupView(
            key=group.key,
            receiver=group.route.receiver,
            labels=group.labels,
            route_labels=self._flusher.route_labels(group, routing, now_ns),
            alerts=alerts,
            route=group.route,
            next_flush_ns=self._dispatcher.next_flush_ns(group),
            last_flush_ns=group.flushed_ns,
            muted_by=routing.muter.time_mute(group.route, now_ns).names,
        )


def _order_key(group: Group) -> tuple[object, ...]:
    return group.order_key


async def _all(views: Iterator[V | None]) -> list[V]:
    found: list[V] = []
    for view in views:
        if view is None:
            await give_way()
        else:
            found.append(view)
    return found
