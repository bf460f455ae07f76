"""The HTTP applications of all listeners, and the one on the page's port that has everything."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import TYPE_CHECKING

from appliance.api.listeners import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp.web import Application, Request  # noqa: TID251 - the types alone

    from appliance.api import http
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.api.jaeger.deps import Archive, JaegerDeps
    from appliance.api.loki.deps import LokiDeps
    from appliance.api.prometheus.deps import (
        Alertmanagers,
        MetricAdmin,
        PrometheusDeps,
        RuleGroups,
        RuntimeFacts,
    )
    from appliance.api.prometheus.query_log import QueryLog
    from appliance.api.receivers import ReceiverDeps
    from appliance.api.remote.deps import RemoteDeps
    from appliance.api.server import GrpcServer
    from appliance.api.tempo.deps import TempoDeps
    from appliance.api.ui.system.deps import SystemDeps
    from appliance.base.notifications import Notifications
    from appliance.dashboards.library.library import DashboardLibrary
    from appliance.ingest.log_deletion import LogDeleter
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.metrics import MetricDoor
    from appliance.ingest.otlp import OtlpDoor
    from appliance.ingest.pushgateway.gateway import PushGateway
    from appliance.ingest.scrape.manager import ScrapeManager
    from appliance.ingest.spans import TranslatedSpans
    from appliance.ingest.tail.service import TailService
    from appliance.model.sources import LogSource, LogWatch, SeriesSource, SpanSource
    from appliance.rules.log_rules import LogRules
    from appliance.ui.overview import Overview


@dataclass(frozen=True, slots=True)
class Status:
    """What the status pages tell: configuration, settings, and facts of this run."""

    config: Callable[[], str]
    flags: Callable[[], Mapping[str, str]]
    facts: Callable[[], RuntimeFacts]


@dataclass(frozen=True, slots=True)
class PrometheusParts:
    """What the Prometheus API has of its own; see `PrometheusDeps`."""

    tsdb: MetricAdmin
    snapshot: Callable[[str], None]
    notifications: Notifications
    query_log: QueryLog
    rules: RuleGroups
    alertmanagers: Alertmanagers
    subquery_step_ms: Callable[[], int]
    features: frozenset[str]
    lookback_ms: int
    admin_api: bool


@dataclass(frozen=True, slots=True)
class LokiParts:
    """What Loki's API has of its own; see `LokiDeps`."""

    watch: LogWatch
    flush: Callable[[], object]
    config: Callable[[], str]
    limits: Callable[[str], Mapping[str, object]]
    deleter: LogDeleter
    rules: LogRules


@dataclass(frozen=True, slots=True)
class Applications:
    """Everything applications are made from.

    Attributes:
        series, logs, spans: What is stored for a tenant.
        archive: Traces that are kept for good.
        max_skew_ns: By how much Jaeger's answers may correct clocks.
        public: Pages for everybody; see `HttpDeps`.
    """

    common: http.HttpDeps
    series: Callable[[str], SeriesSource]
    logs: Callable[[str], LogSource]
    spans: Callable[[str], SpanSource]
    archive: Archive
    max_skew_ns: int
    metric_door: MetricDoor
    remote: RemoteDeps
    log_door: LogDoor
    otlp_door: OtlpDoor
    translated_spans: TranslatedSpans
    scrapes: ScrapeManager
    tail: TailService
    pushgateway: Callable[[], PushGateway]
    overview: Overview
    system: Callable[[], SystemDeps]
    runbooks: Callable[[], Mapping[str, str]]
    dashboards: Callable[[], DashboardLibrary]
    status: Status
    prometheus: PrometheusParts
    alertmanager: Callable[[], AlertmanagerApiDeps]
    loki: LokiParts
    public: tuple[str, ...] = ()

    def make(self, name: str, *, is_open: bool) -> Application:
        """The application of one listener; modules are imported when theirs is opened.

        Args:
            is_open: Whether reading needs no token.
        """
        common = replace(self.common, is_open=is_open)
        makers: dict[str, Callable[[http.HttpDeps], Application]] = {
            "ui": self._ui,
            "prometheus": self._prometheus,
            "alertmanager": self._alertmanager,
            "loki": self._loki,
            "tempo": self._tempo,
            "jaeger": self._jaeger,
            "otlp_http": self._otlp_http,
            "pushgateway": self._pushgateway,
            "otel_metrics": self._otel_metrics,
            "zipkin": self._zipkin,
            "jaeger_thrift_http": self._jaeger_thrift_http,
        }
        from appliance.api import old_links  # noqa: PLC0415 - with the first listener

        app = makers[name](common)
        app.add_routes(old_links.routes(name, self._pages_url))
        return app

    def _pages_url(self, request: Request) -> str:
        """Where the pages are for whoever sent a request; empty when they are not served."""
        return self.overview.endpoints().seen_from(request.url.host).urls.get("ui", "")

    def make_grpc(self, name: str, *, is_open: bool) -> GrpcServer:
        """The server of one gRPC listener, as the table says, with what its contract needs.

        Args:
            is_open: Whether reading needs no token.
        """
        module, _, class_name = BY_NAME[name].factory.partition(":")
        made: GrpcServer = getattr(import_module(module), class_name)(
            replace(self.common, is_open=is_open), self._grpc_deps(name)
        )
        return made

    def _grpc_deps(self, name: str) -> object:
        if name == "otlp_grpc":
            from appliance.api.otlp_grpc import OtlpGrpcDeps  # noqa: PLC0415

            return OtlpGrpcDeps(self.otlp_door)
        made: dict[str, Callable[[], object]] = {
            "jaeger_grpc": self._receiver_deps,
            "tempo_grpc": self._tempo_deps,
            "jaeger_query_grpc": self._jaeger_deps,
        }
        return made[name]()

    def _prometheus(self, common: http.HttpDeps) -> Application:
        from appliance.api import otlp_http  # noqa: PLC0415 - see `make`
        from appliance.api.prometheus import routes as prometheus  # noqa: PLC0415 - see `make`
        from appliance.api.remote import routes as remote  # noqa: PLC0415 - see `make`

        app = prometheus.make_app(common, self._prometheus_deps())
        app[otlp_http.OTLP] = otlp_http.OtlpHttpDeps(self.otlp_door)
        app.add_routes(otlp_http.prometheus_routes())
        app[remote.REMOTE] = self.remote
        app.add_routes(remote.routes())
        return app

    def _prometheus_deps(self) -> PrometheusDeps:
        from appliance.api.prometheus.deps import PrometheusDeps  # noqa: PLC0415

        return PrometheusDeps(
            series=self.series,
            targets=self.scrapes,
            pushed_metadata=self.metric_door.metadata.families,
            config=self.status.config,
            flags=self.status.flags,
            facts=self.status.facts,
            **{item.name: getattr(self.prometheus, item.name) for item in fields(PrometheusParts)},
        )

    def _alertmanager(self, common: http.HttpDeps) -> Application:
        from appliance.api.alertmanager import routes as alertmanager  # noqa: PLC0415 - see `make`

        return alertmanager.make_app(common, self.alertmanager())

    def _loki(self, common: http.HttpDeps) -> Application:
        from appliance.api import otlp_http  # noqa: PLC0415
        from appliance.api.loki import guard as log_guard  # noqa: PLC0415
        from appliance.api.loki import routes as loki  # noqa: PLC0415
        from appliance.api.loki import tail_status  # noqa: PLC0415

        app = loki.make_app(common, self._loki_deps())
        self._add_log_parts(app)
        app.add_routes([*tail_status.routes(), *log_guard.routes()])
        app[otlp_http.OTLP] = otlp_http.OtlpHttpDeps(self.otlp_door)
        return app

    def _add_log_parts(self, app: Application) -> None:
        from appliance.api.loki import delete as loki_delete  # noqa: PLC0415
        from appliance.api.loki import guard as log_guard  # noqa: PLC0415
        from appliance.api.loki import rules as loki_rules  # noqa: PLC0415
        from appliance.api.loki import tail_status  # noqa: PLC0415

        app[tail_status.TAILING] = self.tail
        app[log_guard.GUARD] = self.log_door.guard
        app[loki_delete.DELETIONS] = self.loki.deleter
        app[loki_rules.LOG_RULES] = self.loki.rules

    def _loki_deps(self) -> LokiDeps:
        from appliance.api.loki.deps import LokiDeps  # noqa: PLC0415

        parts = self.loki
        return LokiDeps(
            self.logs, self.log_door, parts.watch, parts.flush, parts.config, parts.limits
        )

    def _tempo(self, common: http.HttpDeps) -> Application:
        from appliance.api.tempo import routes as tempo  # noqa: PLC0415

        return tempo.make_app(common, self._tempo_deps())

    def _tempo_deps(self) -> TempoDeps:
        from appliance.api.tempo.deps import TempoDeps  # noqa: PLC0415

        return TempoDeps(self.spans, self.status.flags)

    def _jaeger(self, common: http.HttpDeps) -> Application:
        from appliance.api.jaeger import routes as jaeger  # noqa: PLC0415

        app = jaeger.make_app(common, self._jaeger_deps())
        self._add_trace_tools(app)
        return app

    def _add_trace_tools(self, app: Application) -> None:
        from appliance.api.traces import routes as traces  # noqa: PLC0415
        from appliance.api.traces.deps import TRACES, TracesDeps  # noqa: PLC0415

        app[TRACES] = TracesDeps(self._jaeger_deps(), self.translated_spans, self.series, self.logs)
        app.add_routes(traces.routes())

    def _jaeger_deps(self) -> JaegerDeps:
        from appliance.api.jaeger.deps import JaegerDeps  # noqa: PLC0415

        return JaegerDeps(self.spans, self.archive, self.max_skew_ns)

    def _otlp_http(self, common: http.HttpDeps) -> Application:
        from appliance.api import otlp_http  # noqa: PLC0415

        return otlp_http.make_app(common, otlp_http.OtlpHttpDeps(self.otlp_door))

    def _pushgateway(self, common: http.HttpDeps) -> Application:
        from appliance.api import pushgateway  # noqa: PLC0415

        return pushgateway.make_app(common, self.pushgateway())

    def _receiver_deps(self) -> ReceiverDeps:
        from appliance.api.receivers import ReceiverDeps  # noqa: PLC0415

        return ReceiverDeps(self.translated_spans)

    def _zipkin(self, common: http.HttpDeps) -> Application:
        from appliance.api.zipkin import routes as zipkin  # noqa: PLC0415
        from appliance.api.zipkin.deps import ZipkinDeps  # noqa: PLC0415

        return zipkin.make_app(common, ZipkinDeps(self.translated_spans, self.spans))

    def _jaeger_thrift_http(self, common: http.HttpDeps) -> Application:
        from appliance.api import jaeger_thrift_http  # noqa: PLC0415

        return jaeger_thrift_http.make_app(common, self._receiver_deps())

    def _otel_metrics(self, common: http.HttpDeps) -> Application:
        from appliance.api import otel_metrics  # noqa: PLC0415

        return otel_metrics.make_app(common, self.otlp_door.show_values())

    def _ui(self, common: http.HttpDeps) -> Application:
        """The pages, and every contract's paths on the same port."""
        from appliance.api import otlp_http  # noqa: PLC0415 - see `make`
        from appliance.api.alertmanager import routes as alertmanager  # noqa: PLC0415 - see `make`
        from appliance.api.alertmanager.deps import ALERTMANAGER  # noqa: PLC0415
        from appliance.api.jaeger import routes as jaeger  # noqa: PLC0415 - see `make`
        from appliance.api.jaeger.deps import JAEGER  # noqa: PLC0415
        from appliance.api.loki import guard as log_guard  # noqa: PLC0415 - see `make`
        from appliance.api.loki import routes as loki  # noqa: PLC0415 - see `make`
        from appliance.api.loki import tail_status  # noqa: PLC0415 - see `make`
        from appliance.api.prometheus import routes as prometheus  # noqa: PLC0415 - see `make`
        from appliance.api.prometheus.deps import PROMETHEUS  # noqa: PLC0415
        from appliance.api.remote import routes as remote  # noqa: PLC0415 - see `make`
        from appliance.api.tempo import routes as tempo  # noqa: PLC0415 - see `make`
        from appliance.api.ui import app as ui  # noqa: PLC0415 - see `make`
        from appliance.api.ui.system.deps import SYSTEM  # noqa: PLC0415

        deps = ui.UiDeps(self.overview, self.runbooks, dashboards=self.dashboards)
        app = ui.make_app(replace(common, public=self.public), deps)
        app[SYSTEM] = self.system()
        app[otlp_http.OTLP] = otlp_http.OtlpHttpDeps(self.otlp_door)
        app[PROMETHEUS] = self._prometheus_deps()
        app[ALERTMANAGER] = self.alertmanager()
        app[remote.REMOTE] = self.remote
        app[loki.LOKI] = self._loki_deps()
        self._add_log_parts(app)
        app[tempo.TEMPO] = self._tempo_deps()
        app[JAEGER] = self._jaeger_deps()
        contracts = (
            otlp_http,
            prometheus,
            alertmanager,
            remote,
            loki,
            tail_status,
            log_guard,
            tempo,
            jaeger,
        )
        for module in contracts:
            app.add_routes(module.routes())
        app.add_routes(otlp_http.prometheus_routes())
        self._add_trace_tools(app)
        return app
