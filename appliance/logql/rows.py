"""Entries on their way through a pipeline: rows of one chunk, as columns.

A stage takes rows and gives rows; it never changes what it was given. Lines stay those of the chunk
until a stage rewrites them. Labels are dictionary-coded columns, so that a condition looks at each
distinct value once.

A label is of one of three origins, as in Loki's answers (pkg/logql/log/labels.go): the stream, the
entry's structured metadata, or a parser. Invariant: in one row a name has a value of at most one
origin; what is parsed hides metadata, which hides the stream's label. A value may be empty: Loki
tells an empty label from an absent one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from appliance.lines.column import Column, absent, constant
from appliance.logql.grouping import combined
from appliance.logql.metadata import ChunkMetadata
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import LogChunk

ERROR, ERROR_DETAILS = "__error__", "__error_details__"
#: What follows the name of a parsed label that the stream or the metadata has too.
DUPLICATE_SUFFIX = "_extracted"


class LabelSet(NamedTuple):
    """The labels of one row by origin, each sorted by name; values may be empty.

    `parsed` has `__error__` and `__error_details__` too.
    """

    stream: Labels
    metadata: Labels
    parsed: Labels

    def merged(self) -> Labels:
        """All of them, sorted by name."""
        return Labels(sorted((*self.stream, *self.metadata, *self.parsed)))


@dataclass(frozen=True, slots=True)
class Rows:
    """Some entries of a chunk with what stages made of them.

    Attributes:
        chunk: Where they come from.
        index: int64[row], ascending: which entries of the chunk.
        stream, metadata, parsed: Columns by name; see the module's invariant.
        lines: [row], lines as a stage rewrote them; None: still those of the chunk.
        errors, details: `__error__` and `__error_details__`; None: no row has one.
        deleted: By name: rows in which a label of that name was taken out: bool[row]. Grouping by
            a label leaves it out there even when it was set again.
        extracted: By name: rows in which a parsed label of that name was taken out: bool[row].
            Parsers do not extract it again.
    """

    chunk: LogChunk
    index: NDArray[np.int64]
    stream: Mapping[str, Column]
    metadata: Mapping[str, Column]
    parsed: Mapping[str, Column] = field(default_factory=dict)
    lines: Sequence[bytes] | None = None
    errors: Column | None = None
    details: Column | None = None
    deleted: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    extracted: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

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
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """These rows alone: int64[k], ascending."""
        lines = self.lines
        if lines is not None:
            lines = [lines[row] for row in rows.tolist()]
        metadata = self.metadata
        return Rows(
            self.chunk,
            self.index[rows],
            _taken(self.stream, rows),
            metadata.take(rows) if isinstance(metadata, ChunkMetadata) else _taken(metadata, rows),
            _taken(self.parsed, rows),
            lines,
            self.errors and self.errors.take(rows),
            self.details and self.details.take(rows),
            {name: mask[rows] for name, mask in self.deleted.items()},
            {name: mask[rows] for name, mask in self.extracted.items()},
        )

    def line_list(self) -> Sequence[bytes]:
        """[row], the lines as they are now."""
        if self.lines is not None:
            return self.lines
        text = self.chunk.text
        starts = self.chunk.offsets[self.index].tolist()
        ends = (self.chunk.offsets[self.index + 1] - 1).tolist()
        return [text[start:end] for start, end in zip(starts, ends, strict=True)]

    def line_lengths(self) -> NDArray[np.int64]:
        """Bytes of each line: int64[row]."""
        if self.lines is not None:
            return np.fromiter(map(len, self.lines), np.int64, len(self.lines))
        offsets = self.chunk.offsets
        found: NDArray[np.int64] = offsets[self.index + 1] - offsets[self.index] - 1
        return found

    def with_lines(self, lines: Sequence[bytes]) -> Rows:
        """The same rows with other lines."""
        return replace(self, lines=lines)

    def names(self) -> list[str]:
        """Names of labels that may have a value in some row, sorted; no `__error__`."""
        return sorted({*self.stream, *self.metadata, *self.parsed})

    def column(self, name: str) -> Column | None:
        """A label's values whatever its origin; None when no row can have one.

        ERROR and ERROR_DETAILS are labels here.
        """
        if name == ERROR:
            return self.errors
        if name == ERROR_DETAILS:
            return self.details
        found = None
        for columns in (self.parsed, self.metadata, self.stream):
            column = columns.get(name)
            if column is not None:
                found = column if found is None else found.over(column)
        return found

    def set_parsed(self, name: str, column: Column) -> Rows:
        """The same rows with a parsed label where the column has a value; others keep theirs."""
        return self.with_parsed({name: column})

    def with_parsed(self, columns: Mapping[str, Column]) -> Rows:
        """The same rows with some parsed labels set where the columns have values."""
        parsed = dict(self.parsed)
        hidden: dict[str, NDArray[np.bool_]] = {}
        for name, column in columns.items():
            before = parsed.get(name)
            parsed[name] = column if before is None else column.over(before)
            if name in self.stream or name in self.metadata:
                hidden[name] = column.present()
        return replace(
            self,
            stream=_cleared(self.stream, hidden),
            metadata=_cleared(self.metadata, hidden),
            parsed=parsed,
        )

    def renamed(self, source: str, target: str) -> Rows:
        """A label moved to another name, as a parsed one, in the rows that have it."""
        column = self.column(source)
        if column is None or not column.any():
            return self
        return self.set_parsed(target, column).without([source], column.present())

    def without(self, names: Iterable[str], mask: NDArray[np.bool_] | None = None) -> Rows:
        """The same rows less some labels, ERROR and ERROR_DETAILS among them.

        mask: In these rows only: bool[row]; None means in all.
        """
        everywhere = np.ones(len(self), dtype=bool) if mask is None else mask
        masks = dict.fromkeys(names, everywhere)
        errors, details = self.errors, self.details
        for name in masks.keys() & {ERROR, ERROR_DETAILS}:
            if name == ERROR:
                errors = errors and _present(errors.without(masks[name]))
            else:
                details = details and _present(details.without(masks[name]))
        labels = {name: m for name, m in masks.items() if name not in {ERROR, ERROR_DETAILS}}
        taken = {
            name: labels[name] & self.parsed[name].present()
            for name in labels.keys() & self.parsed.keys()
        }
        return replace(
            self,
            stream=_cleared(self.stream, labels),
            metadata=_cleared(self.metadata, labels),
            parsed=_cleared(self.parsed, labels),
            errors=errors,
            details=details,
            deleted=_joined(self.deleted, labels),
            extracted=_joined(self.extracted, taken),
        )

    def with_errors(self, errors: Column, details: Column | None = None) -> Rows:
        """The same rows with errors where the column has one.

        details: Set along with them; None or no value in a row leaves what is there.
        """
        merged = errors if self.errors is None else errors.over(self.errors)
        if details is not None:
            details = details if self.details is None else details.over(self.details)
        return replace(self, errors=merged, details=details or self.details)

    def label_sets(self, rows: Iterable[int]) -> list[LabelSet]:
        """Labels of some rows, by origin."""
        parsed = dict(self.parsed)
        if self.errors is not None:
            parsed[ERROR] = self.errors.over(parsed.get(ERROR, absent(len(self))))
        if self.details is not None:
            parsed[ERROR_DETAILS] = self.details.over(parsed.get(ERROR_DETAILS, absent(len(self))))
        chosen = np.fromiter(rows, np.int64)
        parts = [_label_rows(c, chosen) for c in (self.stream, self.metadata, parsed)]
        return [LabelSet(*three) for three in zip(*parts, strict=True)]


def _taken(columns: Mapping[str, Column], rows: NDArray[np.int64]) -> dict[str, Column]:
    return {name: column.take(rows) for name, column in columns.items()}


def _cleared(
    columns: Mapping[str, Column], masks: Mapping[str, NDArray[np.bool_]]
) -> Mapping[str, Column]:
    """Columns with no values where the mask of their name holds; empty ones go."""
    touched = [name for name in masks if name in columns]
    if not touched:
        return columns
    changed = dict(columns)
    for name in touched:
        column = _present(changed.pop(name).without(masks[name]))
        if column is not None:
            changed[name] = column
    return changed


def _present(column: Column) -> Column | None:
    return column if column.any() else None


def _joined(
    masks: Mapping[str, NDArray[np.bool_]], more: Mapping[str, NDArray[np.bool_]]
) -> Mapping[str, NDArray[np.bool_]]:
    if not more:
        return masks
    joined = dict(masks)
    for name, mask in more.items():
        joined[name] = mask if name not in joined else joined[name] | mask
    return joined


def _label_rows(columns: Mapping[str, Column], rows: NDArray[np.int64]) -> list[Labels]:
    """Labels of some rows from columns of one origin; each distinct set is made once."""
    names = sorted(columns)
    if not names:
        return [Labels()] * len(rows)
    chosen = [columns[name].take(rows) for name in names]
    codes, first = combined(chosen, len(rows))
    texts = [column.take(first).texts() for column in chosen]
    found = [
        Labels((name, text) for name, text in zip(names, row, strict=True) if text is not None)
        for row in zip(*texts, strict=True)
    ]
    return [found[code] for code in codes.tolist()]


def rows_of(chunk: LogChunk) -> Rows:
    """All entries of a chunk with the labels they come with.

    Metadata of a name that the stream has too gets DUPLICATE_SUFFIX.
    """
    count = len(chunk)
    stream = {name: constant(value, count) for name, value in chunk.labels}
    index = np.arange(count)
    return Rows(chunk, index, stream, ChunkMetadata(chunk))
