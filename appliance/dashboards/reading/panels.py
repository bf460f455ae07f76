"""Panels: old ones become new ones, then all are read alike."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import flag, integer, mapping, sequence, text
from appliance.dashboards.model import (
    PANEL_TYPES,
    UNSUPPORTED,
    Grid,
    Panel,
    Repeat,
    Severity,
)
from appliance.dashboards.old import graph, heatmap, plugins, singlestat, table
from appliance.dashboards.reading.defaults import CUSTOM, OPTIONS
from appliance.dashboards.reading.field_config import merged, read_field_config
from appliance.dashboards.reading.links import read_links
from appliance.dashboards.reading.scope import Place, Scope
from appliance.dashboards.reading.targets import read_targets
from appliance.dashboards.reading.transformations import read_transformations

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.dashboards.model import Path

Json = dict[str, Any]
COLUMNS = 24
#: Rows of the grid; nothing sensible is higher.
_HIGHEST = 200
_NAMES = {
    "heatmap-new": "heatmap",
    "timeseries2": "timeseries",
    "text2": "text",
    "trace": "traces",
    "nodegraph": "nodeGraph",
    "alertGroups": "alertlist",
}
_OLD: dict[str, Callable[[Json], Json]] = {
    "graph": graph.from_graph,
    "singlestat": singlestat.from_singlestat,
    "grafana-singlestat-panel": singlestat.from_singlestat,
    "stat": singlestat.with_reduce_options,
    "gauge": singlestat.with_reduce_options,
    "bargauge": singlestat.with_reduce_options,
    "table-old": table.from_table,
    "grafana-piechart-panel": plugins.from_piechart,
    "natel-discrete-panel": plugins.from_discrete,
    "text": plugins.from_text,
    "alertlist": plugins.from_alert_list,
    "dashlist": plugins.from_dashboard_list,
}
#: Why panels that Grafana brings along are not drawn.
_REASONS = {
    "news": "feeds from elsewhere are not fetched: pages ask nobody but this server",
    "geomap": "maps need pictures from elsewhere",
    "grafana-worldmap-panel": "maps need pictures from elsewhere",
    "canvas": "free drawings are not supported",
    "candlestick": "open-high-low-close charts are not supported",
    "flamegraph": "there are no profiles here",
    "datagrid": "tables that are edited by hand are not supported",
    "live": "streams are not supported",
    "debug": "it is for Grafana's developers",
    "welcome": "it is about Grafana itself",
    "gettingstarted": "it is about Grafana itself",
    "pluginlist": "it is about Grafana itself",
}
_MISSING = "no type"


def read_panel(item: Json, scope: Scope, path: Path, used: set[int]) -> Panel:
    """One panel that is no row.

    Args:
        used: Ids of panels so far; gets this one's.
    """
    whole, library = _whole(item, scope)
    written = text(whole.get("type")) or _MISSING
    given = _modern(whole, written)
    kind = text(given.get("type"))
    number = _unique(integer(item.get("id")), used)
    place = Place(path, number, text(given.get("title")))
    if number != integer(item.get("id")) and integer(item.get("id")) is not None:
        message = f"another panel has the id {item.get('id')}, too; here it is {number}"
        scope.tell("duplicate-id", message, place=place)
    reason = "" if kind in PANEL_TYPES else _reason(written, library, item)
    if reason:
        scope.tell("panel-type", reason, place=place, severity=Severity.ERROR)
    if mapping(given.get("alert")):
        message = "its alert rule is not taken over: alerts come from rule files"
        scope.tell("panel-alert", message, place=place, severity=Severity.INFO)
    for message in graph.not_shown(whole) if written == "graph" else ():
        scope.tell("option", message, place=place)
    inner = dataclasses.replace(scope, findings=[]) if reason else scope
    panel = _panel(given, inner, place, "" if reason else kind)
    return dataclasses.replace(
        panel,
        grid=read_grid(item.get("gridPos")),
        source_type=written,
        library=library,
        reason=reason,
        path=path,
    )


def read_grid(value: object) -> Grid:
    """A place within the 24 columns; `y` counts from the dashboard's top."""
    given = mapping(value)
    width = min(max(integer(given.get("w")) or COLUMNS // 2, 1), COLUMNS)
    height = min(max(integer(given.get("h")) or 8, 1), _HIGHEST)
    x = min(max(integer(given.get("x")) or 0, 0), COLUMNS - width)
    return Grid(x, max(integer(given.get("y")) or 0, 0), width, height)


def read_repeat(item: Json) -> Repeat | None:
    """For which variable something is shown again and again."""
    variable = text(item.get("repeat")).strip("$")
    if not variable:
        return None
    narrowest = integer(item.get("minSpan"))
    most = integer(item.get("maxPerRow")) or (COLUMNS // narrowest if narrowest else 4)
    direction = "v" if text(item.get("repeatDirection")) == "v" else "h"
    return Repeat(variable, direction, min(max(most, 1), COLUMNS))


def _panel(given: Json, scope: Scope, place: Place, kind: str) -> Panel:
    """Everything but what depends on the file's own form of the panel.

    Args:
        kind: Empty when it cannot be shown.
    """
    targets = sequence(given.get("targets"))
    first = next((one for one in targets if isinstance(one, dict)), None)
    source = scope.sources.find(given.get("datasource"), first)
    return Panel(
        id=place.panel_id or 0,
        type=kind or UNSUPPORTED,
        source_type="",
        title=place.panel_title,
        grid=Grid(0, 0, COLUMNS, 1),
        datasource=source,
        description=text(given.get("description")),
        transparent=flag(given.get("transparent")),
        repeat=read_repeat(given),
        targets=read_targets(targets, source, scope, place),
        field_config=read_field_config(given.get("fieldConfig"), CUSTOM.get(kind)),
        options=_options(OPTIONS.get(kind, {}), mapping(given.get("options"))),
        transformations=read_transformations(given.get("transformations"), scope, place),
        links=read_links(given.get("links")),
        max_data_points=_points(given.get("maxDataPoints")),
        interval=text(given.get("interval")),
        time_from=text(given.get("timeFrom")),
        time_shift=text(given.get("timeShift")),
        hide_time_override=flag(given.get("hideTimeOverride")),
    )


def _whole(item: Json, scope: Scope) -> tuple[Json, str]:
    """A panel with what the library panel that it refers to has, and that one's name."""
    library = mapping(item.get("libraryPanel"))
    if not library:
        return item, ""
    uid = text(library.get("uid"))
    model = mapping(library.get("model")) or mapping(scope.elements.get(uid))
    name = text(library.get("name")) or uid
    own = {key: value for key, value in item.items() if key != "libraryPanel" and value != ""}
    return {**model, **own, "type": model.get("type") or item.get("type")}, name


def _modern(panel: Json, written: str) -> Json:
    """The panel in the form of Grafana 9 and later."""
    kind = _NAMES.get(written, written)
    panel = {**panel, "type": kind}
    if kind == "table" and table.is_old(panel):
        kind = "table-old"
    if kind == "heatmap" and heatmap.is_old(panel):
        return heatmap.from_heatmap(panel)
    make = _OLD.get(kind)
    return make(panel) if make else panel


def _reason(written: str, library: str, item: Json) -> str:
    if library and not text(item.get("type")) and written in {_MISSING, "library-panel-ref"}:
        return f"it is the library panel {library!r}, which is not part of the file"
    if written == "library-panel-ref":
        return "it is a library panel, which is not part of the file"
    if written == _MISSING:
        return "it has no type"
    said = _REASONS.get(written, "it is not part of Grafana itself, and not known here")
    return f"panels of type {written!r} are not shown: {said}"


def _options(base: Json, given: Json) -> Json:
    """Options over the type's defaults; a legend that is hidden is one way only."""
    legend = given.get("legend")
    if isinstance(legend, bool):
        given = {**given, "legend": {"showLegend": legend}}
    elif isinstance(legend, dict) and legend.get("displayMode") == "hidden":
        given = {**given, "legend": {**legend, "showLegend": False, "displayMode": "list"}}
    elif isinstance(legend, dict) and "asTable" in legend:
        mode = "table" if flag(legend["asTable"]) else "list"
        shown = flag(legend.get("isVisible"), default=True)
        given = {**given, "legend": {"displayMode": mode, "showLegend": shown, **legend}}
    return merged(base, given)


def _points(value: object) -> int | None:
    found = integer(value)
    return found if found is not None and found > 0 else None


def _unique(wanted: int | None, used: set[int]) -> int:
    """The id a file gives, or the next that is free."""
    found = wanted if wanted is not None and wanted not in used else max(used, default=0) + 1
    used.add(found)
    return found
