"""Aggregation groups: which alerts are told of together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.alertmanager.dispatch.order import in_order, labels_key
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.alertmanager.dispatch.agenda import Entry
    from appliance.alertmanager.dispatch.order import Key
    from appliance.alertmanager.mute.muter import TimeMute
    from appliance.alertmanager.route import Route, RouteTree
    from appliance.model.alert import Alert
    from appliance.model.labels import Labels

    #: A group's identity: path of its route, group labels.
    GroupId = tuple[tuple[int, ...], Labels]

#: More alerts are sorted in a thread: a thousand take some milliseconds.
_MANY = 1000


@dataclass(slots=True, eq=False)
class Group:
    """Alerts of one route with the same group labels.

    Attributes:
        alerts: By fingerprint.
        entry: Its next flush; None before it has a place in the agenda.
        made: On the monotonic clock.
        flushed, flushed_ns: When last, on the monotonic clock and on the wall's; -1 and 0: never.
        is_flushing, is_overdue: A flush is under way; another one is due already.
        told: Fingerprints of alerts that were in a notification while they fired.
        shown: What the record was last told of it.
        mute: Time intervals that held it back at the last flush.
        route_labels: Filled in; None when alerts changed since.
        is_gone: Nothing is in it any more, or another configuration holds: it is not flushed.
        successor: Goes on in its place under another configuration.
    """

    route: Route
    labels: Labels
    key: str
    alerts: dict[str, Alert] = field(default_factory=dict)
    entry: Entry | None = None
    made: float = 0.0
    flushed: float = -1.0
    flushed_ns: int = 0
    is_flushing: bool = False
    is_overdue: bool = False
    told: set[str] = field(default_factory=set)
    shown: frozenset[tuple[str, bool]] = frozenset()
    mute: TimeMute | None = None
    route_labels: Mapping[str, str] | None = None
    is_gone: bool = False
    successor: Group | None = None
    _order_key: Key | None = None
    #: Fingerprints as notifications show them; None when others came or went.
    _order: list[str] | None = None
    _changes: int = 0

    @property
    def order_key(self) -> Key:
        """Groups are shown by their labels, then by their receivers."""
        if self._order_key is None:
            self._order_key = (*labels_key(self.labels), self.route.receiver)
        return self._order_key

    def put(self, alert: Alert) -> bool:
        """Take an alert, or its change; whether it was not in the group."""
        is_new = alert.fingerprint not in self.alerts
        self.alerts[alert.fingerprint] = alert
        self.route_labels = None
        if is_new:
            self._change()
        return is_new

    def drop(self, alert: Alert) -> bool:
        """Leave an alert out unless it changed; whether it is out."""
        if self.alerts.get(alert.fingerprint) is not alert:
            return False
        del self.alerts[alert.fingerprint]
        self.told.discard(alert.fingerprint)
        self.route_labels = None
        self._change()
        return True

    def sorted_alerts(self) -> list[Alert]:
        """Its alerts as notifications show them."""
        if self._order is None:
            found = in_order(self.alerts.values())
            self._order = [alert.fingerprint for alert in found]
            return found
        return [self.alerts[fingerprint] for fingerprint in self._order]

    async def sort(self) -> None:
        """Sort many alerts in a thread, so that `sorted_alerts` need not."""
        while self._order is None and len(self.alerts) >= _MANY:
            before = self._changes
            found = await offload(in_order, list(self.alerts.values()))
            if self._changes == before:
                self._order = [alert.fingerprint for alert in found]

    def _change(self) -> None:
        self._order = None
        self._changes += 1

    def take_over(self, old: Group) -> None:
        """Go on where the same group of the configuration before was."""
        self.made, self.flushed, self.flushed_ns = old.made, old.flushed, old.flushed_ns
        self.told, self.shown = old.told & self.alerts.keys(), old.shown
        self.mute = old.mute
        self.is_flushing, self.is_overdue = old.is_flushing, old.is_overdue
        old.successor = self


@dataclass(slots=True)
class Routed:
    """Where an alert went.

    Attributes:
        joined: Groups it was not in before.
        made: Those of them that are new.
        refused: How many groups there was no room for.
    """

    joined: list[Group] = field(default_factory=list)
    made: list[Group] = field(default_factory=list)
    refused: int = 0


class GroupTable:
    """All groups of a tree of routes.

    Args:
        max_groups: 0 is no limit.

    Invariant: `held` has an alert's groups, and no alert that is in none.
    """

    def __init__(self, tree: RouteTree, *, max_groups: int = 0) -> None:
        self.tree = tree
        self._max_groups = max_groups
        self.groups: dict[GroupId, Group] = {}
        self.held: dict[str, list[Group]] = {}
        self._routes: dict[str, tuple[Route, ...]] = {}

    def routes_of(self, alert: Alert) -> tuple[Route, ...]:
        """The routes that take an alert."""
        routes = self._routes.get(alert.fingerprint)
        if routes is None:
            routes = self._routes[alert.fingerprint] = tuple(self.tree.match(alert.labels))
        return routes

    def receivers_of(self, alert: Alert) -> tuple[str, ...]:
        """Receivers of the groups an alert is in, sorted."""
        return tuple(sorted(one.route.receiver for one in self.held.get(alert.fingerprint, ())))

    def put(self, alert: Alert) -> Routed:
        """Put an alert, or its change, into the groups it belongs to; they are made if need be."""
        found = Routed()
        routes, held = self.routes_of(alert), self.held.get(alert.fingerprint, ())
        if len(held) == len(routes):  # which they stay, for labels never change
            for member in held:
                member.put(alert)
            return found
        for route in routes:
            labels = route.group_labels(alert.labels)
            group = self.groups.get((route.path, labels))
            if group is None:
                if 0 < self._max_groups <= len(self.groups):
                    found.refused += 1
                    continue
                group = Group(route, labels, route.group_key(labels))
                self.groups[route.path, labels] = group
                found.made.append(group)
            if group.put(alert):
                self.held.setdefault(alert.fingerprint, []).append(group)
                found.joined.append(group)
        return found

    def drop(self, alerts: Iterable[Alert], group: Group) -> list[str]:
        """Leave alerts that did not change out of a group, and forget the group if it is empty.

        Returns:
            Fingerprints of alerts that are in no group any more.
        """
        freed: list[str] = []
        for alert in alerts:
            if group.drop(alert):
                holders = self.held[alert.fingerprint]
                holders.remove(group)
                if not holders:
                    del self.held[alert.fingerprint]
                    freed.append(alert.fingerprint)
        if not group.alerts:
            del self.groups[group.route.path, group.labels]
        return freed

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Drop what is remembered of alerts that are in no group."""
        for fingerprint in fingerprints:
            self._routes.pop(fingerprint, None)
