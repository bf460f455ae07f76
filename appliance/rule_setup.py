"""Rules as the configuration says: which groups, and what their evaluation is given."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.api.http import DEFAULT_TENANT
from appliance.base.errors import BadInput
from appliance.config.document import matching_files
from appliance.config.problem import has_errors, render_errors
from appliance.rules.manager import RuleDeps, RuleManager
from appliance.rules.queries import Queries
from appliance.rules.sink import StoreSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender
    from appliance.rules.group_state import GroupState
    from appliance.rules.log_queries import LogQueries
    from appliance.rules.log_rules import LogRules
    from appliance.rules.rule_state import Templates
    from appliance.settings.root import Settings
    from appliance.store.metrics.store import MetricStore


def rule_groups(config: PrometheusConfig, settings: Settings) -> list[GroupState]:
    """The groups of all rule files that prometheus.yml and the settings name.

    Raises:
        BadInput: A file has errors; the text has all of them.
    """
    base = settings.prometheus.config.parent if settings.prometheus.config else Path()
    named = [(base, pattern) for pattern in config.rule_files]
    named += [(Path(), pattern) for pattern in settings.prometheus.rules]
    files = [file for folder, pattern in named for file in matching_files(pattern, folder)]
    if not files:
        return []
    from appliance.rules.load import load_groups  # noqa: PLC0415 - Go templates

    defaults = config.global_config
    groups, problems = load_groups(
        dict.fromkeys(file for file in files if file.is_file()),
        interval_ms=int(defaults.evaluation_interval) or 60_000,
        offset_ms=int(defaults.rule_query_offset),
        features=settings.prometheus.feature_names(),
    )
    if has_errors(problems):
        raise BadInput(render_errors(problems))
    return groups


class LateTemplates:
    """Templates that are made when the first one is to be expanded: they are slow to import."""

    def __init__(self, make: Callable[[], Templates]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Templates:
        return self._make()

    def expand(
        self, name: str, text: str, *, labels: Labels, value: float | Histogram, at_ms: int
    ) -> str:
        """See `Templates.expand`."""
        return self._made.expand(name, text, labels=labels, value=value, at_ms=at_ms)


def _templates(
    config: Callable[[], PrometheusConfig], settings: Settings, queries: Queries
) -> Templates:
    from appliance.rules.templates import RuleTemplates  # noqa: PLC0415 - Go templates

    return RuleTemplates(
        external_labels=lambda: {
            str(k): v for k, v in config().global_config.external_labels.items()
        },
        external_url=str(settings.external_url or ""),
        query=queries.ask,
    )


def rule_manager(
    config: Callable[[], PrometheusConfig],
    settings: Settings,
    store: MetricStore,
    clock: Clock,
    telemetry: Telemetry,
    *,
    appender: MetricAppender,
) -> RuleManager:
    """The manager of all groups.

    Args:
        config: prometheus.yml as it is in use.
        appender: Where results go.
    """
    limits, features = settings.limits.query.limits, settings.prometheus.feature_names()
    queries = Queries(
        lambda: store.source(DEFAULT_TENANT),
        clock,
        limits,
        features=features,
        lookback_ms=int(settings.prometheus.lookback_delta),
        subquery_step_ms=lambda: int(config().global_config.evaluation_interval),
    )
    deps = RuleDeps(
        source=queries.source,
        sink=StoreSink(appender, DEFAULT_TENANT),
        templates=LateTemplates(lambda: _templates(config, settings, queries)),
        clock=clock,
        limits=limits,
        features=features,
        lookback_ms=queries.lookback_ms,
        subquery_step_ms=queries.subquery_step_ms,
        notify=lambda _: None,
    )
    return RuleManager(rule_groups(config(), settings), deps, telemetry)


def log_rule_files(settings: Callable[[], Settings]) -> dict[str, list[GroupState]]:
    """Groups of the files that `loki_rules` names, by file.

    Raises:
        BadInput: A file cannot be read or has errors.
    """
    given = settings()
    files = [file for name in given.loki_rules for file in matching_files(name, Path())]
    if not files:
        return {}
    from appliance.rules.log_load import load_log_groups  # noqa: PLC0415 - Go templates

    found = {}
    for file in dict.fromkeys(files):
        try:
            text = file.read_bytes()
            found[str(file)] = load_log_groups(
                text, file=str(file), tenant=DEFAULT_TENANT, variables=given.variables
            )
        except (OSError, BadInput) as error:
            raise BadInput(f"{file}: {error}") from error
    return found


def log_rules(
    settings: Callable[[], Settings],
    queries: LogQueries,
    store: MetricStore,
    telemetry: Telemetry,
    *,
    folder: Path,
    appender: MetricAppender,
) -> LogRules:
    """Rules over logs.

    Args:
        settings: Those in use.
        folder: Where groups are kept that clients set.
        appender: Where results go.
    """
    from appliance.rules.log_folder import RuleFolder  # noqa: PLC0415 - LogQL
    from appliance.rules.log_rules import LogRules  # noqa: PLC0415 - LogQL

    deps = RuleDeps(
        source=lambda: store.source(DEFAULT_TENANT),
        sink=StoreSink(appender, DEFAULT_TENANT),
        templates=LateTemplates(lambda: _log_templates(settings, queries)),
        clock=queries.clock,
        limits=queries.limits,
        features=frozenset(),
        lookback_ms=int(settings().prometheus.lookback_delta),
        subquery_step_ms=lambda: 0,
        notify=lambda _: None,
        query=queries.evaluate,
    )
    manager = RuleManager([], deps, telemetry, name="log rules")
    files = partial(log_rule_files, settings)
    return LogRules(manager, RuleFolder(folder), files, usual_tenant=DEFAULT_TENANT)


def _log_templates(settings: Callable[[], Settings], queries: LogQueries) -> Templates:
    from appliance.rules.templates import RuleTemplates  # noqa: PLC0415 - Go templates

    return RuleTemplates(
        external_labels=dict,
        external_url=str(settings().external_url or ""),
        query=queries.ask,
    )


def alertmanager_urls(config: PrometheusConfig) -> list[str]:
    """Addresses of the static Alertmanagers that prometheus.yml names."""
    sections = config.alerting.alertmanagers if config.alerting is not None else ()
    return [
        f"{section.scheme}://{target}{section.path_prefix.rstrip('/')}/api/v2/alerts"
        for section in sections
        for static in section.static_configs
        for target in static.targets
    ]
