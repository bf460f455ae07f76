"""`| logfmt label="key", …`: values of keys become labels (Loki 3, parser.go).

Each label is set in each row, empty where the key is missing, also over one that another parser
found. A key that itself is called like one of the labels counts too; the last one holds.
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
from appliance.logql.stages.extraction import with_failures
from appliance.logql.stages.structured import LOGFMT_ERROR, lines_of

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
    lines, index = lines_of(rows)
    fields = logfmt_fields(
        lines.text, lines.offsets, index, names=label_of.keys(), keeps_empty=True
    )
    columns: dict[str, Column] = {}
    is_irregular = np.zeros(len(rows), dtype=bool)
    is_irregular[fields.irregular] = True
    for name, column in fields.columns.items():
        before = columns.get(label_of[name], absent(len(rows)))
        is_irregular |= before.present() & column.present()  # the last of them in the line holds
        columns[label_of[name]] = column.over(before)
    irregular = np.flatnonzero(is_irregular)
    found: list[dict[str, str]] = []
    wrong: dict[int, str] = {}
    for place, line in enumerate(rows.take(irregular).line_list()):
        found.append({})
        try:
            for name, value in pairs(line, is_strict=is_strict):
                label = label_of.get(name)
                if label is not None:
                    found[-1][label] = _text(value)
        except BrokenLineError as error:
            wrong[place] = str(error)
    stream = {name for name, _ in rows.chunk.labels}
    for label in dict.fromkeys(label_of.values()):
        alone = scattered(coded([texts.get(label) for texts in found]), irregular, len(rows))
        regular = columns.get(label, absent(len(rows))).without(is_irregular)
        rows = _set(rows, label, alone.over(regular), hints, is_in_stream=label in stream)
    return with_failures(rows, irregular, wrong, LOGFMT_ERROR) if wrong else rows


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
