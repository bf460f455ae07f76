"""Metrics that entries make: counters, gauges and histograms by the entries' labels.

As with promtail (clients/pkg/logentry/metric), series of one name may have different labels, but no
reserved ones (`__path__`), and a series to which nothing happened for a while is gone after it was
read once more.
"""

from __future__ import annotations

import bisect
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.wire.numbers import print_general

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.base.clock import Clock

Pairs = tuple[tuple[str, str], ...]
#: What a histogram has when nothing is said (client_golang).
DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


@dataclass(slots=True)
class _Series:
    """One series; `buckets` counts what is at most each bound, the last one everything."""

    value: float = 0.0
    buckets: list[int] = field(default_factory=list)
    changed: float = 0.0


class MetricVector:
    """All series of a name.

    Args:
        kind: `counter`, `gauge` or `histogram`.
        bounds: Upper bounds of a histogram's buckets, ascending, without infinity.
        idle_seconds: How long a series to which nothing happens stays.
    """

    def __init__(
        self, name: str, *, kind: str, text: str, bounds: tuple[float, ...], idle_seconds: float
    ) -> None:
        self.name = name
        self.kind = kind
        self._text = text
        self._bounds = bounds
        self._idle_seconds = idle_seconds
        self._series: dict[Pairs, _Series] = {}
        self._lock = threading.Lock()

    def add(self, labels: Mapping[str, str], amount: float, now: float) -> None:
        """Change a counter or a gauge."""
        with self._lock:
            series = self._find(labels, now)
            series.value += amount

    def set(self, labels: Mapping[str, str], value: float, now: float) -> None:
        """Set a gauge."""
        with self._lock:
            self._find(labels, now).value = value

    def observe(self, labels: Mapping[str, str], value: float, now: float) -> None:
        """Count a value in a histogram."""
        with self._lock:
            series = self._find(labels, now)
            series.value += value
            series.buckets = series.buckets or [0] * (len(self._bounds) + 1)
            series.buckets[bisect.bisect_left(self._bounds, value)] += 1

    def _find(self, labels: Mapping[str, str], now: float) -> _Series:
        key = tuple(sorted(pair for pair in labels.items() if not pair[0].startswith("__")))
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series()
        series.changed = now
        return series

    def lines(self, now: float) -> Iterator[str]:
        """The metric in Prometheus' text format; idle series go after that."""
        with self._lock:
            if not self._series:
                return
            found = [(labels, s.value, list(s.buckets)) for labels, s in self._series.items()]
            for labels, series in list(self._series.items()):
                if now - series.changed >= self._idle_seconds:
                    del self._series[labels]
        yield f"# HELP {self.name} {self._text.translate(_ESCAPES)}\n"
        yield f"# TYPE {self.name} {self.kind}\n"
        for labels, value, buckets in sorted(found):
            if self.kind == "histogram":
                yield from self._histogram(labels, value, buckets)
            else:
                yield f"{self.name}{_shown(labels)} {print_general(value)}\n"

    def _histogram(self, labels: Pairs, total: float, buckets: list[int]) -> Iterator[str]:
        count = 0
        for bound, number in zip([*map(print_general, self._bounds), "+Inf"], buckets, strict=True):
            count += number
            yield f"{self.name}_bucket{_shown((*labels, ('le', bound)))} {count}\n"
        yield f"{self.name}_sum{_shown(labels)} {print_general(total)}\n"
        yield f"{self.name}_count{_shown(labels)} {count}\n"


def _shown(labels: Pairs) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels) + "}"


class VectorRegistry:
    """The metrics of all pipelines of a server; stages of the same name share one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._vectors: dict[str, MetricVector] = {}

    def vector(
        self, name: str, *, kind: str, text: str, bounds: tuple[float, ...], idle_seconds: float
    ) -> MetricVector:
        """A metric; the one that is there if its kind is the same."""
        found = self._vectors.get(name)
        if found is None or found.kind != kind:
            found = MetricVector(
                name, kind=kind, text=text, bounds=bounds, idle_seconds=idle_seconds
            )
            self._vectors[name] = found
        return found

    def expose(self) -> bytes:
        """All metrics in Prometheus' text format 0.0.4."""
        now = self._clock.monotonic()
        return "".join(
            line for _, vector in sorted(self._vectors.items()) for line in vector.lines(now)
        ).encode()
