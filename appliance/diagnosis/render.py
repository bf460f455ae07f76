"""Findings as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from appliance.config.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem


def render_text(problems: Sequence[Problem]) -> str:
    """Findings for people: a line each, help below, and a count."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    count = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    return "\n".join([*(problem.render() for problem in problems), count])


def render_json(problems: Sequence[Problem]) -> bytes:
    """Findings for machines: `{"problems": […], "errors": n, "warnings": n}`."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    document = {
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [problem.as_json() for problem in problems],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
