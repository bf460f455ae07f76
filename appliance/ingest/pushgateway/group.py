"""One group of pushed metrics: all that came with the same grouping key."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from appliance.wire.messages.exposition_pb2 import Metric, MetricFamily
from appliance.wire.metric_family import GAUGE, delimited, parse_delimited, set_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

PUSH_TIME, FAILURE_TIME = "push_time_seconds", "push_failure_time_seconds"
_HELP = {
    PUSH_TIME: "Last Unix time when changing this group in the Pushgateway succeeded.",
    FAILURE_TIME: "Last Unix time when changing this group in the Pushgateway failed.",
}
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics of one grouping key.

    Attributes:
        labels: The grouping key; values may be empty.
        families: By name; their metrics have the group's labels already.
        changed_ms: By family name, when it was pushed.
        pushed_ns, failed_ns: The last push that was taken and that was refused; 0 for never.
    """

    labels: Mapping[str, str]
    families: Mapping[str, MetricFamily] = field(default_factory=dict)
    changed_ms: Mapping[str, int] = field(default_factory=dict)
    pushed_ns: int = 0
    failed_ns: int = 0

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What groups are told apart by."""
        return tuple(sorted(self.labels.items()))

    @property
    def has_worked(self) -> bool:
        """Whether the last push was taken."""
        return self.pushed_ns >= self.failed_ns

    @property
    def last_ms(self) -> int:
        """The last push of either kind."""
        return max(self.pushed_ns, self.failed_ns) // 10**6

    def all_families(self) -> dict[str, MetricFamily]:
        """The pushed families and the times of pushes."""
        times = {PUSH_TIME: self.pushed_ns, FAILURE_TIME: self.failed_ns}
        own = {name: self._time_family(name, at_ns / 1e9) for name, at_ns in times.items()}
        return {**self.families, **own}

    def _time_family(self, name: str, seconds: float) -> MetricFamily:
        metric = Metric()
        metric.gauge.value = seconds
        set_labels(metric, {"instance": "", **self.labels})
        text = _HELP[name].encode()
        return MetricFamily(name=name.encode(), help=text, type=GAUGE, metric=[metric])

    def encode(self) -> bytes:
        """The group as bytes for the store."""
        head = orjson.dumps(
            {
                "labels": dict(self.labels),
                "changed_ms": dict(self.changed_ms),
                "pushed_ns": self.pushed_ns,
                "failed_ns": self.failed_ns,
            }
        )
        return _LENGTH.pack(len(head)) + head + delimited(self.families.values())

    @classmethod
    def decode(cls, data: bytes) -> Group:
        """The group that `encode` made bytes of."""
        (length,) = _LENGTH.unpack_from(data)
        end = _LENGTH.size + length
        head = orjson.loads(data[_LENGTH.size : end])
        families = {family.name.decode(): family for family in parse_delimited(data[end:])}
        return cls(families=families, **head)
