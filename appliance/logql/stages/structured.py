"""`| json` and `| logfmt` without expressions: every field becomes a label (Loki 3, parser.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, Fields
from appliance.lines.json_fields import json_fields
from appliance.lines.json_line import walk
from appliance.lines.label_name import value_text
from appliance.lines.logfmt_fields import logfmt_fields
from appliance.lines.logfmt_line import pairs
from appliance.logql.stages.extraction import Parser, extracted
from appliance.model.log import PlainLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from appliance.logql.ast import Logfmt
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

JSON_ERROR, LOGFMT_ERROR = "JSONParserErr", "LogfmtParserErr"


def compile_json(hints: Hints, only: frozenset[str] | None = None) -> Callable[[Rows], Rows]:
    """`| json` as a function of rows.

    only: Labels without which nobody will miss the others; None means all. Unlike with hints,
        lines are read to their end.
    """
    enters = None if hints.required is None else hints.leads
    parser = Parser(lambda line: walk(line, enters), JSON_ERROR)
    names = hints.required if only is None else only

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        fields = _stored(rows, "json", names)
        if fields is None:
            lines, index = lines_of(rows)
            fields = json_fields(lines.text, lines.offsets, index, names=names)
        return extracted(rows, fields, parser, hints)

    return run


def compile_logfmt(
    stage: Logfmt, hints: Hints, only: frozenset[str] | None = None
) -> Callable[[Rows], Rows]:
    """`| logfmt` as a function of rows; see `compile_json`."""
    is_strict, keeps_empty = stage.is_strict, stage.keeps_empty

    def read(line: bytes) -> Iterator[tuple[str, str]]:
        for name, value in pairs(line, is_strict=is_strict):
            if value or keeps_empty:
                yield name, value_text(value)

    parser = Parser(read, LOGFMT_ERROR)
    names = hints.required if only is None else only

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        fields = None if keeps_empty else _stored(rows, "logfmt", names)
        if fields is None:
            lines, index = lines_of(rows)
            fields = logfmt_fields(
                lines.text, lines.offsets, index, names=names, keeps_empty=keeps_empty
            )
        return extracted(rows, fields, parser, hints)

    return run


def lines_of(rows: Rows) -> tuple[PlainLines, NDArray[np.int64] | None]:
    """The lines of rows, and which of them (None: all)."""
    if rows.lines is not None:
        return PlainLines.of(rows.lines), None
    return PlainLines(rows.chunk.text, rows.chunk.offsets), None if rows.is_whole else rows.index


def _stored(rows: Rows, parser: str, names: frozenset[str] | None) -> Fields | None:
    """What the store keeps beside the lines, of these rows; None: they have to be parsed."""
    if rows.lines is not None or names is None:
        return None
    fields = rows.chunk.lines.fields(parser, names)
    if fields is None or rows.is_whole:
        return fields
    is_irregular = np.zeros(len(rows.chunk), dtype=bool)
    is_irregular[fields.irregular] = True
    columns: dict[str, Column] = {
        name: column.take(rows.index) for name, column in fields.columns.items()
    }
    return Fields(columns, np.flatnonzero(is_irregular[rows.index]))
