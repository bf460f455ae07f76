"""What stands in for Prometheus besides its API: scraping, rules, forwarding."""

from __future__ import annotations

import logging
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
    from appliance.model.sample import MetricMetadata
    from appliance.rules.group_state import GroupState
    from appliance.rules.manager import RuleManager
    from appliance.settings.root import Settings
    from appliance.stores import Stores
    from appliance.wire.otlp.translation import Translation

_log = logging.getLogger(__name__)
#: Scrapes of this much time share a transaction: half the cost, and nobody waits for a scrape.
_SCRAPE_WINDOW_SECONDS = 0.1


class MetricServices:
    """Each part is made when first asked for.

    Args:
        urls: Addresses of the open listeners by name.

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
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._urls = urls
        self._notifications = notifications
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

    def read(self, settings: Settings) -> tuple[PrometheusConfig, list[GroupState]]:
        """prometheus.yml and the rule files as they are now.

        Raises:
            BadInput: A file has errors; the text has all of them.
        """
        from appliance.rule_setup import rule_groups  # noqa: PLC0415 - numpy

        config = self._scrape_config(settings)
        return config, rule_groups(config, settings)

    async def apply(
        self, settings: Settings, config: PrometheusConfig, groups: list[GroupState]
    ) -> None:
        """Use another configuration."""
        self._settings = settings
        await self.scrapes.apply(config)
        self.config = config
        self._query_log.apply(config.global_config.query_log_file)
        await self.rules.apply(groups)
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
    def rules(self) -> RuleManager:
        """Recording and alerting rules."""
        from appliance.rule_setup import rule_manager  # noqa: PLC0415 - numpy

        return rule_manager(
            lambda: self.config,
            self._settings,
            self._stores.metrics,
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
        from appliance.rule_setup import alertmanager_urls  # noqa: PLC0415 - numpy

        settings = self._settings.prometheus
        return PrometheusParts(
            tsdb=self._stores.metrics,
            snapshot=self._stores.snapshot_metrics,
            notifications=self._notifications,
            query_log=self._query_log,
            rules=self.rules,
            alertmanagers=lambda: alertmanager_urls(self.config),
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
