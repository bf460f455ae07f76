"""`| unpack`: lines and labels that promtail's pack stage put together (Loki 3, parser.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import coded
from appliance.lines.json_line import BrokenLineError, packed_fields
from appliance.lines.label_name import sanitized
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.extraction import Names, with_failures
from appliance.logql.stages.structured import JSON_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

_NOT_AN_OBJECT = "expecting json object(6), but it is not"


def compile_unpack(hints: Hints) -> Callable[[Rows], Rows]:
    """The stage as a function of rows."""

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        return _Unpacking(rows, hints).run()

    return run


class _Unpacking:
    """One run of the stage."""

    def __init__(self, rows: Rows, hints: Hints) -> None:
        self._rows = rows
        self._hints = hints
        self._stream = {name for name, _ in rows.chunk.labels}
        self._complete = Names(rows, hints).complete()
        self._labels: list[dict[str, str]] = []
        self._wrong: dict[int, str] = {}

    def run(self) -> Rows:
        lines = [self._unpacked(row, line) for row, line in enumerate(self._rows.line_list())]
        rows = self._rows.with_lines(lines)
        names = dict.fromkeys(name for labels in self._labels for name in labels)
        rows = rows.with_parsed(
            {name: coded([labels.get(name) for labels in self._labels]) for name in names}
        )
        if not self._wrong:
            return rows
        return with_failures(rows, np.arange(len(rows)), self._wrong, JSON_ERROR)

    def _unpacked(self, row: int, line: bytes) -> bytes:
        """The line that is packed in a line, whose labels are noted."""
        labels: dict[str, str] = {}
        self._labels.append(labels)
        if not line or (self._complete is not None and self._complete[row]):
            return line
        if not line.startswith(b"{"):
            self._wrong[row] = _NOT_AN_OBJECT
            return line
        try:
            fields, entry = packed_fields(line)
        except BrokenLineError as error:
            self._wrong[row] = str(error)
            return line
        if entry is None:
            return line
        for name, text in fields:
            target = self._target(name, row)
            if target is not None and sanitized(target):
                labels[sanitized(target)] = text
        return entry

    def _target(self, name: str, row: int) -> str | None:
        """What a label is called in a row; None: it is of no interest, or there already."""
        column = self._rows.metadata.get(name)
        if name in self._stream or (column is not None and column.get(row) is not None):
            name = f"{name}{DUPLICATE_SUFFIX}"
        if not self._hints.wants(name):
            return None
        before, gone = self._rows.parsed.get(name), self._rows.extracted.get(name)
        if before is not None and before.get(row) is not None:
            return None
        return None if gone is not None and gone[row] else name
