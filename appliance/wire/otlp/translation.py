"""How OTLP metrics become Prometheus series: the choices of `otlp:` in prometheus.yml."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from appliance.wire.otlp.metric_name import metric_name, plain_name, suffixed_name
from appliance.wire.otlp.values import label_name


@dataclass(frozen=True, slots=True)
class Translation:
    """The choices; the defaults are Prometheus'.

    Attributes:
        escapes: Names get only letters, digits, `_` and `:`; else they stay as they are.
        adds_suffixes: Metric names get their unit and `total` or `ratio`.
        promoted: Resource attributes that become labels of every series.
        promotes_all: All of them do, less those `ignored`.
        keeps_identifying: `target_info` has service.name and its like, too.
        promotes_scope: Every series gets `otel_scope_…` labels.
        custom_buckets: Explicit histograms become native ones with custom buckets.
    """

    escapes: bool = True
    adds_suffixes: bool = True
    promoted: frozenset[str] = frozenset()
    promotes_all: bool = False
    ignored: frozenset[str] = frozenset()
    keeps_identifying: bool = False
    promotes_scope: bool = False
    custom_buckets: bool = False

    def metric(self, name: str, unit: str, kind: str) -> str:
        """A series' name; see `metric_name`. The empty string: it cannot have one."""
        if self.escapes:
            return metric_name(name, unit, kind) if self.adds_suffixes else plain_name(name)
        return suffixed_name(name, unit, kind) if self.adds_suffixes else name

    def label(self, key: str) -> str:
        """A label's name."""
        return label_name(key) if self.escapes else key

    def promotes(self, key: str) -> bool:
        """Whether a resource attribute becomes a label of every series."""
        return key not in self.ignored if self.promotes_all else key in self.promoted


@functools.lru_cache(maxsize=1)
def default_translation() -> Translation:
    """What Prometheus does without an `otlp:` section."""
    return Translation()
