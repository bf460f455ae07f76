"""How what a parser finds becomes labels of rows (Loki 3, pkg/logql/log/parser.go).

A label of a name that the stream or the entry's metadata has gets the suffix `_extracted`; the
first value of a name counts, also over several parsers; and with hints a line is read only as far
as it has to be. Regular rows are treated as columns, all others one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, coded, scattered
from appliance.lines.json_line import BrokenLineError
from appliance.logql.rows import DUPLICATE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from appliance.lines.column import Fields
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

    #: The labels of a line in order, before anything is done about their names.
    Read = Callable[[bytes], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser of single lines.

    Attributes:
        read: Raises BrokenLineError where a line breaks.
        error: `__error__` of lines that break.
    """

    read: Read
    error: str


class Names:
    """What the labels of rows are called, and which of them rows have already."""

    def __init__(self, rows: Rows, hints: Hints) -> None:
        self._rows = rows
        self._hints = hints
        self._stream = {name for name, _ in rows.chunk.labels}
        self._metadata: dict[str, NDArray[np.bool_] | None] = {}
        self._taken: dict[str, NDArray[np.bool_] | None] = {}

    def in_metadata(self, name: str) -> NDArray[np.bool_] | None:
        """Rows whose metadata has a name: bool[row]; None: no row's."""
        if name not in self._metadata:
            column = self._rows.metadata.get(name)
            self._metadata[name] = None if column is None else column.present()
        return self._metadata[name]

    def taken(self, target: str) -> NDArray[np.bool_] | None:
        """Rows for which a label has been extracted already: bool[row]; None: no row."""
        if target not in self._taken:
            column, gone = self._rows.parsed.get(target), self._rows.extracted.get(target)
            mask = gone if column is None else column.present()
            if column is not None and gone is not None:
                mask = mask | gone if mask is not None else gone
            self._taken[target] = mask
        return self._taken[target]

    def target(self, name: str, row: int) -> str:
        """What a label is called in a row."""
        if name in self._stream:
            return f"{name}{DUPLICATE_SUFFIX}"
        mask = self.in_metadata(name)
        return f"{name}{DUPLICATE_SUFFIX}" if mask is not None and mask[row] else name

    def targets(self, name: str, column: Column) -> Iterable[tuple[str, Column]]:
        """A column under the names that it has in its rows."""
        if name in self._stream:
            return [(f"{name}{DUPLICATE_SUFFIX}", column)]
        mask = self.in_metadata(name)
        if mask is None or not mask.any():
            return [(name, column)]
        renamed = (f"{name}{DUPLICATE_SUFFIX}", column.without(~mask))
        return [renamed, (name, column.without(mask))]

    def is_taken(self, target: str, row: int) -> bool:
        """Whether a label has been extracted already in a row."""
        mask = self.taken(target)
        return mask is not None and bool(mask[row])

    def complete(self) -> NDArray[np.bool_] | None:
        """Rows that have all that is required: bool[row]; None: no row."""
        required = self._hints.required
        if not required:
            return None
        found = np.ones(len(self._rows), dtype=bool)
        for name in required:
            mask = self.taken(name)
            if mask is None:
                return None
            found &= mask
        return found if found.any() else None


def extracted(rows: Rows, fields: Fields, parser: Parser, hints: Hints) -> Rows:
    """Rows with the labels that a parser finds.

    Args:
        fields: One row for each of the rows.
        parser: Reads the irregular ones.
    """
    names = Names(rows, hints)
    columns: dict[str, Column] = {}
    is_irregular = np.zeros(len(rows), dtype=bool)
    is_irregular[fields.irregular] = True
    for name, found in fields.columns.items():
        for target, column in names.targets(name, found):
            if not hints.wants(target):
                continue
            mask = names.taken(target)
            free = column if mask is None else column.without(mask)
            before = columns.get(target)
            if before is not None:  # which of them the line has first is not known
                is_irregular |= before.present() & free.present()
                free = free.over(before)
            if free.any():
                columns[target] = free
    done = names.complete()
    if done is not None:
        is_irregular &= ~done
        columns = {name: column.without(done) for name, column in columns.items()}
    irregular = np.flatnonzero(is_irregular)
    if not len(irregular):
        return rows.with_parsed(columns)
    if len(irregular) > len(fields.irregular):
        columns = {name: column.without(is_irregular) for name, column in columns.items()}
    return _read(rows, irregular, names, parser=parser, hints=hints, columns=columns)


def _read(
    rows: Rows,
    irregular: NDArray[np.int64],
    names: Names,
    *,
    parser: Parser,
    hints: Hints,
    columns: dict[str, Column],
) -> Rows:
    """Rows with columns and, for the irregular ones, what the parser of single lines finds."""
    lines = rows.take(irregular).line_list()
    found: dict[str, dict[int, str]] = {}
    wrong: dict[int, str] = {}
    for place, (row, line) in enumerate(zip(irregular.tolist(), lines, strict=True)):
        labels: dict[str, str] = {}
        try:
            _read_line(parser.read(line), labels, row, names=names, hints=hints)
        except BrokenLineError as error:
            wrong[place] = str(error)
        for name, text in labels.items():
            found.setdefault(name, {})[place] = text
    for name, texts in found.items():
        column = _placed(texts, irregular, len(rows))
        columns[name] = column.over(columns[name]) if name in columns else column
    rows = rows.with_parsed(columns)
    return with_failures(rows, irregular, wrong, parser.error) if wrong else rows


def _read_line(
    fields: Iterator[tuple[str, str]],
    labels: dict[str, str],
    row: int,
    *,
    names: Names,
    hints: Hints,
) -> None:
    """Take labels from a line until all that are required are there."""
    missing = None
    if hints.required is not None:
        missing = {name for name in hints.required if not names.is_taken(name, row)}
    for name, text in fields:
        target = names.target(name, row)
        if not name or target in labels:
            continue
        if not hints.wants(target) or names.is_taken(target, row):
            continue
        labels[target] = text
        if missing is not None:
            missing.discard(target)
            if not missing:
                return


def _placed(texts: dict[int, str], irregular: NDArray[np.int64], count: int) -> Column:
    """Texts by place among the irregular rows, as a column of all rows."""
    return scattered(coded(list(texts.values())), irregular[list(texts)], count)


def with_failures(
    rows: Rows, irregular: NDArray[np.int64], wrong: dict[int, str], error: str
) -> Rows:
    """Rows with `__error__` and its details set.

    Args:
        wrong: The details by place among the irregular rows; empty: there are none.
    """
    where = irregular[list(wrong)]
    errors = Column(np.zeros(len(wrong), dtype=np.int32), (error,))
    details = coded([text or None for text in wrong.values()])
    count = len(rows)
    return rows.with_errors(scattered(errors, where, count), scattered(details, where, count))
