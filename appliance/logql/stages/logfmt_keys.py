"""`| logfmt label="key", …`: values of keys become labels (Loki 3, parser.go).

Each label is set in each row, empty where the key is missing, also over one that another parser
found. A key that itself is called like one of the labels counts too; the last one holds. Of keys
whose label is the entry's already, and so is called something else, the first one holds, and the
line is not read beyond the second. A key that another parser made a label of is not looked at,
unless it is called like one of the labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, absent, coded, constant, scattered
from appliance.lines.json_line import BrokenLineError
from appliance.lines.label_name import REPLACEMENT, decoded
from appliance.lines.logfmt_fields import logfmt_fields
from appliance.lines.logfmt_line import pairs
from appliance.lines.path_expression import parse_logfmt_key
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.extraction import Names, with_failures
from appliance.logql.stages.structured import LOGFMT_ERROR, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from appliance.logql.ast import Logfmt
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints


def compile_logfmt_keys(stage: Logfmt, hints: Hints) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: A key that is none, in Loki's words.
    """
    label_of: dict[str, str] = {}
    labels = [item.label for item in stage.expressions]
    for item in stage.expressions:
        label_of.setdefault(parse_logfmt_key(item.expression), item.label)
    for label in labels:
        label_of.setdefault(label, label)

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        return _Reading(rows, label_of, hints, is_strict=stage.is_strict).run()

    return run


class _Reading:
    """One run of the stage."""

    def __init__(
        self, rows: Rows, label_of: Mapping[str, str], hints: Hints, *, is_strict: bool
    ) -> None:
        self._rows = rows
        self._label_of = label_of
        self._labels = frozenset(label_of.values())
        self._hints = hints
        self._is_strict = is_strict
        self._names = Names(rows, hints)
        #: Rows that are not looked at, as they have all that is required: bool[row].
        self._complete = self._names.complete()

    def run(self) -> Rows:
        """The rows with the labels."""
        rows = self._rows
        columns, irregular = self._columns()
        found, wrong = self._single(irregular)
        stream = {name for name, _ in rows.chunk.labels}
        for label in dict.fromkeys(self._label_of.values()):
            alone = scattered(coded([texts.get(label) for texts in found]), irregular, len(rows))
            column = alone.over(columns.get(label, absent(len(rows))))
            rows = self._set(rows, label, column, is_in_stream=label in stream)
        return with_failures(rows, irregular, wrong, LOGFMT_ERROR) if wrong else rows

    def _columns(self) -> tuple[dict[str, Column], NDArray[np.int64]]:
        """Values by label, and the lines that have to be read from left to right: int64[k]."""
        lines, index = lines_of(self._rows)
        fields = logfmt_fields(
            lines.text, lines.offsets, index, names=self._label_of.keys(), keeps_empty=True
        )
        columns: dict[str, Column] = {}
        is_irregular = np.zeros(len(self._rows), dtype=bool)
        is_irregular[fields.irregular] = True
        for key, found in fields.columns.items():
            label, column = self._label_of[key], found
            seen = self._names.taken(key) if key not in self._labels else None
            if seen is not None:
                column = column.without(seen)
            # Which of several keys holds depends on their order, as does where reading stops.
            before = columns.get(label, absent(len(self._rows)))
            is_irregular |= before.present() & column.present()
            ends = self._names.taken(f"{label}{DUPLICATE_SUFFIX}")
            if ends is not None:
                is_irregular |= ends & column.present()
            columns[label] = column.over(before)
        if self._complete is not None:
            is_irregular &= ~self._complete
            columns = {label: column.without(self._complete) for label, column in columns.items()}
        regular = {label: column.without(is_irregular) for label, column in columns.items()}
        return regular, np.flatnonzero(is_irregular)

    def _single(self, irregular: NDArray[np.int64]) -> tuple[list[dict[str, str]], dict[int, str]]:
        """Texts by label of each of these lines, and what is wrong with some, by place."""
        found: list[dict[str, str]] = []
        wrong: dict[int, str] = {}
        lines = self._rows.take(irregular).line_list()
        for place, (row, line) in enumerate(zip(irregular.tolist(), lines, strict=True)):
            found.append({})
            try:
                self._read_line(pairs(line, is_strict=self._is_strict), found[-1], row)
            except BrokenLineError as error:
                wrong[place] = str(error)
        return found, wrong

    def _read_line(
        self, fields: Iterable[tuple[str, bytes]], found: dict[str, str], row: int
    ) -> None:
        for key, value in fields:
            label = self._label_of.get(key)
            if label is None or (key not in self._labels and self._names.is_taken(key, row)):
                continue
            target = self._names.target(label, row)
            if target != label and (label in found or self._names.is_taken(target, row)):
                return
            found[label] = _text(value)

    def _set(self, rows: Rows, label: str, column: Column, *, is_in_stream: bool) -> Rows:
        """Rows with a label, which is called something else where it is the entry's already."""
        metadata = rows.metadata.get(label)
        mask = np.full(len(rows), is_in_stream)
        if metadata is not None:
            mask |= metadata.present()
        if not mask.all():
            empty = constant("", len(rows))
            if self._complete is not None:
                empty = empty.without(self._complete)
            rows = rows.set_parsed(label, column.over(empty).without(mask))
        name = f"{label}{DUPLICATE_SUFFIX}"
        if mask.any() and self._hints.wants(name):
            rows = rows.set_parsed(name, column.without(~mask))
        return rows


def _text(value: bytes) -> str:
    text = decoded(value)
    return "" if REPLACEMENT in text else text
