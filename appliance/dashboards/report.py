"""Findings of a dashboard as findings about its file: with line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.problem import Problem
from appliance.config.problem import Severity as Weight
from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.positions import line_and_column, offsets_of
from appliance.dashboards.reading.document import read_dashboard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.dashboards.datasources import Sources
    from appliance.dashboards.model import Dashboard, Finding


def broken(error: BadInput, data: bytes, file: str) -> Problem:
    """The finding about a file that is no dashboard."""
    line, column = 1, 1
    if error.position is not None:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        line, column = line_and_column(text, error.position)
    return Problem(file, line, column, "", error.message, "dashboard")


def duplicate(data: bytes, file: str, uid: str, other: object) -> Problem:
    """The finding about a dashboard whose uid another has."""
    text = data.decode("utf-8-sig", "replace")
    at = text.find(f'"{uid}"')
    place = line_and_column(text, max(at, 0))
    message = f"uid {uid!r} is that of {other}, too; only one of them is shown"
    hint = "give one of them another uid"
    return Problem(file, *place, "", message, "duplicate-uid", hint=hint)


def check_dashboard(
    data: bytes, file: str, *, name: str = "", sources: Sources | None = None
) -> tuple[Dashboard | None, list[Problem]]:
    """Judge a file: the dashboard if it is one, and all that is wrong with it."""
    try:
        reading = read_dashboard(data, name=name, sources=sources)
    except BadInput as error:
        return None, [broken(error, data, file)]
    found = find_problems(reading.dashboard, reading.findings)
    return reading.dashboard, as_problems(found, data, file)


def as_problems(findings: Sequence[Finding], data: bytes, file: str) -> list[Problem]:
    """The same findings, with their places in a file."""
    text = data.decode("utf-8-sig", "replace")
    offsets = offsets_of(text, {finding.path for finding in findings})
    return [_problem(one, text, offsets.get(one.path, 0), file) for one in findings]


def _problem(finding: Finding, text: str, offset: int, file: str) -> Problem:
    subject = ""
    if finding.panel_id is not None:
        title = f" {finding.panel_title!r}" if finding.panel_title else ""
        query = f" query {finding.ref_id}" if finding.ref_id else ""
        subject = f"panel {finding.panel_id}{title}{query}"
    place = line_and_column(text, offset)
    weight = Weight(finding.severity.value)
    return Problem(file, *place, subject, finding.message, finding.code, weight, finding.hint)
