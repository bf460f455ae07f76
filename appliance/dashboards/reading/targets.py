"""Queries of panels and annotations: what language they are in, and what goes with them."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import flag, integer, text
from appliance.dashboards.model import Datasource, Engine, Severity, Target
from appliance.dashboards.reading.trace_search import from_filters, from_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.dashboards.reading.scope import Place, Scope

_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}|\$\w+|\$\{[^}]+\}")
_FORMATS = frozenset(["time_series", "table", "heatmap", "logs", "traces"])
_USUAL = frozenset(["refId", "datasource", "hide", "key", "expr", "query", "datasourceUid"])
#: Parts of a query that are taken as they are.
_COMMON = frozenset(["limit", "queryType", "panelId", "withTransforms", "interval"])


def read_targets(
    items: Sequence[Any], datasource: Datasource, scope: Scope, place: Place
) -> tuple[Target, ...]:
    """The queries of a panel.

    Args:
        datasource: The panel's, for queries that name none.
        place: The panel's.
    """
    found = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            continue
        ref_id = text(item.get("refId")) or _letter(index)
        at = dataclasses.replace(place, path=(*place.path, "targets", index), ref_id=ref_id)
        target = dataclasses.replace(read_target(item, datasource, scope), ref_id=ref_id)
        if target.reason and not target.hide:
            code = "datasource" if target.datasource.reason else "query-kind"
            scope.tell(code, target.reason, place=at, severity=Severity.ERROR)
        found.append(dataclasses.replace(target, path=at.path))
    return tuple(found)


def read_target(item: Mapping[str, Any], datasource: Datasource, scope: Scope) -> Target:
    """One query; its `ref_id` may be empty."""
    own = item.get("datasource")
    source = datasource
    if own is not None or datasource.engine is Engine.MIXED:
        source = scope.sources.find(own, item)
    elif not (datasource.type or datasource.uid):
        source = scope.sources.find(None, item)
    read = _READERS.get(source.engine, _none)
    found = read(item, source)
    return dataclasses.replace(
        found,
        ref_id=text(item.get("refId")),
        hide=flag(item.get("hide")),
        reason=found.reason or source.reason,
    )


def _metrics(item: Mapping[str, Any], source: Datasource) -> Target:
    instant, over_range = flag(item.get("instant")), item.get("range")
    form = text(item.get("format"), "time_series")
    return Target(
        "",
        source,
        "promql",
        expr=text(item.get("expr")) or text(item.get("query")),
        legend_format=text(item.get("legendFormat")),
        instant=instant,
        range=flag(over_range, default=not instant) or not instant,
        format=form if form in _FORMATS else "time_series",
        interval=text(item.get("interval")),
        interval_factor=max(integer(item.get("intervalFactor")) or 1, 1),
        exemplar=flag(item.get("exemplar")),
    )


def _logs(item: Mapping[str, Any], source: Datasource) -> Target:
    kind = text(item.get("queryType"))
    expr = text(item.get("expr")) or text(item.get("query"))
    is_lines = expr.lstrip().startswith("{")
    direction = text(item.get("direction"))
    return Target(
        "",
        source,
        "logql",
        expr=expr,
        legend_format=text(item.get("legendFormat")),
        instant=kind == "instant" or (not kind and flag(item.get("instant"))),
        range=kind != "instant" and not (not kind and flag(item.get("instant"))),
        format="logs" if is_lines else "time_series",
        interval=text(item.get("step")) or text(item.get("interval")),
        interval_factor=max(integer(item.get("resolution")) or 1, 1),
        query_type=kind,
        direction=direction if direction in {"forward", "backward"} else "",
        limit=integer(item.get("maxLines")),
    )


def _traces(item: Mapping[str, Any], source: Datasource) -> Target:
    kind = text(item.get("queryType"))
    query = text(item.get("query")).strip()
    common = Target(
        "",
        source,
        "traceql",
        legend_format=text(item.get("legendFormat")),
        format="traces",
        interval=text(item.get("step")),
        query_type=kind,
        limit=integer(item.get("limit")),
        parameters=_parameters(item),
    )
    change = dataclasses.replace
    if kind in {"serviceMap", "dependencyGraph"}:
        filters = text(item.get("serviceMapQuery"))
        return change(common, language="serviceMap", expr=filters)
    if kind == "upload":
        return change(common, language="", reason="uploaded traces are not part of a dashboard")
    if kind == "traceqlSearch":
        return change(common, expr=from_filters(item))
    if kind in {"search", "nativeSearch"}:
        return change(common, expr=from_form(item))
    is_id = bool(query and _TRACE_ID.fullmatch(query))
    return change(common, language="trace" if is_id else "traceql", expr=query)


def _alerts(item: Mapping[str, Any], source: Datasource) -> Target:
    expr = text(item.get("expr")) or text(item.get("filters"))
    return Target("", source, "alerts", expr=expr, format="table", parameters=_parameters(item))


def _of_panel(item: Mapping[str, Any], source: Datasource) -> Target:
    panel = integer(item.get("panelId"))
    reason = "" if panel is not None else "no panel is named whose answer is to be taken"
    with_transforms = flag(item.get("withTransforms"))
    return Target(
        "", source, "panel", panel_id=panel, with_transforms=with_transforms, reason=reason
    )


def _grafana(item: Mapping[str, Any], source: Datasource) -> Target:
    kind = text(item.get("queryType")) or "random walk"
    if kind in {"annotations", "alerts"}:
        return Target("", source, "alerts", format="table")
    reason = f"what Grafana itself makes up or keeps ({kind}) does not exist here"
    return Target("", source, "", query_type=kind, reason=reason)


def _test_data(item: Mapping[str, Any], source: Datasource) -> Target:
    scenario = text(item.get("scenarioId"), "random_walk")
    is_written = scenario in {"csv_content", "manual_entry", "raw_frame", "no_data_points"}
    reason = "" if is_written else f"made-up data ({scenario}) are not shown"
    return Target(
        "",
        source,
        "testdata" if is_written else "",
        query_type=scenario,
        parameters=_parameters(item),
        reason=reason,
    )


def _none(item: Mapping[str, Any], source: Datasource) -> Target:
    expr = text(item.get("expr")) or text(item.get("rawSql")) or text(item.get("query"))
    return Target("", source, "", expr=expr)


_READERS: dict[Engine, Callable[[Mapping[str, Any], Datasource], Target]] = {
    Engine.PROMETHEUS: _metrics,
    Engine.LOKI: _logs,
    Engine.TEMPO: _traces,
    Engine.ALERTMANAGER: _alerts,
    Engine.DASHBOARD: _of_panel,
    Engine.GRAFANA: _grafana,
    Engine.TESTDATA: _test_data,
}


def _parameters(item: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of a query beside what every query has."""
    return {name: item[name] for name in item if name not in _USUAL | _COMMON}


def _letter(index: int) -> str:
    """A, B … Z, then A1 …: names of queries that have none."""
    round_, letter = divmod(index, 26)
    return chr(ord("A") + letter) + (str(round_) if round_ else "")
