"""Prometheus' application with parts that tests choose."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from appliance.api.prometheus.deps import PrometheusDeps, RuntimeFacts
from appliance.api.prometheus.query_log import QueryLog
from appliance.api.prometheus.routes import make_app
from appliance.base.clock import ManualClock
from appliance.base.notifications import Notifications
from appliance.model.cardinality import Cardinality
from appliance.model.matcher import Matcher
from appliance.promql.context import ALL_FEATURES
from tests.api.serving import http_deps
from tests.api.targets import PlainTargets
from tests.sources import PlainSeries

T = 1_700_000_000_000  # what the manual clock shows
FACTS = RuntimeFacts(
    started_ms=T, directory="/data", retention="30d", reload_worked=True, reloaded_ms=T + 500
)


class PlainAdmin:
    """Remembers what it was asked to delete."""

    def __init__(self) -> None:
        self.deleted: list[tuple[str, list[tuple[str, ...]], int, int]] = []

    def delete(
        self, tenant: str, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> int:
        shown = [tuple(str(matcher) for matcher in each) for each in matchers]
        self.deleted.append((tenant, shown, start_ms, end_ms))
        return 3

    def cardinality(self, tenant: str, limit: int) -> Cardinality:
        assert tenant == "anonymous"
        rows = [("up", 2), ("down", 1)][:limit]
        return Cardinality(3, 5, 2, T - 1000, T, rows, rows, rows, rows)


def prometheus_deps(**changes: Any) -> PrometheusDeps:
    clock = ManualClock()
    usual: dict[str, Any] = {
        "series": lambda _: PlainSeries(),
        "targets": PlainTargets(),
        "pushed_metadata": lambda _: {},
        "config": lambda: "global: {}\n",
        "flags": lambda: {"storage.tsdb.retention.time": "30d"},
        "facts": lambda: FACTS,
        "tsdb": PlainAdmin(),
        "snapshot": lambda _: None,
        "notifications": Notifications(clock),
        "query_log": QueryLog(clock),
        "rules": SimpleNamespace(groups=[]),
        "alertmanagers": SimpleNamespace(active=list, dropped=list),
        "subquery_step_ms": lambda: 60_000,
        "features": ALL_FEATURES,
        "lookback_ms": 300_000,
        "admin_api": True,
    }
    return PrometheusDeps(**(usual | changes))


def prometheus_app(http: dict[str, Any] | None = None, **changes: Any) -> Any:
    return make_app(http_deps(**(http or {})), prometheus_deps(**changes))
