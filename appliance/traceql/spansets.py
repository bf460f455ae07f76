"""Spansets of a block as arrays: what flows through a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.expressions.columns import take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.traceql.block import Block
    from appliance.traceql.column import Column


@dataclass(frozen=True, slots=True)
class SpanSets:
    """Sets of spans; every set lies in one trace and has at least one span.

    No span is in two sets.

    Attributes:
        rows: int64[entry], spans of the first set, then of the second, ...; each set's ascend.
        offsets: int64[set + 1], the first entry of each set, and the end.
        traces: int64[set], ascending: numbers into the block's traces.
        attributes: What by() and aggregates said of the sets, in order: (text of the element,
            column over sets).
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    traces: NDArray[np.int64]
    attributes: tuple[tuple[str, Column], ...] = ()

    def __len__(self) -> int:
        return len(self.traces)

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[set]: spans of each."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> NDArray[np.int64]:
        """int64[entry]: the number of its set."""
        return np.repeat(np.arange(len(self)), self.counts)

    def with_attribute(self, text: str, column: Column) -> SpanSets:
        """The same sets, and something more is said of them."""
        return SpanSets(self.rows, self.offsets, self.traces, (*self.attributes, (text, column)))

    def narrowed(
        self,
        rows: NDArray[np.int64],
        owners: NDArray[np.int64],
        starts: NDArray[np.int64] | None = None,
    ) -> SpanSets:
        """Other spans in place of these.

        Args:
            rows: int64[entry], of one set after the other.
            owners: int64[entry], ascending: which of these sets they come from. Sets that do not
                occur are gone.
            starts: First entries of the new sets, of which several may come from one; None: one
                from each.
        """
        if starts is None:
            starts = starts_of(owners)
        return self._of_sets(rows, np.append(starts, len(rows)), owners[starts])

    def chosen(self, sets: NDArray[np.int64]) -> SpanSets:
        """Some of the sets, whole; `sets` ascends."""
        if len(sets) == len(self):
            return self
        counts = self.counts[sets]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        entries = np.arange(offsets[-1]) + np.repeat(self.offsets[sets] - offsets[:-1], counts)
        return self._of_sets(self.rows[entries], offsets, sets)

    def _of_sets(
        self, rows: NDArray[np.int64], offsets: NDArray[np.int64], sets: NDArray[np.int64]
    ) -> SpanSets:
        attributes = tuple((text, take(column, sets)) for text, column in self.attributes)
        return SpanSets(rows, offsets, self.traces[sets], attributes)


def sets_of_traces(block: Block, rows: NDArray[np.int64]) -> SpanSets:
    """A set for each trace that has some of the spans; `rows` ascend."""
    traces = block.trace_of[rows]
    starts = starts_of(traces)
    return SpanSets(rows, np.append(starts, len(rows)), traces[starts])


def starts_of(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of equal numbers begins."""
    is_start = np.ones(len(numbers), dtype=bool)
    is_start[1:] = numbers[1:] != numbers[:-1]
    return np.flatnonzero(is_start)
