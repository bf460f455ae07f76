"""What Prometheus' API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.api.prometheus.query_log import QueryLog
    from appliance.base.notifications import Notifications
    from appliance.ingest.scrape.manager import TargetStatus
    from appliance.ingest.scrape.target import DroppedTarget
    from appliance.model.cardinality import Cardinality
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import MetricMetadata
    from appliance.model.sources import SeriesSource
    from appliance.relabel import RelabelStep
    from appliance.rules.group_state import GroupState


class Targets(Protocol):
    """What is scraped, and what targets say of their metrics."""

    def targets(self) -> Sequence[TargetStatus]:
        """Targets that are scraped, by job and address."""
        ...

    def dropped_targets(self) -> Sequence[DroppedTarget]:
        """Targets that relabelling dropped."""
        ...

    def dropped_counts(self) -> Mapping[str, int]:
        """Number of dropped targets by job."""
        ...

    def pools(self) -> Sequence[str]:
        """Names of all jobs."""
        ...

    def metadata(self) -> Mapping[str, Sequence[MetricMetadata]]:
        """Type, help and unit by metric name."""
        ...

    def pool_yaml(self, name: str) -> str:
        """A job's configuration, without secrets.

        Raises:
            NotFound: There is no such job.
        """
        ...

    def relabel_steps(self, name: str, labels: Labels) -> Sequence[RelabelStep]:
        """What each of a job's relabelling rules makes of a target's labels.

        Raises:
            NotFound: There is no such job.
        """
        ...

    def target_metadata(self) -> Sequence[tuple[Labels, Mapping[str, MetricMetadata]]]:
        """The same for every target, by its labels."""
        ...


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """What `/api/v1/status/runtimeinfo` tells.

    Attributes:
        retention: As text, such as `30d or 20GiB`.
    """

    started_ms: int
    directory: str
    retention: str
    reload_worked: bool
    reloaded_ms: int


class Alertmanagers(Protocol):
    """Who is told of alerts."""

    def active(self) -> Sequence[str]:
        """Addresses of those that are told."""
        ...

    def dropped(self) -> Sequence[str]:
        """Addresses of those that relabelling drops."""
        ...


class RuleGroups(Protocol):
    """The rules that are evaluated."""

    @property
    def groups(self) -> Sequence[GroupState]:
        """All groups."""
        ...


class MetricAdmin(Protocol):
    """What may be asked and done beside queries; plain calls that may take long."""

    def delete(
        self, tenant: str, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> int:
        """Delete samples of series that match one of the alternatives; returns how many."""
        ...

    def cardinality(self, tenant: str, limit: int) -> Cardinality:
        """Which names and values have the most series."""
        ...


@dataclass(frozen=True, slots=True)
class PrometheusDeps:
    """What the API needs.

    Attributes:
        series: Samples of a tenant.
        pushed_metadata: Type, help and unit by metric name of what a tenant pushed.
        config: The configuration in use, as YAML without secrets.
        flags: Settings in use, by dotted name, as text without secrets.
        alertmanagers: Who is told of alerts.
        features: Those of queries that are on, by Prometheus' names.
        lookback_ms: How old a sample of an instant selector may be.
        subquery_step_ms: Resolution of subqueries that name none.
        admin_api: Whether snapshots and deletion are allowed.
        snapshot: Copies the metrics to a folder of that name below `snapshots`.
    """

    series: Callable[[str], SeriesSource]
    targets: Targets
    pushed_metadata: Callable[[str], Mapping[str, MetricMetadata]]
    config: Callable[[], str]
    flags: Callable[[], Mapping[str, str]]
    facts: Callable[[], RuntimeFacts]
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


PROMETHEUS = web.AppKey("prometheus", PrometheusDeps)
