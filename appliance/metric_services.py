"""What stands in for Prometheus besides its API: scraping, rules, forwarding."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.api.http import DEFAULT_TENANT
from appliance.api.prometheus.query_log import QueryLog
from appliance.api.remote.deps import RemoteDeps
from appliance.applications import PrometheusParts
from appliance.base.errors import BadInput
from appliance.config.problem import render_errors
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.base.notifications import Notifications
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.forward.forwarder import Forwarder
    from appliance.ingest.remote_write import RemoteWriteDoor
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.ingest.scrape.manager import ScrapeManager
    from appliance.model.alert_event import Recorder
    from appliance.model.sample import MetricMetadata
    from appliance.rule_setup.alerting import Alerting
    from appliance.rule_setup.couriers import OwnAlertmanager
    from appliance.rule_setup.files import RuleFaults
    from appliance.rule_setup.managers import RuleParts
    from appliance.rules.group_state import GroupState
    from appliance.rules.manager import RuleManager
    from appliance.settings.root import Settings
    from appliance.stores import Stores
    from appliance.wire.otlp.translation import Translation

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewRules:
    """prometheus.yml and all rules that it and the settings name, as a reload reads them."""

    config: PrometheusConfig
    groups: list[GroupState]
    trace_groups: list[GroupState]


@dataclass(frozen=True, slots=True)
class ShownRules:
    """What the Prometheus API shows: rules over metrics and over traces."""

    metrics: RuleManager
    traces: RuleManager

    @property
    def groups(self) -> list[GroupState]:
        """All groups."""
        return [*self.metrics.groups, *self.traces.groups]


#: Scrapes of this much time share a transaction: half the cost, and nobody waits for a scrape.
_SCRAPE_WINDOW_SECONDS = 0.1


class MetricServices:
    """Each part is made when first asked for.

    Args:
        urls: Addresses of the open listeners by name.
        own_alertmanager: Told of alerts unless prometheus.yml names others.
        recorder: Of alerts.

    Attributes:
        config: prometheus.yml as it is in use.
    """

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        clock: Clock,
        telemetry: Telemetry,
        *,
        urls: Callable[[], Mapping[str, str]],
        notifications: Notifications,
        own_alertmanager: Callable[[], OwnAlertmanager | None] = lambda: None,
        recorder: Callable[[], Recorder | None] = lambda: None,
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._urls = urls
        self._notifications = notifications
        self._own_alertmanager = own_alertmanager
        self._recorder = recorder
        self._query_log = QueryLog(clock)

    @cached_property
    def config(self) -> PrometheusConfig:
        """The file that was read at the start or at the last reload.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        config = self._scrape_config(self._settings)
        self._query_log.apply(config.global_config.query_log_file)
        return config

    def read(self, settings: Settings) -> NewRules:
        """prometheus.yml and the rule files as they are now.

        Raises:
            BadInput: A file has errors; the text has all of them.
        """
        from appliance.rule_setup.files import (  # noqa: PLC0415 - numpy
            metric_groups,
            refuse_errors,
            trace_groups,
        )

        config = self._scrape_config(settings)
        groups, problems = metric_groups(config, settings, self._pack_folder, pages=self._url("ui"))
        traced, others = trace_groups(settings)
        refuse_errors([*problems, *others])
        return NewRules(config, groups, traced)

    async def apply(self, settings: Settings, new: NewRules) -> None:
        """Use another configuration."""
        self._settings = settings
        await self.scrapes.apply(new.config)
        self.config = new.config
        self._query_log.apply(new.config.global_config.query_log_file)
        self.apply_alerting()
        for signal in ("metrics", "traces"):
            self.rule_faults.show(signal, ())
        await self.rules.apply(new.groups)
        await self.trace_rules.apply(new.trace_groups)
        await self.apply_forwarding()

    @cached_property
    def forwarder(self) -> Forwarder:
        """Sending samples on, as `remote_write` says."""
        from appliance.ingest.forward.forwarder import Forwarder  # noqa: PLC0415 - aiohttp client

        return Forwarder(
            self._stores.metrics,
            self._stores.forward,
            self._clock,
            self._telemetry,
            tenant=DEFAULT_TENANT,
            metadata=self._all_metadata,
        )

    async def apply_forwarding(self) -> None:
        """Forward as the configuration in use says."""
        file = self._settings.prometheus.config
        await self.forwarder.apply(
            self.config.remote_write,
            self.external_labels(),
            Path() if file is None else file.parent,
        )

    def apply_alerting(self) -> None:
        """Tell of alerts whom the configuration in use names."""
        file = self._settings.prometheus.config
        self.alerting.apply(self.config, Path() if file is None else file.parent)

    def external_labels(self) -> Labels:
        """`external_labels` of prometheus.yml."""
        return Labels.of(self.config.global_config.external_labels.items())

    def _all_metadata(self) -> dict[str, MetricMetadata]:
        """What pushes and targets of the usual tenant say of their metrics."""
        scraped = {name: found[0] for name, found in self.scrapes.metadata().items() if found}
        return {**self._stores.metrics.metadata(DEFAULT_TENANT), **scraped}

    @cached_property
    def scrapes(self) -> ScrapeManager:
        """Scraping."""
        from appliance.ingest.scrape.manager import ScrapeManager  # noqa: PLC0415 - aiohttp client

        config = self.config
        return ScrapeManager(
            config,
            self.forwarder.appender,
            self._clock,
            self._telemetry,
            commit_window_seconds=_SCRAPE_WINDOW_SECONDS,
        )

    @cached_property
    def alerting(self) -> Alerting:
        """Telling Alertmanagers of alerts."""
        from appliance.rule_setup.alerting import Alerting  # noqa: PLC0415 - aiohttp client

        return Alerting(
            self._clock,
            self._telemetry,
            own=self._own_alertmanager(),
            recorder=self._recorder(),
        )

    @cached_property
    def rule_parts(self) -> RuleParts:
        """What all rules share."""
        from appliance.rule_setup.managers import RuleParts  # noqa: PLC0415 - numpy

        return RuleParts(
            lambda: self._settings,
            lambda: self.config,
            self._stores.metrics,
            self.forwarder.appender,
            self._clock,
            self._telemetry,
            sender=self.alerting.sender,
            url=self._url,
            states=self._stores.alerts,
        )

    def runbooks(self) -> dict[str, str]:
        """Markdown of the runbooks of the packs in use, by name."""
        from appliance.rule_setup.files import runbooks  # noqa: PLC0415 - numpy

        return runbooks(self._settings, self._url("ui"))

    def _url(self, listener: str) -> str:
        """Where people reach a listener."""
        url = self._settings.external_url or self._urls().get(listener, "")
        return str(url).rstrip("/")

    @property
    def _pack_folder(self) -> Path:
        """For files of packs that are not as shipped."""
        return self._stores.path / "packs"

    @cached_property
    def rule_faults(self) -> RuleFaults:
        """Shows what is wrong with rules."""
        from appliance.rule_setup.files import RuleFaults  # noqa: PLC0415 - numpy

        return RuleFaults(self._notifications, self._telemetry)

    @cached_property
    def rules(self) -> RuleManager:
        """Recording and alerting rules; broken ones stop nobody."""
        from appliance.rule_setup.files import metric_groups  # noqa: PLC0415 - numpy
        from appliance.rule_setup.managers import rule_manager  # noqa: PLC0415 - numpy

        groups, problems = metric_groups(
            self.config, self._settings, self._pack_folder, pages=self._url("ui")
        )
        self.rule_faults.show("metrics", problems)
        return rule_manager(self.rule_parts, groups)

    @cached_property
    def trace_rules(self) -> RuleManager:
        """The same over traces."""
        from appliance.rule_setup.files import trace_groups  # noqa: PLC0415 - numpy
        from appliance.rule_setup.managers import trace_rule_manager  # noqa: PLC0415 - numpy

        groups, problems = trace_groups(self._settings)
        self.rule_faults.show("traces", problems)
        return trace_rule_manager(self.rule_parts, self._stores.spans, groups)

    def _scrape_config(self, settings: Settings) -> PrometheusConfig:
        """What to scrape, and the own Pushgateway if its listener is open.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        from appliance.ingest.pushgateway.job import with_pushgateway  # noqa: PLC0415 - yaml

        config = self._written_config(settings)
        url = self._urls().get("pushgateway")
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
            urls = [url for url in self._urls().values() if url.startswith("http://")]
            return default_config(urls[0][7:]) if urls else PrometheusConfig()
        config, problems = load_prometheus_config(settings.prometheus.config, settings.variables)
        if config is None:
            raise BadInput(render_errors(problems))
        for problem in problems:
            _log.warning("%s", problem.render())
        return config

    def translation(self) -> Translation:
        """How OTLP metrics become series, as prometheus.yml says."""
        from appliance.ingest.translation import translation_of  # noqa: PLC0415 - protobuf

        return translation_of(self.config.otlp)

    @cached_property
    def parts(self) -> PrometheusParts:
        """What the Prometheus API needs beside the stores."""
        settings = self._settings.prometheus
        return PrometheusParts(
            tsdb=self._stores.metrics,
            snapshot=self._stores.snapshot_metrics,
            notifications=self._notifications,
            query_log=self._query_log,
            rules=ShownRules(self.rules, self.trace_rules),
            alertmanagers=self.alerting,
            subquery_step_ms=lambda: int(self.config.global_config.evaluation_interval),
            features=settings.feature_names(),
            lookback_ms=int(settings.lookback_delta),
            admin_api=settings.admin_api,
        )

    def remote(self, door: RemoteWriteDoor) -> RemoteDeps:
        """What remote write, remote read and federation need."""
        return RemoteDeps(
            door=door,
            series=self._stores.metrics.source,
            external_labels=self.external_labels,
            lookback_ms=int(self._settings.prometheus.lookback_delta),
        )
