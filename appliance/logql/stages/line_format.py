"""`| line_format "…"`: lines made by a template (Loki 3, pkg/logql/log/fmt.go).

Where the template fails the line stays and `__error__` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.lines.column import Column, coded, scattered
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.templates.template import LogTemplate

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.logql.ast import LineFormat
    from appliance.logql.rows import Rows
    from appliance.logql.templates.reading import Reads
    from appliance.logql.templates.template import Failures

TEMPLATE_ERROR = "TemplateFormatErr"


def line_template(stage: LineFormat) -> LogTemplate:
    """The stage's template.

    Raises:
        BadInput: `invalid line template: template: line:1: …`.
    """
    try:
        return LogTemplate("line", stage.template)
    except BadInput as error:
        raise BadInput(f"invalid line template: {error.message}") from error


def line_format_reads(stage: LineFormat) -> Reads:
    """What the stage's template reads."""
    return line_template(stage).reads


def compile_line_format(stage: LineFormat) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: As `line_template`.
    """
    template = line_template(stage)
    # A template that is just a label never sees the error, as in Loki.
    is_blank = template.field in {ERROR, ERROR_DETAILS}

    def run(rows: Rows) -> Rows:
        if is_blank:
            return rows.with_lines([b""] * len(rows))
        lines, failures = template.lines(rows)
        if failures is None:
            return rows.with_lines(lines)
        before = rows.line_list()
        for row in np.flatnonzero(failures.mask).tolist():
            lines[row] = before[row]
        return with_failures(rows.with_lines(lines), failures)

    return run


def with_failures(rows: Rows, failures: Failures) -> Rows:
    """Rows with the errors of a template."""
    failing, count = np.flatnonzero(failures.mask), len(rows)
    errors = Column(np.zeros(len(failing), dtype=np.int32), (TEMPLATE_ERROR,))
    details = coded(failures.messages)
    return rows.with_errors(scattered(errors, failing, count), scattered(details, failing, count))
