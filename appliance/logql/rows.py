"""Entries on their way through a pipeline: rows of one chunk, as columns.

A stage takes rows and gives rows; it never changes what it was given. Lines stay those of the chunk
until a stage rewrites them. Labels are dictionary-coded columns, so that a condition looks at each
distinct value once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, coded, constant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import LogChunk

ERROR, ERROR_DETAILS = "__error__", "__error_details__"


class Origin(IntEnum):
    """Where a label came from; a name has one origin per chunk and row set."""

    STREAM = 0
    METADATA = 1
    PARSED = 2


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A label of some rows.

    Attributes:
        origin: int8[row] would be exact; a label is of one origin for all rows that have it, and
            stages that would mix origins make two columns of the rows first.
    """

    column: Column
    origin: Origin


@dataclass(frozen=True, slots=True)
class Rows:
    """Some entries of a chunk with what stages made of them.

    Attributes:
        chunk: Where they come from.
        index: int64[row], ascending: which entries of the chunk.
        labels: By name; ERROR and ERROR_DETAILS among them. Order means nothing.
        lines: [row], lines as a stage rewrote them; None: still those of the chunk.
    """

    chunk: LogChunk
    index: NDArray[np.int64]
    labels: Mapping[str, LabelColumn]
    lines: Sequence[bytes] | None = field(default=None)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def times_ns(self) -> NDArray[np.int64]:
        """int64[row], ascending."""
        found: NDArray[np.int64] = self.chunk.timestamps_ns[self.index]
        return found

    @property
    def is_whole(self) -> bool:
        """Whether these are all entries of the chunk."""
        return len(self.index) == len(self.chunk)

    def keep(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows for which the mask holds: bool[row]."""
        if mask.all():
            return self
        lines = self.lines
        if lines is not None:
            lines = [lines[row] for row in np.flatnonzero(mask).tolist()]
        labels = {
            name: replace(label, column=label.column.take(mask))
            for name, label in self.labels.items()
        }
        return Rows(self.chunk, self.index[mask], labels, lines)

    def line_list(self) -> Sequence[bytes]:
        """[row], the lines as they are now."""
        if self.lines is not None:
            return self.lines
        text = self.chunk.text
        starts = self.chunk.offsets[self.index].tolist()
        ends = (self.chunk.offsets[self.index + 1] - 1).tolist()
        return [text[start:end] for start, end in zip(starts, ends, strict=True)]

    def with_lines(self, lines: Sequence[bytes]) -> Rows:
        """The same rows with other lines."""
        return replace(self, lines=lines)

    def with_labels(self, changed: Mapping[str, LabelColumn | None]) -> Rows:
        """The same rows with some labels set, or taken out (None)."""
        labels = {**self.labels, **changed}
        return replace(
            self, labels={name: label for name, label in labels.items() if label is not None}
        )


def rows_of(chunk: LogChunk) -> Rows:
    """All entries of a chunk with the labels they come with."""
    count = len(chunk)
    labels = {
        name: LabelColumn(constant(value, count), Origin.STREAM) for name, value in chunk.labels
    }
    for name, column in _metadata_columns(chunk).items():
        shown = name if name not in labels else f"{name}_extracted"
        labels[shown] = LabelColumn(column, Origin.METADATA)
    return Rows(chunk, np.arange(count), labels)


def _metadata_columns(chunk: LogChunk) -> dict[str, Column]:
    """Structured metadata by name; values are coded once per distinct set."""
    names = dict.fromkeys(name for pairs in chunk.metadata for name, _ in pairs)
    sets = [dict(pairs) for pairs in chunk.metadata]
    columns = {}
    for name in names:
        distinct = coded([pairs.get(name) for pairs in sets])
        columns[name] = Column(distinct.codes[chunk.metadata_ids], distinct.values)
    return columns
