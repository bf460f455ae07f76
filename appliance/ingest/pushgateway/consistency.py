"""What makes pushed metrics contradict one another or those of other groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.wire.metric_family import TYPE_NAMES, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.ingest.pushgateway.group import Group
    from appliance.wire.messages.exposition_pb2 import Metric, MetricFamily


def find_fault(families: Mapping[str, MetricFamily], others: Iterable[Group]) -> str | None:
    """What is wrong with families of one group, in Pushgateway's words; None when nothing is."""
    for name, family in families.items():
        if any(metric.timestamp_ms for metric in family.metric):
            return "pushed metrics must not have timestamps"
        seen = set()
        for metric in family.metric:
            labels = tuple(sorted(labels_of(metric).items()))
            if labels in seen:
                shown = _shown(name, metric)
                return f"{shown} was collected before with the same name and label values"
            seen.add(labels)
    for other in others:
        for name in families.keys() & other.families.keys():
            theirs = other.families[name]
            if theirs.type != families[name].type:
                kind = TYPE_NAMES[families[name].type].upper()
                return f"{_shown(name, theirs.metric[0])} is not a {kind}"
    return None


def _shown(name: str, metric: Metric) -> str:
    labels = " ".join(
        f'label:{{name:"{key}" value:"{value}"}}' for key, value in labels_of(metric).items()
    )
    return f'collected metric "{name}" {{ {labels} }}'
