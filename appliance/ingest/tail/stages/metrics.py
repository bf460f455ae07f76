"""The metrics stage (promtail, stages/metrics.go), and what stages count about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.ingest.tail.metric_vectors import DEFAULT_BUCKETS, VectorRegistry
from appliance.ingest.tail.stages.values import number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.metric_vectors import MetricVector
    from appliance.ingest.tail.stage_config import MetricStage

_PREFIX = "promtail_custom_"


class PipelineMetrics:
    """What all pipelines of a server count.

    Attributes:
        dropped: By reason.
        dropped_by_label: By a label's name and value.
        vectors: Metrics of metrics stages.
    """

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self.dropped = telemetry.counter(
            "logentry_dropped_lines_total", "Entries dropped by a stage.", ("reason",)
        )
        self.dropped_by_label = telemetry.counter(
            "logentry_dropped_lines_by_label_total",
            "Entries dropped by a limit stage that goes by a label.",
            ("label_name", "label_value"),
        )
        self.vectors = VectorRegistry(clock)
        telemetry.expose_also(self.vectors.expose)


class Metrics:
    """The stage at work."""

    def __init__(
        self, config: Mapping[str, MetricStage], registry: VectorRegistry, clock: Clock
    ) -> None:
        self._clock = clock
        self._metrics = [_Metric(name, metric, registry) for name, metric in config.items()]

    def run(self, entries: list[Entry]) -> list[Entry]:
        """Count entries."""
        now = self._clock.monotonic()
        for metric in self._metrics:
            for entry in entries:
                metric.record(entry, now)
        return entries


class _Metric:
    def __init__(self, name: str, config: MetricStage, registry: VectorRegistry) -> None:
        action = config.config
        self._source = config.source or name
        self._wanted = action.value
        self._match_all = action.match_all and config.kind == "counter"
        self._bytes = action.count_entry_bytes
        self._vector = registry.vector(
            (config.prefix or _PREFIX) + name,
            kind=config.kind,
            text=config.description,
            bounds=tuple(sorted(action.buckets or DEFAULT_BUCKETS)),
            idle_seconds=int(config.max_idle_duration.seconds),
        )
        self._act = _ACTIONS[
            config.kind, action.action.lower() if config.kind != "histogram" else ""
        ]

    def record(self, entry: Entry, now: float) -> None:
        """Do what the configuration says, if the entry has what it wants."""
        value: Any = None
        if self._match_all:
            value = len(entry.line.encode("utf-8", "replace")) if self._bytes else None
        elif self._source not in entry.extracted:
            return
        else:
            value = entry.extracted[self._source]
            if self._wanted is not None and text_of(value) != self._wanted:
                return
        self._act(self._vector, entry.labels, value, now)


def _add(sign: int) -> Callable[[MetricVector, Mapping[str, str], Any, float], None]:
    def act(vector: MetricVector, labels: Mapping[str, str], value: Any, now: float) -> None:
        number = number_of(value)
        if number is not None and (vector.kind != "counter" or number >= 0):
            vector.add(labels, sign * number, now)

    return act


def _step(size: int) -> Callable[[MetricVector, Mapping[str, str], Any, float], None]:
    return lambda vector, labels, _, now: vector.add(labels, size, now)


def _set(vector: MetricVector, labels: Mapping[str, str], value: Any, now: float) -> None:
    number = number_of(value)
    if number is not None:
        vector.set(labels, number, now)


def _observe(vector: MetricVector, labels: Mapping[str, str], value: Any, now: float) -> None:
    number = number_of(value)
    if number is not None:
        vector.observe(labels, number, now)


_ACTIONS: dict[tuple[str, str], Callable[[MetricVector, Mapping[str, str], Any, float], None]] = {
    ("counter", "add"): _add(1),
    ("counter", "inc"): _step(1),
    ("gauge", "add"): _add(1),
    ("gauge", "dec"): _step(-1),
    ("gauge", "inc"): _step(1),
    ("gauge", "set"): _set,
    ("gauge", "sub"): _add(-1),
    ("histogram", ""): _observe,
}
