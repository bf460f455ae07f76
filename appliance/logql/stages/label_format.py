"""`| label_format a=b, c="…"`: labels renamed, or made by templates (Loki 3, pkg/logql/log/fmt.go).

Templates of one stage see the labels as they were before the first of them, with what had been
renamed until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.logql.rows import ERROR
from appliance.logql.stages.line_format import with_failures
from appliance.logql.templates.reading import Reads
from appliance.logql.templates.template import LogTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.logql.ast import LabelFormat, LabelFormatItem
    from appliance.logql.rows import Rows


def label_templates(stage: LabelFormat) -> list[LogTemplate | None]:
    """The template of each item; None for a rename.

    Raises:
        BadInput: A label twice, `__error__`, or `invalid template for label 'a': …`.
    """
    names: set[str] = set()
    for item in stage.items:
        if item.label == ERROR:
            raise BadInput(f"{ERROR} cannot be formatted")
        if item.label in names:
            message = f"multiple label name '{item.label}' not allowed in a single format operation"
            raise BadInput(message)
        names.add(item.label)
    return [_template(item) for item in stage.items]


def _template(item: LabelFormatItem) -> LogTemplate | None:
    if not item.is_template:
        return None
    try:
        return LogTemplate("label", item.value)
    except BadInput as error:
        message = f"invalid template for label '{item.label}': {error.message}"
        raise BadInput(message) from error


def label_format_reads(stage: LabelFormat) -> Reads:
    """What the stage reads."""
    found = Reads()
    for item, template in zip(stage.items, label_templates(stage), strict=True):
        found |= Reads(frozenset([item.value])) if template is None else template.reads
    return found


def compile_label_format(stage: LabelFormat) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: As `label_templates`.
    """
    pairs = list(zip(stage.items, label_templates(stage), strict=True))

    def run(rows: Rows) -> Rows:
        return _formatted(rows, pairs)

    return run


def _formatted(rows: Rows, pairs: Sequence[tuple[LabelFormatItem, LogTemplate | None]]) -> Rows:
    seen: Rows | None = None
    for item, template in pairs:
        if template is None:
            rows = rows.renamed(item.value, item.label)
            continue
        if seen is None:
            seen = rows
        column, failures = template.column(seen)
        rows = rows.set_parsed(item.label, column)
        if failures is not None:
            rows = with_failures(rows, failures)
    return rows
