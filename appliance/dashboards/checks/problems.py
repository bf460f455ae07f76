"""Everything that is wrong with a dashboard, or not supported: what pages and checks show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dashboards.checks.queries import judge_queries
from appliance.dashboards.interpolate import names_in
from appliance.dashboards.loose import mapping, sequence, text
from appliance.dashboards.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from appliance.dashboards.model import Dashboard, Panel, Variable

#: Types that show nothing without a query.
_WITHOUT_QUERIES = frozenset(["text", "dashlist", "annolist", "alertlist", "unsupported"])
_WITH_UNITS = frozenset(["timeseries", "stat", "gauge", "bargauge"])
#: Calculations that a chart's legend shows, with Grafana's names for the same.
_LEGEND_CALCS = frozenset(
    [
        *("last", "lastNotNull", "first", "firstNotNull"),
        *("min", "max", "mean", "sum", "count", "diff", "delta", "range"),
    ]
)
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def find_problems(dashboard: Dashboard, findings: Iterable[Finding] = ()) -> list[Finding]:
    """All findings, the worst first, then panel by panel.

    Args:
        findings: What was found while the dashboard was read.
    """
    found = [
        *findings,
        *judge_queries(dashboard),
        *_judge_variables(dashboard),
        *(finding for panel in dashboard.panels() for finding in _judge_panel(panel)),
        *_judge_repeats(dashboard),
    ]
    order = {panel.id: index for index, panel in enumerate(dashboard.panels())}

    def rank(finding: Finding) -> tuple[int, int]:
        at = -1 if finding.panel_id is None else order.get(finding.panel_id, -1)
        return _WEIGHT[finding.severity], at

    return sorted(dict.fromkeys(found), key=rank)


def _judge_panel(panel: Panel) -> Iterator[Finding]:
    if panel.type in _WITHOUT_QUERIES:
        return
    yield from _judge_legend(panel)
    if not panel.targets:
        message = "it has no query"
        yield _of_panel(panel, "no-query", Severity.WARNING, message, "add a query")
    asks_metrics = any(one.language == "promql" and not one.hide for one in panel.targets)
    if panel.type in _WITH_UNITS and asks_metrics and not _has_unit(panel):
        hint = "set a unit; `none` says that there is none"
        yield _of_panel(panel, "no-unit", Severity.INFO, "its values have no unit", hint)


def _judge_legend(panel: Panel) -> Iterator[Finding]:
    """Calculations that charts do not show."""
    calcs = sequence(mapping(panel.options.get("legend")).get("calcs"))
    if panel.type == "piechart":
        return
    if unknown := [text(one) for one in calcs if text(one) not in _LEGEND_CALCS]:
        message = f"its legend does not show {', '.join(unknown)}"
        yield _of_panel(panel, "option", Severity.WARNING, message)


def _has_unit(panel: Panel) -> bool:
    config = panel.field_config
    properties = (one for override in config.overrides for one in override.properties)
    return bool(config.defaults.unit) or any(one.id == "unit" for one in properties)


def _of_panel(panel: Panel, code: str, severity: Severity, message: str, hint: str = "") -> Finding:
    return Finding(code, severity, message, hint, panel.id, panel.title, "", panel.path)


def _judge_repeats(dashboard: Dashboard) -> Iterator[Finding]:
    """Things that are repeated for a variable that is not there."""
    names = {variable.name for variable in dashboard.variables}
    for panel in dashboard.panels():
        if panel.repeat and panel.repeat.variable not in names:
            message = f"it is repeated for {panel.repeat.variable!r}, which is no variable"
            yield _of_panel(panel, "unknown-variable", Severity.WARNING, message)
    for row in dashboard.rows:
        if row.repeat and row.repeat.variable not in names:
            message = f"row {row.title!r} is repeated for {row.repeat.variable!r}, no variable"
            yield Finding("unknown-variable", Severity.WARNING, message)


def _judge_variables(dashboard: Dashboard) -> Iterator[Finding]:
    """Variables that need each other's values in a circle."""
    by_name = {variable.name: variable for variable in dashboard.variables}
    needs = {name: _needed(one) & by_name.keys() for name, one in by_name.items()}
    settled: set[str] = set()
    while True:
        ready = {name for name in needs if name not in settled and needs[name] <= settled}
        if not ready:
            break
        settled |= ready
    circle = [name for name in needs if name not in settled]
    if circle:
        names = ", ".join(f"${name}" for name in circle)
        message = f"variables need each other's values: {names}"
        hint = "take one of them out of the other's query"
        path = by_name[circle[0]].path
        yield Finding("variable-cycle", Severity.ERROR, message, hint, path=path)


def _needed(variable: Variable) -> set[str]:
    """Names of the variables whose values a variable's query has."""
    query = variable.query
    texts = [variable.regex]
    if query is not None:
        texts += [query.label, query.selector, query.expr]
    found = {name for text in texts for name in names_in(text)}
    if variable.datasource is not None:
        found.add(variable.datasource.variable)
    return found
