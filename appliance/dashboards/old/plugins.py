"""Panels that were plugins, or whose options stood elsewhere: pies, states, texts, lists."""

from __future__ import annotations

from appliance.dashboards.loose import at, flag, integer, mapping, mappings, sequence, text, texts
from appliance.dashboards.old.parts import (
    CALCULATIONS,
    Json,
    fixed_color,
    override,
    value_maps,
    with_config,
)


def from_piechart(panel: Json) -> Json:
    """`grafana-piechart-panel`."""
    legend = mapping(panel.get("legend"))
    kind = text(panel.get("legendType"))
    values = ["percent"] * flag(legend.get("percentage")) + ["value"] * flag(legend.get("values"))
    on_graph = kind == "On graph"
    colors = [
        override(name, {"color": fixed_color(color)})
        for name, color in mapping(panel.get("aliasColors")).items()
        if isinstance(color, str)
    ]
    defaults: Json = {
        "unit": text(panel.get("format")),
        "decimals": integer(legend.get("percentageDecimals")) or integer(panel.get("decimals")),
        "color": {"mode": "palette-classic"},
    }
    name = text(panel.get("valueName"), "current")
    return {
        **panel,
        "type": "piechart",
        "fieldConfig": with_config(panel, defaults, colors),
        "options": {
            "pieType": "donut" if text(panel.get("pieType")) == "donut" else "pie",
            "reduceOptions": {"calcs": [CALCULATIONS.get(name, "lastNotNull")]},
            "displayLabels": ["name"] if on_graph else [],
            "legend": {
                "showLegend": flag(legend.get("show"), default=True) and not on_graph,
                "displayMode": "table" if values else "list",
                "placement": "right" if kind == "Right side" else "bottom",
                "values": values,
            },
        },
    }


def from_discrete(panel: Json) -> Json:
    """`natel-discrete-panel`: states over time."""
    colors = {
        text(one.get("text")): text(one.get("color")) for one in mappings(panel.get("colorMaps"))
    }
    maps = value_maps(panel)
    for one in maps:
        for result in _results(one):
            if shade := colors.pop(text(result.get("text")), ""):
                result["color"] = shade
    rest = {name: {"color": shade} for name, shade in colors.items() if name and shade}
    if rest:
        maps.append({"type": "value", "options": rest})
    defaults: Json = {
        "unit": text(panel.get("units")),
        "decimals": integer(panel.get("decimals")),
        "mappings": maps,
        "color": {"mode": "palette-classic"},
    }
    return {
        **panel,
        "type": "state-timeline",
        "fieldConfig": with_config(panel, defaults, []),
        "options": {"showValue": "auto", "mergeValues": True},
    }


def _results(one: Json) -> list[Json]:
    options = mapping(one.get("options"))
    if "result" in options:
        return [mapping(options["result"])]
    return [mapping(result) for result in options.values()]


def from_text(panel: Json) -> Json:
    """`text` whose content stands beside its type."""
    options = mapping(panel.get("options"))
    if "content" in options or "content" not in panel:
        return {**panel, "type": "text"}
    given = {"mode": text(panel.get("mode"), "markdown"), "content": text(panel.get("content"))}
    return {**panel, "type": "text", "options": {**options, **given}}


_STATES = {
    "alerting": "firing",
    "pending": "pending",
    "no_data": "noData",
    "ok": "normal",
    "execution_error": "error",
}


def from_alert_list(panel: Json) -> Json:
    """`alertlist` of Grafana's first alerting."""
    options = mapping(panel.get("options"))
    given = {**panel, **options}
    states = options.get("stateFilter", panel.get("stateFilter"))
    only_here = flag(given.get("onlyAlertsOnDashboard")) or flag(given.get("dashboardAlerts"))
    found: Json = {
        **{name: value for name, value in options.items() if name != "stateFilter"},
        "maxItems": integer(given.get("maxItems")) or integer(given.get("limit")),
        "sortOrder": integer(given.get("sortOrder")),
        "dashboardAlerts": only_here,
        "alertName": text(given.get("alertName")) or text(given.get("nameFilter")),
    }
    if isinstance(states, list) and states:
        chosen = {_STATES.get(text(state), "") for state in states}
        found["stateFilter"] = {name: name in chosen for name in _STATES.values()}
    elif isinstance(states, dict):
        by_state = {_STATES.get(name, name): value for name, value in states.items()}
        found["stateFilter"] = by_state
    return {**panel, "options": found}


def from_dashboard_list(panel: Json) -> Json:
    """`dashlist` whose options stand beside its type."""
    options = mapping(panel.get("options"))
    names = {
        "starred": "showStarred",
        "recent": "showRecentlyViewed",
        "search": "showSearch",
        "headings": "showHeadings",
    }
    found = {new: panel[old] for old, new in names.items() if isinstance(panel.get(old), bool)}
    kind = text(panel.get("mode"))
    if kind:  # Grafana 1 to 3: one list of one kind
        found |= {"showStarred": kind == "starred", "showSearch": kind == "search"}
    if (limit := integer(panel.get("limit"))) is not None:
        found["maxItems"] = limit
    for name in ("query", "tags"):
        if name in panel:
            found[name] = panel[name]
    given = {**found, **options}
    tags = texts(given.get("tags")) or texts(sequence(at(given, "tag")))
    return {**panel, "options": {**given, "tags": list(tags), "query": text(given.get("query"))}}
