"""Composition root: stores → doors → services → listeners. Knows every part, contains no logic."""

from __future__ import annotations

import asyncio
import logging
import signal
from functools import cached_property, partial
from typing import TYPE_CHECKING

from appliance.addresses import is_loopback, trusted_names
from appliance.alert_inquiries import AlertInquiries
from appliance.alert_services import AlertKeeper, AlertServices
from appliance.api import http
from appliance.api.admin import AdminDeps
from appliance.api.gate import Gate
from appliance.api.query_gate import QueryGate
from appliance.api.server import Listeners
from appliance.applications import Applications, LokiParts, Status
from appliance.base.errors import ApplianceError, BadInput, Unavailable
from appliance.base.notifications import Notifications
from appliance.config.problem import has_errors, render_errors
from appliance.doors import Doors
from appliance.ingest.senders import Senders
from appliance.log_services import LogServices
from appliance.maintenance import Maintenance
from appliance.metric_services import MetricServices
from appliance.stores import Stores, retention_of
from appliance.system_facts.reloads import Reloads
from appliance.system_facts.shown import ShownSettings

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from aiohttp.web import Application  # noqa: TID251 - the type alone

    from appliance.api.server import GrpcServer
    from appliance.api.udp import UdpReceiver
    from appliance.api.ui.system.deps import SystemDeps
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.config.problem import Problem
    from appliance.dashboards.library.library import DashboardLibrary
    from appliance.overview import StoreOverview
    from appliance.settings.root import Settings
    from appliance.store.directory import DataDirectory
    from appliance.supervisor import Supervisor
    from appliance.ui.overview import Endpoints

_log = logging.getLogger(__name__)
#: Scrapes of this much time share a transaction: half the cost, and nobody waits for a scrape.
_SCRAPE_WINDOW_SECONDS = 0.1


class Services:
    """All parts of one server, each made when first asked for.

    Attributes:
        reread: Reads the settings anew, for a reload.
        judge: Finds what is wrong with files of the configuration, for the page that shows it.
    """

    def __init__(
        self,
        settings: Settings,
        directory: DataDirectory,
        supervisor: Supervisor,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self.settings = settings
        self.reread: Callable[[], tuple[Settings, list[Problem]]] = lambda: (settings, [])
        self.judge: Callable[[Sequence[Path]], list[Problem]] = lambda _: []
        self._first_settings = settings
        self._directory = directory
        self._supervisor = supervisor
        self._clock = clock
        self._telemetry = telemetry
        self.stores = Stores(directory, settings, clock, telemetry)
        self.listeners = Listeners(
            settings.listen.open_addresses(),
            self._make_app,
            make_grpc=self._make_grpc,
            make_udp=self._make_udp,
        )
        self._started_ms = clock.now_ms()
        self.notifications = Notifications(clock)
        self.senders = Senders()
        self._reloads = Reloads(clock, telemetry, self.notifications)

    # -- life

    async def start(self) -> None:
        """Start every part, stores first; afterwards the server is ready.

        Raises:
            PortBusy, Conflict, BadInput: As the parts say.
        """
        await self._supervisor.start(self.stores)
        metrics = self.metrics
        await self._supervisor.start(metrics.forwarder)
        if self.stores.pushes is not None:
            await self.doors.pushgateway.load()
        await self._supervisor.start(AlertKeeper(self.alerts), *self.alerts.components())
        await self._supervisor.start(self.overview, self.doors.span_packets, self.listeners)
        metrics.apply_alerting()
        await self._supervisor.start(metrics.alerting.sender, metrics.alerting)
        await self._supervisor.start(
            metrics.scrapes, metrics.rules, self.maintenance, self.logs.tail, self.logs.deleter
        )
        if self.doors.span_metrics is not None:
            await self._supervisor.start(self.doors.span_metrics)
        await self.logs.rules.load()
        await self._supervisor.start(self.logs.rules.manager, metrics.trace_rules)
        await metrics.apply_forwarding()
        self._supervisor.set_started()

    async def reload(self) -> None:
        """Read all configuration anew and apply what can change while running.

        Raises:
            BadInput: Something is wrong; nothing has been changed.
            Unavailable: The server is still starting.
        """
        if not self._supervisor.has_started:
            raise Unavailable("the server is still starting; try again")
        self._reloads.begin()
        try:
            await self._reload()
        except ApplianceError as error:
            _log.error("reload failed, the old configuration stays: %s", error)
            self._reloads.fail(error.message)
            raise
        self._reloads.succeed()
        _log.info("configuration reloaded")

    async def _reload(self) -> None:
        settings, problems = self.reread()
        if has_errors(problems):
            raise BadInput(render_errors(problems))
        rules = self.metrics.read(settings)
        tailed = self.logs.read(settings)
        routing = self.alerts.read(settings)
        await self.alerts.apply(settings, routing)  # first: its templates may have errors
        self.settings = settings
        self.maintenance.apply(retention_of(settings), int(settings.retention.max_bytes.total))
        await self.metrics.apply(settings, rules)
        self.doors.apply(settings)
        await self.logs.apply(settings, tailed)

    # -- parts

    @cached_property
    def metrics(self) -> MetricServices:
        """Scraping, rules, forwarding."""
        return MetricServices(
            self.stores,
            self.settings,
            self._clock,
            self._telemetry,
            urls=self.listeners.urls,
            notifications=self.notifications,
            own_alertmanager=self.alerts.own,
            recorder=lambda: self.alerts.recorder,
        )

    @cached_property
    def alerts(self) -> AlertServices:
        """Routing and notification."""
        return AlertServices(
            self.stores,
            self.settings,
            self._clock,
            self._telemetry,
            urls=self.listeners.urls,
        )

    @cached_property
    def _inquiries(self) -> AlertInquiries:
        return AlertInquiries(
            self.stores,
            self._clock,
            lambda: self.settings,
            alerts=lambda: self.alerts,
            metrics=lambda: self.metrics,
            logs=lambda: self.logs,
        )

    @cached_property
    def logs(self) -> LogServices:
        """Tailing."""
        return LogServices(
            self.stores,
            self.settings,
            self._clock,
            self._telemetry,
            door=lambda: self.doors.logs,
            rules=lambda: (self.metrics.rule_parts, self.metrics.rule_faults),
            http=lambda: self._http,
            urls=self.listeners.urls,
        )

    @cached_property
    def doors(self) -> Doors:
        """Where data enters."""
        return Doors(
            self.stores,
            self.settings,
            self._clock,
            self._telemetry,
            appender=self.metrics.forwarder.appender,
            translation=self.metrics.translation,
            senders=self.senders,
        )

    @cached_property
    def overview(self) -> StoreOverview:
        """Figures for the home page."""
        from appliance.overview import StoreOverview  # noqa: PLC0415 - numpy

        return StoreOverview(
            metrics=self.stores.metrics,
            logs=self.stores.logs,
            traces=self.stores.traces,
            clock=self._clock,
            telemetry=self._telemetry,
            endpoints=self._endpoints,
        )

    @cached_property
    def maintenance(self) -> Maintenance:
        """Sealing and retention."""
        return Maintenance(
            self.stores.by_signal(),
            retention_of(self.settings),
            self._clock,
            total_bytes=int(self.settings.retention.max_bytes.total),
            seal_seconds=self.settings.storage.seal_interval / 1000,
            seal_always=self.settings.storage.seal_always,
        )

    # -- listeners

    def _endpoints(self) -> Endpoints:
        from appliance.ui.overview import Endpoints  # noqa: PLC0415 - only when a page asks

        at = (self.listeners.urls(), str(self.stores.path.absolute()), "/api/v1/write")
        return Endpoints(*at, needs_token=self.settings.auth.ingest_token is not None)

    @cached_property
    def _applications(self) -> Applications:
        logs = self.stores.logs
        shown = ShownSettings(
            lambda: self.settings, self.stores.path, self._reloads, started_ms=self._started_ms
        )
        return Applications(
            common=self._http,
            series=self.stores.metrics.source,
            logs=logs.source,
            spans=self.stores.spans,
            archive=self.stores.archive,
            max_skew_ns=int(self.settings.jaeger.max_clock_skew) * 1_000_000,
            metric_door=self.doors.metrics,
            remote=self.metrics.remote(self.doors.remote_write),
            log_door=self.doors.logs,
            otlp_door=self.doors.otlp,
            translated_spans=self.doors.translated_spans,
            scrapes=self.metrics.scrapes,
            tail=self.logs.tail,
            pushgateway=lambda: self.doors.pushgateway,
            public=self.settings.ui.public_paths,
            overview=self.overview,
            system=self._system,
            runbooks=self.metrics.runbooks,
            dashboards=lambda: self._dashboards,
            status=Status(shown.prometheus_yaml, shown.flags, shown.facts),
            prometheus=self.metrics.parts,
            alertmanager=lambda: self._inquiries.complete(self.alerts.api),
            loki=LokiParts(
                logs,
                partial(logs.seal, force=True),
                shown.loki_yaml,
                shown.loki_limits,
                self.logs.deleter,
                self.logs.rules,
            ),
        )

    @cached_property
    def _dashboards(self) -> DashboardLibrary:
        """Dashboards of all places; nothing is read before somebody asks."""
        from appliance.dashboard_setup import dashboard_library  # noqa: PLC0415 - three languages

        own = self.stores.path / "dashboards"
        urls = self.listeners.urls
        return dashboard_library(lambda: self.settings, own, self._clock, urls=urls)

    def _system(self) -> SystemDeps:
        """What the pages about the server itself need."""
        from appliance.api.ui.system.deps import SystemDeps  # noqa: PLC0415 - with the pages
        from appliance.system_facts.configuration import ConfigFacts  # noqa: PLC0415 - as above
        from appliance.system_facts.storage import StorageFacts  # noqa: PLC0415 - as above

        now = lambda: self.settings  # noqa: E731 - it changes
        return SystemDeps(
            scraping=self.metrics.scrapes,
            tailing=self.logs.tail,
            pushgateway=lambda: self.doors.pushgateway,
            storage=StorageFacts(
                self._directory,
                self.stores,
                now,
                maintenance=lambda: self.maintenance,
                clock=self._clock,
            ),
            configuration=ConfigFacts(
                now,
                self.reread,
                self.judge,
                at_start=self._first_settings,
                reloads=self._reloads,
                started_ms=self._started_ms,
                clock=self._clock,
            ),
            status_services=lambda: self.settings.ui.services,
            services=self.stores.services,
        )

    def _make_app(self, name: str) -> Application:
        """An HTTP listener's application; beyond loopback reading needs the token."""
        host = self.settings.listen.open_addresses()[name][0]
        return self._applications.make(name, is_open=is_loopback(host))

    @cached_property
    def _http(self) -> http.HttpDeps:
        limits, token = self.settings.limits, self.settings.auth.ingest_token
        return http.HttpDeps(
            telemetry=self._telemetry,
            clock=self._clock,
            admin=AdminDeps(
                telemetry=self._telemetry,
                is_ready=self._supervisor.is_ready,
                problems=self._supervisor.problems,
                reload=self.reload,
                quit=self._quit,
            ),
            gate=self._gate,
            queries=self._queries,
            limits=http.HttpLimits(
                int(limits.body_bytes),
                int(limits.decompressed_bytes),
                int(limits.header_bytes),
                limits.concurrent_requests,
            ),
            query_limits=limits.query.limits,
            token=None if token is None else token.reveal(),
            host_names=trusted_names(self.settings),
            senders=self.senders,
            started_ms=self._started_ms,
        )

    @cached_property
    def _queries(self) -> QueryGate:
        file = self.stores.path / "queries.active"
        return QueryGate(self.settings.limits.query.concurrency, file, self._clock)

    def _quit(self) -> None:
        """Stop as a signal does, once the answer is out."""
        asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGTERM)

    @cached_property
    def _gate(self) -> Gate:
        limits = self.settings.limits
        largest = int(limits.body_bytes) + int(limits.decompressed_bytes)
        return Gate(limits.concurrent_requests, max(2 * int(limits.decompressed_bytes), largest))

    def _make_grpc(self, name: str) -> GrpcServer:
        host = self.settings.listen.open_addresses()[name][0]
        return self._applications.make_grpc(name, is_open=is_loopback(host))

    def _make_udp(self, name: str, opened: socket.socket) -> UdpReceiver:
        from appliance.api.udp import UdpReceiver  # noqa: PLC0415 - only where one is open

        return UdpReceiver(name, self._http, self.doors.span_packets, opened)
