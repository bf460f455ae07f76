"""`| json label="path", …`: values at paths become labels (Loki 3, parser.go).

Each path makes a label in each row, empty where there is nothing. Unlike with a bare `json`, a
label that another parser found before is set anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, coded, constant, scattered
from appliance.lines.json_path import path_values
from appliance.lines.json_path_fields import json_path_fields
from appliance.lines.path_expression import parse_json_path
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.extraction import Names, with_failures
from appliance.logql.stages.structured import JSON_ERROR, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.lines.json_path import Path
    from appliance.logql.ast import Json
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

_STARTS = (b'"', b"{", b"[")


def compile_json_paths(stage: Json, hints: Hints) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: A path that is none, in Loki's words.
    """
    paths = [parse_json_path(item.expression) for item in stage.expressions]
    labels = [item.label for item in stage.expressions]

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        return _with_values(rows, labels, paths, Names(rows, hints).complete())

    return run


def _with_values(
    rows: Rows,
    labels: Sequence[str],
    paths: Sequence[Path],
    complete: NDArray[np.bool_] | None,
) -> Rows:
    """Rows with the values.

    complete: Rows that are not looked at, as they have all that is required: bool[row].
    """
    lines, index = lines_of(rows)
    columns, irregular = json_path_fields(lines.text, lines.offsets, index, paths)
    found: list[dict[int, str]] = []
    wrong: dict[int, str] = {}
    is_read = np.ones(len(rows), dtype=bool)
    if complete is not None:
        is_read = ~complete
        irregular = irregular[is_read[irregular]]
        columns = [column.without(complete) for column in columns]
    for place, line in enumerate(rows.take(irregular).line_list()):
        values: dict[int, str] = {}
        if line.startswith(_STARTS):
            values, fault = path_values(line, paths)
            if fault is not None:
                wrong[place] = fault
        else:
            is_read[irregular[place]] = False
            if line:
                wrong[place] = ""
        found.append(values)
    stream = {name for name, _ in rows.chunk.labels}
    missing = np.full(len(rows), len(labels))
    for number, label in enumerate(labels):
        alone = coded([values.get(number) for values in found])
        column = scattered(alone, irregular, len(rows)).over(columns[number])
        missing -= column.present()
        rows = _set(rows, label, column, is_in_stream=label in stream)
    rows = _filled(rows, labels, is_read & (missing > 0))
    return with_failures(rows, irregular, wrong, JSON_ERROR) if wrong else rows


def _set(rows: Rows, label: str, column: Column, *, is_in_stream: bool) -> Rows:
    """Rows with a label, which is called something else where it is the entry's already."""
    if is_in_stream:
        return rows.set_parsed(f"{label}{DUPLICATE_SUFFIX}", column)
    metadata = rows.metadata.get(label)
    if metadata is None:
        return rows.set_parsed(label, column)
    mask = metadata.present()
    rows = rows.set_parsed(f"{label}{DUPLICATE_SUFFIX}", column.without(~mask))
    return rows.set_parsed(label, column.without(mask))


def _filled(rows: Rows, labels: Sequence[str], is_incomplete: NDArray[np.bool_]) -> Rows:
    """Rows in which every label has a value, be it empty.

    is_incomplete: Where something is missing: bool[row].
    """
    for label in labels:
        column = rows.column(label)
        empty = constant("", len(rows)).without(~is_incomplete)
        if column is not None:
            empty = empty.without(column.present())
        if empty.any():
            rows = rows.set_parsed(label, empty)
    return rows
