"""A block of spans with what follows from its columns, each made once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.tree import Tree, make_tree, roots_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.model.trace import SpanColumns, Traces


class Block:
    """What expressions and pipelines are evaluated over.

    Args:
        guard: Checked between the steps of an evaluation; None: nobody minds how long it takes.

    Attributes:
        count: Spans, also those that are not live.
        columns: The stored columns.
    """

    def __init__(self, columns: SpanColumns, guard: Guard | None = None) -> None:
        self.columns = columns
        self.count = columns.count
        self._guard = guard

    def check(self) -> None:
        """One more step is about to begin.

        Raises:
            TimedOut: As the guard says.
        """
        if self._guard is not None:
            self._guard.check()

    @cached_property
    def traces(self) -> Traces:
        """The traces and their rows."""
        return self.columns.traces()

    @cached_property
    def trace_of(self) -> NDArray[np.int64]:
        """int64[span]: the number of its trace."""
        return self.traces.spread(np.arange(len(self.traces.ids)))

    @cached_property
    def tree(self) -> Tree:
        """Parents and nested sets."""
        return self.columns.derived("tree", lambda: make_tree(self.columns))

    @cached_property
    def roots(self) -> NDArray[np.int64]:
        """int64[trace]: the row of the root span; -1 where it is not here."""
        return roots_of(self.columns)

    @cached_property
    def trace_starts_ns(self) -> NDArray[np.int64]:
        """int64[trace]: the earliest start."""
        starts = self.columns.numbers("start_ns")
        return np.minimum.reduceat(starts, self.traces.offsets[:-1]) if self.count else starts

    @cached_property
    def trace_ends_ns(self) -> NDArray[np.int64]:
        """int64[trace]: the latest end."""
        ends = self.columns.numbers("start_ns") + self.columns.numbers("duration_ns")
        return np.maximum.reduceat(ends, self.traces.offsets[:-1]) if self.count else ends
