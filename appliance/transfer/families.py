"""Metric families as OpenMetrics has them: which series belong together, under which name.

A series is put into the family its metadata name, when its suffix is one of that family's type;
everything else is a family of its own of type unknown, so that the text stays valid.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.model.sample import MetricMetadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.model.labels import Labels

#: Suffixes of samples by type, in the order of their samples.
SUFFIXES = {
    "counter": ("_total", "_created"),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum", "_created"),
    "gaugehistogram": ("_bucket", "_gcount", "_gsum"),
    "summary": ("", "_count", "_sum", "_created"),
    "info": ("_info",),
    "stateset": ("",),
    "unknown": ("",),
}
_OWN_LABEL = {"histogram": "le", "gaugehistogram": "le", "summary": "quantile"}
_ALL = sorted({suffix for each in SUFFIXES.values() for suffix in each})


@dataclass(slots=True)
class Family:
    """A family: its name, what is known of it, and the names of its samples."""

    name: str
    metadata: MetricMetadata
    names: list[str] = field(default_factory=list)

    def metric(self, labels: Labels) -> Labels:
        """What series of one metric have in common."""
        own = _OWN_LABEL.get(self.metadata.type)
        return labels.without("__name__", own) if own else labels.without("__name__")

    def rank(self, labels: Labels) -> tuple[int, float]:
        """The place of a series among those of its metric."""
        suffix = labels.get("__name__").removeprefix(self.name)
        suffixes = SUFFIXES[self.metadata.type]
        bound = labels.get(_OWN_LABEL.get(self.metadata.type, ""), "0")
        try:
            number = float(bound)
        except ValueError:
            number = float("inf")
        return suffixes.index(suffix) if suffix in suffixes else len(suffixes), number


def families_of(names: Iterable[str], metadata: Mapping[str, MetricMetadata]) -> list[Family]:
    """The families of metric names, sorted."""
    found: dict[str, Family] = {}
    for name in sorted(names):
        base, known = _home(name, metadata)
        family = found.setdefault(base, Family(base, known))
        if family.metadata != known:  # two types under one name
            known = replace(metadata.get(name, MetricMetadata()), type="unknown")
            family = found.setdefault(name, Family(name, known))
        family.names.append(name)
    return [found[name] for name in sorted(found)]


def _home(name: str, metadata: Mapping[str, MetricMetadata]) -> tuple[str, MetricMetadata]:
    for suffix in _ALL:
        if not name.endswith(suffix):
            continue
        base = name.removesuffix(suffix)
        for key in (base, base + "_total"):
            known = metadata.get(key)
            if known and (key == base or known.type == "counter") and _has(known, suffix):
                return base, known
    return name, replace(metadata.get(name, MetricMetadata()), type="unknown")


def _has(known: MetricMetadata, suffix: str) -> bool:
    return suffix in SUFFIXES.get(known.type, ())
