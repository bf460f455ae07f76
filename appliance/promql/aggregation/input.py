"""What an aggregation works on, and how its groups become a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.promql.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.promql.ast import Aggregate
    from appliance.promql.context import Context
    from appliance.promql.grouping import Groups


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """An aggregation with its vector.

    Attributes:
        labels: Those of each group.
        parameters: float64[step], empty for operators without one.
        position: Of the vector's expression.
    """

    expr: Aggregate
    frame: Frame
    groups: Groups
    labels: Sequence[Labels]
    parameters: NDArray[np.float64]
    position: int
    context: Context

    def result(
        self,
        values: NDArray[np.float64],
        present: NDArray[np.bool_],
        histograms: NDArray[Any] | None = None,
    ) -> Frame:
        """A frame with a series per group.

        Args:
            values, present, histograms: [group, step].
        """
        return Frame(self.labels, values, present, histograms, self._nameless(present)).pruned()

    def _nameless(self, present: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
        """Groups with a marked series at their last step: what Prometheus goes by."""
        marks = self.frame.nameless
        if marks is None or not marks.any() or not present.shape[1]:
            return None
        last = present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
        there = self.frame.present[np.arange(len(marks)), last[self.groups.ids]]
        return np.bincount(self.groups.ids[marks & there], minlength=self.groups.count) > 0
