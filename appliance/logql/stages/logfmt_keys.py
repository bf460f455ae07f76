"""`| logfmt label="key", …`: values of keys become labels (Loki 3, parser.go).

Each label is set in each row, empty where the key is missing, also over one that another parser
found. A key that itself is called like one of the labels counts too; the last one holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.lines.column import Column, coded, constant
from appliance.lines.json_line import BrokenLineError
from appliance.lines.label_name import REPLACEMENT, decoded
from appliance.lines.logfmt_line import pairs
from appliance.lines.path_expression import parse_logfmt_key
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.extraction import with_failures
from appliance.logql.stages.structured import LOGFMT_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        return _with_values(rows, label_of, hints, is_strict=stage.is_strict)

    return run


def _with_values(rows: Rows, label_of: Mapping[str, str], hints: Hints, *, is_strict: bool) -> Rows:
    labels = list(dict.fromkeys(label_of.values()))
    found: list[dict[str, str]] = []
    wrong: dict[int, str] = {}
    for row, line in enumerate(rows.line_list()):
        values: dict[str, str] = {}
        found.append(values)
        try:
            for name, value in pairs(line, is_strict=is_strict):
                label = label_of.get(name)
                if label is not None:
                    values[label] = _text(value)
        except BrokenLineError as error:
            wrong[row] = str(error)
    stream = {name for name, _ in rows.chunk.labels}
    for label in labels:
        column = coded([values.get(label) for values in found])
        rows = _set(rows, label, column, hints, is_in_stream=label in stream)
    return with_failures(rows, np.arange(len(rows)), wrong, LOGFMT_ERROR) if wrong else rows


def _text(value: bytes) -> str:
    text = decoded(value)
    return "" if REPLACEMENT in text else text


def _set(rows: Rows, label: str, column: Column, hints: Hints, *, is_in_stream: bool) -> Rows:
    """Rows with a label, which is called something else where it is the entry's already."""
    metadata = rows.metadata.get(label)
    mask = np.full(len(rows), is_in_stream)
    if metadata is not None:
        mask |= metadata.present()
    if not mask.all():
        free = column.over(constant("", len(rows))).without(mask)
        rows = rows.set_parsed(label, free)
    name = f"{label}{DUPLICATE_SUFFIX}"
    if mask.any() and hints.wants(name):
        rows = rows.set_parsed(name, column.without(~mask))
    return rows
