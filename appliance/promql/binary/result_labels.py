"""Labels of the results of operators between vectors (promql/engine.go, resultMetric)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.model.labels import Labels
from appliance.promql.grouping import dropping, keeping, matching_key
from appliance.promql.names import METADATA_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.promql.ast import Matching


class ResultLabels:
    """Makes labels from those of the elements that matched.

    Args:
        drops_metadata: The result is no longer the metric: its name, type and unit go.
    """

    def __init__(self, matching: Matching, *, drops_metadata: bool) -> None:
        self._include = matching.include
        self._matched = matching_key(matching.labels, on=matching.on)
        metadata = METADATA_LABELS if drops_metadata else frozenset()
        if matching.cardinality != "one-to-one":
            self._dropped = dropping(metadata)
        elif matching.on:
            self._dropped = keeping(set(matching.labels) - metadata)
        else:
            self._dropped = dropping({*matching.labels, *metadata})

    def of(self, many: Sequence[Labels]) -> list[Labels]:
        """From the labels of the "many" side, when none are included from the other."""
        return [_labels(self._dropped(labels)) for labels in many]

    def including(self, many: Sequence[Labels], one: Sequence[Labels]) -> list[Labels]:
        """From the labels of both sides, pair by pair; those included are the "one" side's."""
        found = self.of(many)
        if not self._include:
            return found
        return [
            labels.extended({name: other.get(name) for name in self._include})
            for labels, other in zip(found, one, strict=True)
        ]

    def matched(self, labels: Sequence[Labels]) -> list[Labels]:
        """The labels by which elements match: those of an element that is filled in."""
        return [_labels(self._matched(item)) for item in labels]


def _labels(pairs: tuple[tuple[str, str], ...]) -> Labels:
    return pairs if isinstance(pairs, Labels) else Labels(pairs)
