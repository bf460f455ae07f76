"""Settings of what stands in for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from appliance.config.scalars import Duration
from appliance.config.schema import key, section
from appliance.promql.context import ALL_FEATURES

if TYPE_CHECKING:
    from appliance.config.report import Report


@section
class PrometheusSettings:
    """`prometheus.yml` and further rule files, both unmodified, and what Prometheus has flags for.

    Attributes:
        features: Prometheus' names of its `--enable-feature`; what concerns queries is all on.
        admin_api: `--web.enable-admin-api`: snapshots and deletion over the API.
        lookback_delta: `--query.lookback-delta`.
        max_exemplars: Per tenant; the oldest go first (`storage.exemplars.max_exemplars`).
    """

    config: Path | None = None
    rules: tuple[str, ...] = key(default=(), single=True)
    features: tuple[str, ...] = key(default=tuple(sorted(ALL_FEATURES)), single=True)
    admin_api: bool = True
    lookback_delta: Duration = Duration(300_000)
    max_exemplars: int = 100_000

    def check(self, report: Report) -> None:
        """Refuse unknown features and a lookback that finds nothing."""
        for name in self.feature_names():
            if name not in ALL_FEATURES:
                hint = f"one of {', '.join(sorted(ALL_FEATURES))}"
                report.error(self, "features", f"unknown feature {name!r}", hint=hint)
        if self.lookback_delta <= 0:
            report.error(self, "lookback_delta", "0 finds no sample; write for example 5m")

    def feature_names(self) -> frozenset[str]:
        """The features, which may be joined by commas, as in Prometheus' flag."""
        parts = (part.strip() for text in self.features for part in text.split(","))
        return frozenset(part for part in parts if part)
