"""Spansets of a block as arrays: what flows through a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.traceql.column import Coded


@dataclass(frozen=True, slots=True)
class SpanSets:
    """Sets of spans; every set lies in one trace and has at least one span.

    Attributes:
        rows: int64[entry], spans of the first set, then of the second, ...
        offsets: int64[set + 1], the first entry of each set, and the end.
        traces: int64[set], ascending: numbers into the block's traces.
        attributes: What by() and aggregates said of the sets, in order: (text of the element,
            column over sets).
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    traces: NDArray[np.int64]
    attributes: tuple[tuple[str, Coded], ...] = ()

    def __len__(self) -> int:
        return len(self.traces)
