"""Composition root: stores → doors → services → listeners. Knows every part, contains no logic."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from appliance.addresses import is_loopback
from appliance.api import http, listeners
from appliance.api.admin import AdminDeps
from appliance.api.server import Listeners
from appliance.base.errors import BadInput
from appliance.config.problem import has_errors
from appliance.maintenance import Maintenance
from appliance.stores import Stores, retention_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.web import Application  # noqa: TID251 - the type alone

    from appliance.api.otlp_grpc import OtlpGrpcServer
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.config.problem import Problem
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.metrics import LabelLimits, MetricDoor
    from appliance.ingest.otlp import OtlpDoor
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.ingest.scrape.manager import ScrapeManager
    from appliance.ingest.traces import SpanDoor
    from appliance.overview import StoreOverview
    from appliance.settings import Settings
    from appliance.store.directory import DataDirectory
    from appliance.supervisor import Supervisor
    from appliance.ui.overview import Endpoints

_log = logging.getLogger(__name__)


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
        self._directory = directory
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
        self._note_reload(worked=True)

    # -- life

    async def start(self) -> None:
        """Start every part, stores first; afterwards the server is ready.

        Raises:
            PortBusy, Conflict, BadInput: As the parts say.
        """
        await self._supervisor.start(self.stores)
        await self._supervisor.start(self.overview, self.listeners)
        await self._supervisor.start(self.scrapes, self.maintenance)
        self._supervisor.set_started()

    async def reload(self) -> None:
        """Read all configuration anew and apply what can change while running.

        Raises:
            BadInput: Something is wrong; nothing has been changed.
        """
        self._note_reload(worked=False)
        settings, problems = self.reread()
        if has_errors(problems):
            raise BadInput("\n".join(problem.render() for problem in problems))
        config = self._scrape_config(settings)
        self.settings = settings
        self.maintenance.apply(retention_of(settings), int(settings.retention.max_bytes.total))
        await self.scrapes.apply(config)
        self._note_reload(worked=True)

    def _note_reload(self, *, worked: bool) -> None:
        self._reloaded.set(worked)
        if worked:
            self._reloaded_at.set(self._clock.now_ms() / 1000)

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

        return MetricDoor(self.stores.metrics, self._label_limits, self._telemetry)

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
            metrics=self.metric_door, logs=self.log_door, traces=self.span_door, clock=self._clock
        )

    # -- services

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

        config = self._scrape_config(self.settings)
        return ScrapeManager(config, self.stores.metrics, self._clock, self._telemetry)

    def _scrape_config(self, settings: Settings) -> PrometheusConfig:
        """What to scrape: `prometheus.yml`, else ourselves, when an HTTP listener is open.

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
        return {row.name: row.what for row in listeners.LISTENERS}

    def _endpoints(self) -> Endpoints:
        from appliance.ui.overview import Endpoints  # noqa: PLC0415

        urls = self.listeners.urls()
        return Endpoints(urls=urls, data_directory=str(self._directory.path.absolute()))

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
            ),
            gate=http.Gate(limits.concurrent_requests),
            limits=http.HttpLimits(
                int(limits.body_bytes),
                int(limits.decompressed_bytes),
                int(limits.header_bytes),
                limits.concurrent_requests,
            ),
            query_limits=limits.query.limits,
            token=None if token is None else token.reveal(),
        )

    def _http_for(self, name: str) -> http.HttpDeps:
        """The common part of a listener's dependencies; beyond loopback reading needs the token."""
        host = self.settings.listen.open_addresses()[name][0]
        return replace(self._http, is_open=is_loopback(host))

    def _make_app(self, name: str) -> Application:
        """The application of one HTTP listener; contracts that come later have the base only."""
        makers: dict[str, Callable[[http.HttpDeps], Application]] = {
            "ui": self._make_ui,
            "prometheus": self._make_prometheus,
            "loki": self._make_loki,
            "tempo": self._make_tempo,
            "jaeger": self._make_jaeger,
            "otlp_http": self._make_otlp,
        }
        make = makers.get(name)
        common = self._http_for(name)
        return http.make_app(common, name=name) if make is None else make(common)

    def _make_prometheus(self, common: http.HttpDeps) -> Application:
        from appliance.api import prometheus  # noqa: PLC0415 - a listener may be closed

        return prometheus.make_app(common, self._prometheus)

    def _make_loki(self, common: http.HttpDeps) -> Application:
        from appliance.api import loki  # noqa: PLC0415

        return loki.make_app(common, self._loki)

    def _make_tempo(self, common: http.HttpDeps) -> Application:
        from appliance.api import tempo  # noqa: PLC0415

        return tempo.make_app(common, tempo.TempoDeps(self.stores.traces.source))

    def _make_jaeger(self, common: http.HttpDeps) -> Application:
        from appliance.api import jaeger  # noqa: PLC0415

        return jaeger.make_app(common, jaeger.JaegerDeps(self.stores.traces.source))

    def _make_otlp(self, common: http.HttpDeps) -> Application:
        from appliance.api import otlp_http  # noqa: PLC0415

        return otlp_http.make_app(common, otlp_http.OtlpHttpDeps(self.otlp_door))

    def _make_ui(self, common: http.HttpDeps) -> Application:
        """The pages, and every contract's paths on the same port."""
        from appliance.api import jaeger, loki, otlp_http, prometheus, tempo, ui  # noqa: PLC0415

        app = ui.make_app(common, ui.UiDeps(self.overview))
        app[otlp_http.OTLP] = otlp_http.OtlpHttpDeps(self.otlp_door)
        app[prometheus.PROMETHEUS] = self._prometheus
        app[loki.LOKI] = self._loki
        app[tempo.TEMPO] = tempo.TempoDeps(self.stores.traces.source)
        app[jaeger.JAEGER] = jaeger.JaegerDeps(self.stores.traces.source)
        for module in (otlp_http, prometheus, loki, tempo, jaeger):
            app.add_routes(module.routes())
        return app

    def _make_grpc(self) -> OtlpGrpcServer:
        from appliance.api.otlp_grpc import OtlpGrpcDeps, OtlpGrpcServer  # noqa: PLC0415

        limits, token = self.settings.limits, self.settings.auth.ingest_token
        return OtlpGrpcServer(
            OtlpGrpcDeps(
                door=self.otlp_door,
                telemetry=self._telemetry,
                max_body_bytes=int(limits.decompressed_bytes),
                max_concurrent=limits.concurrent_requests,
                token=None if token is None else token.reveal(),
            )
        )
