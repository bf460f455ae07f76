"""The Alertmanager without HTTP: takes alerts, groups them, holds back, and has them delivered.

Invariants:
- A report is in memory before it is durable: whoever sent it hears of an error, but notifications
  go out even when it cannot be stored.
- The store has every alert that fires, and every one that is over and not told of yet.
- After a restart groups are made anew from stored alerts; what was delivered, the notification log
  knows. An alert whose end came while the server was down is not over before its sender had time
  to report it again.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.alertmanager.alert_table import AlertTable
from appliance.alertmanager.dispatch.agenda import Agenda
from appliance.alertmanager.dispatch.dispatcher import Dispatcher
from appliance.alertmanager.dispatch.flush import Flusher, Routing
from appliance.alertmanager.metrics import AlertmanagerMetrics, SilenceMetrics
from appliance.alertmanager.mute.inhibit import Inhibitor
from appliance.alertmanager.mute.intervals import Intervals
from appliance.alertmanager.mute.muter import Muter, Suppression
from appliance.alertmanager.mute.silences import Silences
from appliance.alertmanager.route import RouteTree
from appliance.alertmanager.shown import Shown
from appliance.alertmanager.tracker import Tracker
from appliance.alertmanager.upkeep import Upkeep
from appliance.base.errors import ApplianceError, BadInput, LimitExceeded
from appliance.base.tasks import in_slices, offload, spawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.alertmanager.alert_table import Reported
    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.alertmanager.deps import AlertmanagerDeps
    from appliance.alertmanager.route import Origin, Route
    from appliance.alertmanager.tracker import Listener
    from appliance.alertmanager.views import AlertView, GroupView
    from appliance.model.alert import Alert

_MS_NS = 1_000_000


class Alertmanager:
    """A component; used on the event loop only.

    Args:
        config: Without errors.
        directory: Of the configuration's file.
        origin: Finds out where sections were written.

    Attributes:
        silences: To be shown, made and ended.
        shown: Alerts and groups as they are now.
        listeners: Told when alerts begin to fire, are over, are held back or released.
    """

    name = "alertmanager"

    def __init__(
        self,
        deps: AlertmanagerDeps,
        config: AlertmanagerConfig,
        directory: Path = Path(),
        *,
        origin: Origin | None = None,
    ) -> None:
        self._clock = deps.clock
        self._deps = deps
        self._metrics = AlertmanagerMetrics(deps.telemetry)
        options = deps.options
        self._metrics.limit.set(options.per_alertname_limit)
        self.silences = Silences(deps, SilenceMetrics(deps.telemetry))
        self._table = AlertTable(
            max_alerts=options.max_alerts, per_name=options.per_alertname_limit
        )
        self._tracker = Tracker(deps.recorder)
        self._metrics.count_with(self._tracker.count)
        self.listeners: list[Listener] = self._tracker.listeners
        self._agenda = Agenda(deps.clock)
        self.config, self.directory = config, directory
        self._flusher = Flusher(deps, self._metrics, self._saw)
        self._dispatcher = Dispatcher(
            deps,
            self._agenda,
            self._routing(config, directory, origin),
            flusher=self._flusher,
            metrics=self._metrics,
            settled=self._settle,
        )
        self.shown = Shown(deps.clock, self._table, self._dispatcher, self._flusher)
        self._upkeep = Upkeep(self, deps, self._agenda)
        self._metrics.show(config)
        #: Reports and changes of the configuration come one after the other.
        self._lock = asyncio.Lock()
        #: Alerts that are over, and of which nobody has to be told any more.
        self._settled: set[str] = set()

    @property
    def tree(self) -> RouteTree:
        """The routes."""
        return self._dispatcher.routing.tree

    @property
    def max_alerts(self) -> int:
        """How many alerts there may be."""
        return self._deps.options.max_alerts

    @property
    def resolve_timeout_ns(self) -> int:
        """How long an alert without an end fires."""
        return int(self.config.global_config.resolve_timeout) * _MS_NS

    # -- the component

    async def start(self) -> None:
        """Take over what is stored, and make groups of it."""
        await self.silences.load()
        alerts = await offload(self._deps.store.load_alerts)
        now_ns = self._clock.now_ns()
        async for alert in in_slices(alerts):
            self._table.put(alert)
            self._muter.inhibitor.put(alert)
        table = self._dispatcher.new_table(self._dispatcher.routing)
        async for alert in in_slices(alerts):
            grace_ns = self._grace_ns(alert, now_ns)
            if grace_ns or not alert.is_resolved(now_ns):
                until_ns = max(alert.ends_ns, now_ns + grace_ns)
                self._tracker.restore(alert, until_ns, self._held_back_by(alert, now_ns))
            if grace_ns:
                self._agenda.after(grace_ns / 1e9, partial(self._end_grace, alert))
                continue
            routed = table.put(alert)
            for group in routed.joined:
                group.told.add(alert.fingerprint)
        self._dispatcher.begin(self._dispatcher.routing, table)
        self._upkeep.begin()

    async def run(self) -> None:
        """Do everything that is due, until cancelled."""
        await self._agenda.run()

    async def stop(self) -> None:
        """Let notifications that are under way finish."""
        await self._upkeep.stop()
        await self._dispatcher.stop()

    # -- alerts come in

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Take reports of alerts; when it returns they are durable.

        Raises:
            LimitExceeded: Some are not taken, for there are too many; the others are.
            Unavailable: They could not be stored.
        """
        # What has begun is finished though the caller goes away.
        stored, refused = await asyncio.shield(spawn(self._take(alerts), name="alerts come in"))
        await asyncio.wrap_future(stored)
        if refused:
            limit = self._deps.options.max_alerts
            message = f"{refused} alerts are not taken: there are {limit} already"
            raise LimitExceeded(message, limit="alertmanager.max_alerts", retryable=True)

    async def _take(self, alerts: Sequence[Alert]) -> tuple[Future[None], int]:
        """Take reports into memory; the end of their write, and how many there was no room for."""
        reports: list[Reported] = []
        refused = 0
        async with self._lock:
            async for alert in in_slices(alerts):
                if self._has_room(alert):
                    reported = self._table.put(alert)
                    self._muter.inhibitor.put(reported.alert)
                    reports.append(reported)
                elif self._table.is_full():
                    refused += 1
            stored = self._store([one.alert for one in reports])  # while the groups are made
            taken = [one.alert async for one in in_slices(reports) if self._dispatch(one)]
            self._flusher.record_routes(self._clock.now_ns())
            async for alert in in_slices(taken):
                self._look_at_new(alert)
            self._upkeep.look_for_ends()
            return stored, refused

    def _store(self, alerts: list[Alert]) -> Future[None]:
        try:
            return self._deps.store.put_alerts(alerts)
        except ApplianceError as error:  # whoever sent them hears of it when they are in memory
            failed: Future[None] = Future()
            failed.set_exception(error)
            return failed

    def _has_room(self, alert: Alert) -> bool:
        if alert.fingerprint in self._table:
            return True
        if self._table.has_too_many(alert.name, self._clock.now_ns()):
            self._metrics.limited.inc()
            return False
        return not self._table.is_full()

    def _dispatch(self, reported: Reported) -> bool:
        """Put an alert into its groups; False when there is nothing to do about it."""
        alert, now_ns = reported.alert, self._clock.now_ns()
        self._tracker.report(reported, now_ns)
        is_resolved = alert.is_resolved(now_ns)
        if is_resolved and alert.fingerprint in self._settled:
            return False
        self._settled.discard(alert.fingerprint)
        self._flusher.note_routes(alert, self._dispatcher.put(alert))
        return True

    def _look_at_new(self, alert: Alert) -> None:
        now_ns = self._clock.now_ns()
        if not alert.is_resolved(now_ns):
            self.look_at(alert, now_ns)
            self._tracker.tell_firing(alert, now_ns)

    # -- what becomes of them

    def look_at(self, alert: Alert, now_ns: int) -> None:
        """Find out what holds an alert back, and tell of it if that changed."""
        self._tracker.suppress(alert, self._held_back_by(alert, now_ns), now_ns)

    def end_alerts(self, now_ns: int, *, most: int) -> int | None:
        """Tell of alerts whose end has come; when the next one's comes."""
        self._tracker.end(now_ns, most=most)
        return self._tracker.next_end_ns()

    def firing(self) -> list[Alert]:
        """All alerts that are known to fire, in no order."""
        return self._tracker.firing()

    def suppression_of(self, fingerprint: str) -> Suppression:
        """What holds an alert back that fires, as far as it was looked at."""
        return self._tracker.suppression_of(fingerprint)

    def routes_of(self, alert: Alert) -> tuple[Route, ...]:
        """The routes that take an alert."""
        return self._dispatcher.table.routes_of(alert)

    async def collect_garbage(self) -> None:
        """Forget alerts that are over and that nobody has to be told of."""
        held = self._dispatcher.table.held.keys() | {
            alert.fingerprint for alert in self._tracker.firing()
        }
        gone = self._table.remove_resolved(self._clock.now_ns(), held=held)
        self.silences.forget(gone)
        self._muter.inhibitor.forget(gone)
        self._dispatcher.table.forget(gone)
        self._settled.difference_update(gone)
        if gone:
            await asyncio.wrap_future(self._deps.store.delete_alerts(gone))

    def _saw(self, alert: Alert, found: Suppression, now_ns: int) -> None:
        self._tracker.suppress(alert, self._with_times(alert, found, now_ns), now_ns)

    def _held_back_by(self, alert: Alert, now_ns: int) -> Suppression:
        return self._with_times(alert, self._muter.suppression(alert, now_ns), now_ns)

    def _with_times(self, alert: Alert, found: Suppression, now_ns: int) -> Suppression:
        muted = self._muted_by(alert, now_ns)
        return replace(found, muted_by=muted) if muted else found

    def _muted_by(self, alert: Alert, now_ns: int) -> tuple[str, ...]:
        """Time intervals, if they hold back all routes of an alert."""
        if not self.tree.has_intervals:
            return ()
        routes = self._dispatcher.table.routes_of(alert)
        if not any(route.mute_intervals or route.active_intervals for route in routes):
            return ()
        mutes = [self._muter.time_mute(route, now_ns) for route in routes]
        if not all(mute.reason for mute in mutes):
            return ()
        return tuple(sorted({name for mute in mutes for name in mute.names}))

    def _settle(self, fingerprints: list[str]) -> None:
        """Alerts nobody has to be told of need not outlive a restart."""
        now_ns = self._clock.now_ns()
        over = [
            one
            for one in fingerprints
            if (alert := self._table.get(one)) is not None and alert.is_resolved(now_ns)
        ]
        self._settled.update(over)
        if over:
            self._upkeep.finish(self._deps.store.delete_alerts(over), "alerts that are over")

    def _grace_ns(self, alert: Alert, now_ns: int) -> int:
        """How long a loaded alert is not taken for over.

        Its end lay ahead when it was last reported, so it is one that every report moves; its
        sender gets as long as it gave itself, but no longer than `resolve_timeout`.
        """
        if not alert.is_resolved(now_ns) or alert.ends_ns <= alert.updated_ns:
            return 0
        return min(alert.ends_ns - alert.updated_ns, self.resolve_timeout_ns)

    def _end_grace(self, alert: Alert) -> None:
        """Nothing was heard of an alert whose end came while the server was down: it is over."""
        if self._table.get(alert.fingerprint) is alert:
            for group in self._dispatcher.put(alert):
                group.told.add(alert.fingerprint)

    # -- the configuration

    async def apply(
        self, config: AlertmanagerConfig, directory: Path, *, origin: Origin | None = None
    ) -> None:
        """Work with another configuration from now on.

        Silences, alerts and what was delivered stay. A group whose key and receiver stay keeps its
        times.

        Raises:
            BadInput: It cannot be used; everything stays as it was.
        """
        async with self._lock:
            routing = self._routing(config, directory, origin)
            table = self._dispatcher.new_table(routing)
            now_ns = self._clock.now_ns()
            async for alert in in_slices(self._table.all()):
                routing.muter.inhibitor.put(alert)
                if (
                    not alert.is_resolved(now_ns)
                    or alert.fingerprint in self._dispatcher.table.held
                ):
                    table.put(alert)
            self._dispatcher.begin(routing, table)
            self.config, self.directory = config, directory
            self._metrics.show(config)

    def _routing(
        self, config: AlertmanagerConfig, directory: Path, origin: Origin | None
    ) -> Routing:
        if config.route is None:
            raise BadInput("no routes provided; write route: {receiver: NAME}")
        inhibitor = Inhibitor(config.inhibit_rules, origin=origin)
        intervals = Intervals((*config.mute_time_intervals, *config.time_intervals))
        tree = RouteTree(config.route, origin=origin)
        has_templates = any("{{" in text for route in tree.walk() for text in route.labels.values())
        expand = self._deps.expand if has_templates else None
        return Routing(
            tree,
            Muter(self.silences, inhibitor, intervals),
            self._deps.pipeline(config, directory),
            expand(config, directory) if expand else None,
        )

    @property
    def _muter(self) -> Muter:
        return self._dispatcher.routing.muter

    # -- to be shown

    @property
    def dispatcher(self) -> Dispatcher:
        """Groups and their times, to be looked at only."""
        return self._dispatcher

    def alert(self, fingerprint: str) -> Alert | None:
        """An alert that fires, or that is over and not forgotten yet."""
        return self._table.get(fingerprint)

    def all_alerts(self) -> list[Alert]:
        """All alerts that fire or are not forgotten yet, in no order."""
        return self._table.all()

    def alerts(self) -> list[AlertView]:
        """All alerts that fire, by fingerprint; of many, ask `shown`."""
        return self.shown.alerts()

    def groups(self) -> list[GroupView]:
        """All groups with alerts that fire, by labels and receivers; of many, ask `shown`."""
        return self.shown.groups()
