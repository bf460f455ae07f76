"""Composition root: stores → doors → services → listeners. Knows every part, contains no logic."""

from __future__ import annotations

import asyncio
import logging
import signal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from appliance.addresses import is_loopback
from appliance.api import http
from appliance.api.admin import AdminDeps
from appliance.api.gate import Gate
from appliance.api.listeners import LISTENERS
from appliance.api.prometheus_deps import RuntimeFacts
from appliance.api.query_gate import QueryGate
from appliance.api.query_log import QueryLog
from appliance.api.remote_deps import RemoteDeps
from appliance.api.server import Listeners
from appliance.applications import Applications, PrometheusParts, Status
from appliance.base.duration import print_duration
from appliance.base.errors import BadInput, Unavailable
from appliance.base.notifications import RELOAD_FAILED, Notifications
from appliance.config.masked import flat_settings, mask_yaml
from appliance.config.problem import has_errors
from appliance.maintenance import Maintenance
from appliance.model.labels import Labels
from appliance.stores import Stores, retention_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.web import Application  # noqa: TID251 - the type alone

    from appliance.api.otlp_grpc import OtlpGrpcServer
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.config.problem import Problem
    from appliance.ingest.forward.forwarder import Forwarder
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.metrics import LabelLimits, MetricDoor
    from appliance.ingest.otlp import OtlpDoor
    from appliance.ingest.pushgateway.gateway import PushGateway
    from appliance.ingest.remote_write import RemoteWriteDoor
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.ingest.scrape.manager import ScrapeManager
    from appliance.ingest.traces import SpanDoor
    from appliance.model.sample import MetricMetadata
    from appliance.overview import StoreOverview
    from appliance.rules.manager import RuleManager
    from appliance.settings.root import Settings
    from appliance.store.directory import DataDirectory
    from appliance.supervisor import Supervisor
    from appliance.ui.overview import Endpoints
    from appliance.wire.otlp.translation import Translation

_log = logging.getLogger(__name__)
#: Scrapes of this much time share a transaction: half the cost, and nobody waits for a scrape.
_SCRAPE_WINDOW_SECONDS = 0.1


class Services:
    """All parts of one server, each made when first asked for.

    Attributes:
        reread: Reads the settings anew, for a reload.
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
        self._supervisor = supervisor
        self._clock = clock
        self._telemetry = telemetry
        self.stores = Stores(directory, settings, clock, telemetry)
        self.listeners = Listeners(
            settings.listen.open_addresses(), self._make_app, self._make_grpc
        )
        self._reloaded = telemetry.gauge(
            "appliance_config_last_reload_successful", "Whether the last reload worked."
        )
        self._reloaded_at = telemetry.gauge(
            "appliance_config_last_reload_success_timestamp_seconds",
            "Time of the last good reload.",
        )
        self._started_ms = clock.now_ms()
        self.notifications = Notifications(clock)
        self.query_log = QueryLog(clock)
        self._note_reload(worked=True)

    # -- life

    async def start(self) -> None:
        """Start every part, stores first; afterwards the server is ready.

        Raises:
            PortBusy, Conflict, BadInput: As the parts say.
        """
        await self._supervisor.start(self.stores)
        await self._supervisor.start(self.forwarder)
        if self.stores.pushes is not None:
            await self.pushgateway.load()
        await self._supervisor.start(self.overview, self.listeners)
        await self._supervisor.start(self.scrapes, self.rules, self.maintenance)
        await self._apply_forwarding()
        self._supervisor.set_started()

    async def reload(self) -> None:
        """Read all configuration anew and apply what can change while running.

        Raises:
            BadInput: Something is wrong; nothing has been changed.
            Unavailable: The server is still starting.
        """
        if not self._supervisor.has_started:
            raise Unavailable("the server is still starting; try again")
        self._note_reload(worked=False)
        settings, problems = self.reread()
        if has_errors(problems):
            raise BadInput("\n".join(problem.render() for problem in problems))
        config = self._scrape_config(settings)
        from appliance.rule_setup import rule_groups  # noqa: PLC0415 - numpy

        groups = rule_groups(config, settings)
        self.settings = settings
        self.maintenance.apply(retention_of(settings), int(settings.retention.max_bytes.total))
        await self.scrapes.apply(config)
        self._config = config
        await self.rules.apply(groups)
        await self._apply_forwarding()
        self._note_reload(worked=True)

    def _note_reload(self, *, worked: bool) -> None:
        self._reload_worked = worked
        self.notifications.set(RELOAD_FAILED, active=not worked)
        self._reloaded.set(worked)
        if worked:
            self._reloaded_ms = self._clock.now_ms()
            self._reloaded_at.set(self._reloaded_ms / 1000)

    # -- doors

    @cached_property
    def _label_limits(self) -> LabelLimits:
        from appliance.ingest.metrics import LabelLimits  # noqa: PLC0415 - numpy

        limits = self.settings.limits
        return LabelLimits(
            limits.labels_per_series, int(limits.label_name_bytes), int(limits.label_value_bytes)
        )

    @cached_property
    def metric_door(self) -> MetricDoor:
        """Where pushed samples enter."""
        from appliance.ingest.metrics import MetricDoor  # noqa: PLC0415 - numpy

        keeper, appender = self.stores.metrics, self.forwarder.appender
        return MetricDoor(appender, self._label_limits, self._telemetry, keeper=keeper)

    @cached_property
    def remote_write_door(self) -> RemoteWriteDoor:
        """Where remote write requests enter."""
        from appliance.ingest.remote_write import RemoteWriteDoor  # noqa: PLC0415 - numpy

        keeper, appender = self.stores.metrics, self.forwarder.appender
        return RemoteWriteDoor(appender, self._label_limits, self._telemetry, keeper=keeper)

    @cached_property
    def pushgateway(self) -> PushGateway:
        """Where short jobs leave their metrics.

        Raises:
            Unavailable: Its listener is not open.
        """
        from appliance.ingest.pushgateway.gateway import PushGateway  # noqa: PLC0415 - numpy

        if self.stores.pushes is None:
            raise Unavailable("the Pushgateway's listener is not open")
        return PushGateway(
            self.stores.pushes,
            self.metric_door,
            self._clock,
            tenant=http.DEFAULT_TENANT,
            max_bytes=int(self.settings.limits.pushed_bytes),
        )

    @cached_property
    def log_door(self) -> LogDoor:
        """Where log entries enter."""
        from appliance.ingest.logs import LogDoor  # noqa: PLC0415 - numpy

        line_bytes = int(self.settings.limits.line_bytes)
        return LogDoor(self.stores.logs, self._label_limits, self._telemetry, line_bytes=line_bytes)

    @cached_property
    def span_door(self) -> SpanDoor:
        """Where spans enter."""
        from appliance.ingest.traces import SpanDoor  # noqa: PLC0415 - numpy

        return SpanDoor(self.stores.traces, self._telemetry)

    @cached_property
    def otlp_door(self) -> OtlpDoor:
        """Where OTLP requests enter."""
        from appliance.ingest.otlp import OtlpDoor  # noqa: PLC0415 - numpy

        return OtlpDoor(
            metrics=self.metric_door,
            logs=self.log_door,
            traces=self.span_door,
            clock=self._clock,
            translation=self._translation,
            shared_bytes=int(self.settings.limits.decompressed_bytes) // 4,
        )

    def _translation(self) -> Translation:
        """How OTLP metrics become series, as prometheus.yml says."""
        from appliance.ingest.translation import translation_of  # noqa: PLC0415 - protobuf

        return translation_of(self._config.otlp)

    # -- services

    @cached_property
    def forwarder(self) -> Forwarder:
        """Sending samples on, as `remote_write` says."""
        from appliance.ingest.forward.forwarder import Forwarder  # noqa: PLC0415 - aiohttp client

        return Forwarder(
            self.stores.metrics,
            self.stores.forward,
            self._clock,
            self._telemetry,
            tenant=http.DEFAULT_TENANT,
            metadata=self._all_metadata,
        )

    async def _apply_forwarding(self) -> None:
        file = self.settings.prometheus.config
        await self.forwarder.apply(
            self._config.remote_write,
            self._external_labels(),
            Path() if file is None else file.parent,
        )

    def _external_labels(self) -> Labels:
        return Labels.of(self._config.global_config.external_labels.items())

    def _all_metadata(self) -> dict[str, MetricMetadata]:
        """What pushes and targets of the usual tenant say of their metrics."""
        scraped = {name: found[0] for name, found in self.scrapes.metadata().items() if found}
        return {**self.stores.metrics.metadata(http.DEFAULT_TENANT), **scraped}

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

    @cached_property
    def scrapes(self) -> ScrapeManager:
        """Scraping."""
        from appliance.ingest.scrape.manager import ScrapeManager  # noqa: PLC0415 - aiohttp client

        self._config = config = self._scrape_config(self.settings)
        return ScrapeManager(
            config,
            self.forwarder.appender,
            self._clock,
            self._telemetry,
            commit_window_seconds=_SCRAPE_WINDOW_SECONDS,
        )

    @cached_property
    def rules(self) -> RuleManager:
        """Recording and alerting rules."""
        from appliance.rule_setup import rule_manager  # noqa: PLC0415 - numpy

        return rule_manager(
            lambda: self._config,
            self.settings,
            self.stores.metrics,
            self._clock,
            self._telemetry,
            appender=self.forwarder.appender,
        )

    def _scrape_config(self, settings: Settings) -> PrometheusConfig:
        """What to scrape, and the own Pushgateway if its listener is open.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        from appliance.ingest.pushgateway.job import with_pushgateway  # noqa: PLC0415 - yaml

        config = self._written_config(settings)
        url = self.listeners.urls().get("pushgateway")
        return config if url is None else with_pushgateway(config, url.removeprefix("http://"))

    def _written_config(self, settings: Settings) -> PrometheusConfig:
        """`prometheus.yml`, else ourselves, when an HTTP listener is open.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        from appliance.ingest.scrape.config import (  # noqa: PLC0415 - yaml
            PrometheusConfig,
            default_config,
            load_prometheus_config,
        )

        if settings.prometheus.config is None:
            urls = [url for url in self.listeners.urls().values() if url.startswith("http://")]
            return default_config(urls[0][7:]) if urls else PrometheusConfig()
        config, problems = load_prometheus_config(settings.prometheus.config, settings.variables)
        if config is None:
            raise BadInput("\n".join(problem.render() for problem in problems))
        for problem in problems:
            _log.warning("%s", problem.render())
        return config

    # -- listeners

    def descriptions(self) -> dict[str, str]:
        """A few words on each listener."""
        return {row.name: row.what for row in LISTENERS}

    def _endpoints(self) -> Endpoints:
        from appliance.ui.overview import Endpoints  # noqa: PLC0415 - only when a page asks

        urls = self.listeners.urls()
        return Endpoints(urls=urls, data_directory=str(self.stores.path.absolute()))

    @cached_property
    def _applications(self) -> Applications:
        return Applications(
            common=self._http,
            series=self.stores.metrics.source,
            logs=self.stores.logs.source,
            spans=self.stores.traces.source,
            metric_door=self.metric_door,
            remote=self._remote,
            log_door=self.log_door,
            otlp_door=self.otlp_door,
            scrapes=self.scrapes,
            pushgateway=lambda: self.pushgateway,
            overview=self.overview,
            status=Status(self._scraped_yaml, self._flags, self._facts),
            prometheus=self._prometheus,
        )

    @cached_property
    def _remote(self) -> RemoteDeps:
        return RemoteDeps(
            door=self.remote_write_door,
            series=self.stores.metrics.source,
            external_labels=self._external_labels,
            lookback_ms=int(self.settings.prometheus.lookback_delta),
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
            host_names=self._host_names(),
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

    def _host_names(self) -> frozenset[str]:
        """The name in `external_url`, by which a proxy on this machine may lead here."""
        url = self.settings.external_url
        name = urlsplit(str(url)).hostname if url else None
        return frozenset([name] if name else [])

    def _make_grpc(self) -> OtlpGrpcServer:
        from appliance.api.otlp_grpc import OtlpGrpcDeps, OtlpGrpcServer  # noqa: PLC0415 - later

        limits, token = self.settings.limits, self.settings.auth.ingest_token
        return OtlpGrpcServer(
            OtlpGrpcDeps(
                door=self.otlp_door,
                telemetry=self._telemetry,
                max_body_bytes=int(limits.decompressed_bytes),
                max_concurrent=limits.concurrent_requests,
                gate=self._gate,
                token=None if token is None else token.reveal(),
            )
        )

    @cached_property
    def _prometheus(self) -> PrometheusParts:
        from appliance.rule_setup import alertmanager_urls  # noqa: PLC0415 - numpy

        settings = self.settings.prometheus
        return PrometheusParts(
            tsdb=self.stores.metrics,
            snapshot=self.stores.snapshot_metrics,
            notifications=self.notifications,
            query_log=self.query_log,
            rules=self.rules,
            alertmanagers=lambda: alertmanager_urls(self._config),
            subquery_step_ms=lambda: int(self._config.global_config.evaluation_interval),
            features=settings.feature_names(),
            lookback_ms=int(settings.lookback_delta),
            admin_api=settings.admin_api,
        )

    # -- what the status pages tell

    def _scraped_yaml(self) -> str:
        path = self.settings.prometheus.config
        return "" if path is None else mask_yaml(path.read_text(errors="replace"))

    def _flags(self) -> dict[str, str]:
        return flat_settings(self.settings)

    def _facts(self) -> RuntimeFacts:
        retention = self.settings.retention
        age, size = print_duration(int(retention.metrics)), int(retention.max_bytes.total)
        return RuntimeFacts(
            started_ms=self._started_ms,
            directory=str(self.stores.path.absolute()),
            retention=f"{age} or {size >> 30}GiB",
            reload_worked=self._reload_worked,
            reloaded_ms=self._reloaded_ms,
        )
