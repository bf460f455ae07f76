"""A range of time that spans start in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.trace import SpanColumns

#: Before and after every time that a span may have.
EARLIEST_NS, LATEST_NS = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Window:
    """Times in nanoseconds since the epoch; the start is included, the end is not."""

    start_ns: int = EARLIEST_NS
    end_ns: int = LATEST_NS

    def rows(self, columns: SpanColumns) -> NDArray[np.bool_]:
        """Which spans of a block start in it and are shown by this block: bool[span]."""
        starts = columns.numbers("start_ns")
        mask: NDArray[np.bool_] = (starts >= self.start_ns) & (starts < self.end_ns)
        live = columns.live
        return mask if live is None else mask & live
