"""Targets as a plain list, for tests of Prometheus' API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from appliance.base.errors import NotFound
from appliance.ingest.scrape.manager import TargetStatus
from appliance.ingest.scrape.target import DroppedTarget
from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata
from appliance.relabel import RelabelConfig, RelabelStep
from tests.sources import labels

UP = TargetStatus(
    discovered_labels=labels(__address__="h:1", job="up"),
    labels=labels(instance="h:1", job="up"),
    scrape_pool="up",
    scrape_url="http://h:1/metrics",
    global_url="http://h:1/metrics",
    last_error="",
    last_scrape_ms=1_700_000_000_120,
    last_scrape_duration_seconds=0.25,
    health="up",
    scrape_interval="15s",
    scrape_timeout="10s",
)
NEW = TargetStatus(
    discovered_labels=labels(__address__="h:2", job="new"),
    labels=labels(instance="h:2", job="new"),
    scrape_pool="new",
    scrape_url="http://h:2/metrics",
    global_url="http://h:2/metrics",
    last_error="",
    last_scrape_ms=0,
    last_scrape_duration_seconds=0.0,
    health="unknown",
    scrape_interval="15s",
    scrape_timeout="10s",
)
COUNTER = MetricMetadata("counter", "Requests.", "")
GAUGE = MetricMetadata("gauge", "Threads.", "threads")


class PlainTargets:
    def targets(self) -> Sequence[TargetStatus]:
        return [NEW, UP]

    def dropped_targets(self) -> Sequence[DroppedTarget]:
        return [DroppedTarget("up", labels(__address__="h:3", job="up"))]

    def dropped_counts(self) -> Mapping[str, int]:
        return {"up": 1, "new": 0}

    def pools(self) -> Sequence[str]:
        return ["up", "new"]

    def metadata(self) -> Mapping[str, Sequence[MetricMetadata]]:
        return {"requests_total": [COUNTER, GAUGE], "threads": [GAUGE]}

    def pool_yaml(self, name: str) -> str:
        if name != "up":
            raise NotFound(f"no job {name!r}")
        return "job_name: up\n"

    def relabel_steps(self, name: str, labels: Labels) -> Sequence[RelabelStep]:
        rule = RelabelConfig(target_label="a", replacement=name)
        return [RelabelStep(rule, labels.extended({"a": name}), is_kept=True)]

    def target_metadata(self) -> Sequence[tuple[Labels, Mapping[str, MetricMetadata]]]:
        return [
            (UP.labels, {"requests_total": COUNTER, "threads": GAUGE}),
            (NEW.labels, {"threads": GAUGE}),
        ]
