"""A range of time that spans start in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.trace import SpanColumns

#: Before and after every time that a span may have.
EARLIEST_NS, LATEST_NS = -(2**63), 2**63 - 1


def bounded(time_ns: int) -> int:
    """A time that fits into 64 bits."""
    return max(EARLIEST_NS, min(time_ns, LATEST_NS))


@dataclass(frozen=True, slots=True)
class Window:
    """Times in nanoseconds since the epoch; the start is included, the end is not."""

    start_ns: int = EARLIEST_NS
    end_ns: int = LATEST_NS

    @classmethod
    def of(cls, start_ns: int, end_ns: int) -> Self:
        """Any times that somebody asks for."""
        return cls(bounded(start_ns), bounded(end_ns))

    def rows(self, columns: SpanColumns) -> NDArray[np.bool_]:
        """Which spans of a block start in it and are shown by this block: bool[span]."""
        starts = columns.numbers("start_ns")
        mask: NDArray[np.bool_] = (starts >= self.start_ns) & (starts < self.end_ns)
        live = columns.live
        return mask if live is None else mask & live
