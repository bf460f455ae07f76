"""Findings for code hosts: SARIF (Static Analysis Results Interchange Format, OASIS, 2.1.0)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from appliance import __version__
from appliance.config.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.config.problem import Problem

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(problems: Sequence[Problem]) -> bytes:
    """One run of one tool; kinds of findings are its rules."""
    codes = list(dict.fromkeys(problem.code for problem in problems))
    driver = {
        "name": "appliance check",
        "version": __version__,
        "rules": [{"id": code} for code in codes],
    }
    results = [_result(problem, codes.index(problem.code)) for problem in problems]
    run = {"tool": {"driver": driver}, "results": results}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    subject = f"{problem.path}: " if problem.path else ""
    help_ = f"\nhelp: {problem.hint}" if problem.hint else ""
    place: dict[str, Any] = {"artifactLocation": {"uri": Path(problem.file).as_posix()}}
    if problem.line:
        place["region"] = {"startLine": problem.line, "startColumn": max(problem.column, 1)}
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{subject}{problem.message}{help_}"},
        "locations": [{"physicalLocation": place}],
    }
