"""Findings as text and as JSON, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from appliance.config.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem


def render_text(problems: Sequence[Problem]) -> str:
    """Findings for people: a line each, help below, and a count."""
    errors, warnings, infos = counts(problems)
    count = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    if infos:
        count += f", {infos} remark{'s' * (infos != 1)}"
    return "\n".join([*(problem.render() for problem in problems), count])


def render_json(problems: Sequence[Problem]) -> bytes:
    """Findings for machines: `{"problems": […], "errors": n, "warnings": n, "infos": n}`."""
    errors, warnings, infos = counts(problems)
    document = {
        "errors": errors,
        "warnings": warnings,
        "infos": infos,
        "problems": [problem.as_json() for problem in problems],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def counts(problems: Sequence[Problem]) -> tuple[int, int, int]:
    """How many errors, warnings and remarks there are."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    infos = sum(problem.severity is Severity.INFO for problem in problems)
    return errors, len(problems) - errors - infos, infos
