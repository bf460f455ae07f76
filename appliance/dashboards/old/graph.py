"""`graph`, Grafana's chart until version 7, to `timeseries`, `histogram` or `bargauge`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import at, flag, integer, mapping, mappings, number, sequence, text
from appliance.dashboards.old.graph_thresholds import thresholds_of
from appliance.dashboards.old.parts import (
    CALCULATIONS,
    Json,
    fixed_color,
    override,
    with_config,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_RIGHT = 2
_SORTS = {
    "avg": "Mean",
    "current": "Last *",
    "min": "Min",
    "max": "Max",
    "total": "Total",
}


def from_graph(panel: Json) -> Json:
    """The panel that shows the same."""
    mode = text(at(panel, "xaxis", "mode"))
    if mode == "histogram":
        return _histogram(panel)
    if mode == "series":
        return _bars_per_series(panel)
    axes = _axes(panel)
    custom = _lines(panel) | _axis(axes[0])
    steps, style = thresholds_of(panel)
    if steps:
        custom["thresholdsStyle"] = {"mode": style}
    defaults = _scale(axes[0], panel) | {
        "color": {"mode": "palette-classic"},
        "custom": custom,
        "thresholds": {"mode": "absolute", "steps": steps} if steps else None,
        "links": sequence(at(panel, "options", "dataLinks")),
    }
    sort = ("none", "asc", "desc")[min(max(integer(at(panel, "tooltip", "sort")) or 0, 0), 2)]
    is_shared = flag(at(panel, "tooltip", "shared"), default=True)
    return {
        **panel,
        "type": "timeseries",
        "fieldConfig": with_config(panel, defaults, _overrides(panel, axes)),
        "options": {
            "legend": _legend(mapping(panel.get("legend"))),
            "tooltip": {"mode": "multi" if is_shared else "single", "sort": sort},
        },
    }


def not_shown(panel: Json) -> list[str]:
    """What of an old graph has no place in a new one."""
    found = []
    if text(panel.get("nullPointMode")) == "null as zero":
        found.append("gaps stay gaps: `null as zero` is not supported; write `or vector(0)`")
    if sequence(panel.get("timeRegions")):
        found.append("its time regions are not shown")
    return found


def _histogram(panel: Json) -> Json:
    buckets = integer(at(panel, "xaxis", "buckets"))
    options = {"bucketCount": buckets} if buckets else {}
    legend = _legend(mapping(panel.get("legend")))
    config = with_config(panel, _scale(_axes(panel)[0], panel), _colors(panel))
    return {
        **panel,
        "type": "histogram",
        "options": {**options, "legend": legend},
        "fieldConfig": config,
    }


def _bars_per_series(panel: Json) -> Json:
    """A bar for each series: what `xaxis.mode: series` shows."""
    values = sequence(at(panel, "xaxis", "values"))
    name = text(values[0]) if values else "total"
    defaults = _scale(_axes(panel)[0], panel) | {"color": {"mode": "palette-classic"}}
    return {
        **panel,
        "type": "bargauge",
        "fieldConfig": with_config(panel, defaults, _colors(panel)),
        "options": {
            "reduceOptions": {"calcs": [CALCULATIONS.get(name, "sum")]},
            "orientation": "vertical",
            "displayMode": "basic",
            "showUnfilled": False,
        },
    }


def _axes(panel: Json) -> list[Json]:
    """Both vertical axes, as they are since Grafana 3."""
    axes = [mapping(axis) for axis in sequence(panel.get("yaxes"))[:2]]
    if axes:
        return [*axes, {}][:2]
    formats, grid = sequence(panel.get("y_formats")), mapping(panel.get("grid"))
    return [
        {
            "format": formats[i] if i < len(formats) else "",
            "label": panel.get(f"{side}YAxisLabel"),
            "min": grid.get(f"{side}Min"),
            "max": grid.get(f"{side}Max"),
            "logBase": grid.get(f"{side}LogBase"),
        }
        for i, side in enumerate(("left", "right"))
    ]


def _scale(axis: Json, panel: Json) -> Json:
    """What an axis says about values."""
    decimals = integer(panel.get("decimals"))
    return {
        "unit": text(axis.get("format")),
        "min": number(axis.get("min")),
        "max": number(axis.get("max")),
        "decimals": decimals if decimals is not None else integer(axis.get("decimals")),
    }


def _axis(axis: Json) -> Json:
    """What an axis says about itself."""
    found: Json = {}
    if label := text(axis.get("label")):
        found["axisLabel"] = label
    if not flag(axis.get("show"), default=True):
        found["axisPlacement"] = "hidden"
    base = integer(axis.get("logBase")) or 1
    if base > 1:
        found["scaleDistribution"] = {"type": "log", "log": 2 if base == 2 else 10}
    return found


def _lines(panel: Json) -> Json:
    """How series are drawn."""
    found = _style(panel | {"lines": flag(panel.get("lines"), default=True)})
    if "fill" not in panel and "fillOpacity" not in found:
        found["fillOpacity"] = 10
    if flag(panel.get("stack")):
        mode = "percent" if flag(panel.get("percentage")) else "normal"
        found["stacking"] = {"mode": mode, "group": "A"}
    if "showPoints" not in found:
        found["showPoints"] = "never"
    return found


def _style(item: Json) -> Json:
    """Lines, bars and points of a panel or of some series, as far as they are said."""
    found: Json = {}
    bars, lines, points = (flag(item.get(name)) for name in ("bars", "lines", "points"))
    if (fill := number(item.get("fill"))) is not None:
        found["fillOpacity"] = min(max(round(fill * 10), 0), 100)
    if bars:
        found |= {"drawStyle": "bars", "fillOpacity": 100}
    elif points and not lines and "lines" in item:
        found["drawStyle"] = "points"
    elif lines:
        found["drawStyle"] = "line"
    elif "lines" in item and not points:
        found["lineWidth"] = 0
    if (width := integer(item.get("linewidth"))) is not None and "lineWidth" not in found:
        found["lineWidth"] = width
    if points:
        found["showPoints"] = "always"
    if (radius := number(item.get("pointradius"))) is not None:
        found["pointSize"] = 2 + radius * 2
    if (gradient := number(item.get("fillGradient"))) is not None and gradient > 0:
        found |= {"gradientMode": "opacity", "fillOpacity": min(round(gradient * 10), 100)}
    return found | _gaps(item)


def _gaps(item: Json) -> Json:
    """What lines do between points."""
    found: Json = {}
    if flag(item.get("dashes")):
        lengths = [integer(item.get(name)) or 10 for name in ("dashLength", "spaceLength")]
        found["lineStyle"] = {"fill": "dash", "dash": lengths}
    if flag(item.get("steppedLine")):
        found["lineInterpolation"] = "stepAfter"
    if text(item.get("nullPointMode")) == "connected":
        found["spanNulls"] = True
    if below := text(item.get("fillBelowTo")):
        found["fillBelowTo"] = below
    return found


def _legend(legend: Json) -> Json:
    shown = [name for name in ("min", "max", "avg", "current", "total") if flag(legend.get(name))]
    is_table = flag(legend.get("alignAsTable"))
    return {
        "showLegend": flag(legend.get("show"), default=True),
        "displayMode": "table" if is_table else "list",
        "placement": "right" if flag(legend.get("rightSide")) else "bottom",
        "calcs": [CALCULATIONS[name] for name in shown] if flag(legend.get("values")) else [],
        "width": integer(legend.get("sideWidth")),
        "sortBy": _SORTS.get(text(legend.get("sort")), ""),
        "sortDesc": flag(legend.get("sortDesc")),
    }


def _overrides(panel: Json, axes: list[Json]) -> list[Json]:
    found = _colors(panel)
    for item in mappings(panel.get("seriesOverrides")):
        name = text(item.get("alias"))
        properties = {f"custom.{key}": value for key, value in _style(item).items()}
        for key, make in _SERIES.items():
            if key in item:
                properties |= make(item[key])
        if integer(item.get("yaxis")) == _RIGHT:
            properties |= _right(axes[1])
        if name and properties:
            found.append(override(name, properties))
    return found


def _colors(panel: Json) -> list[Json]:
    return [
        override(name, {"color": fixed_color(color)})
        for name, color in mapping(panel.get("aliasColors")).items()
        if isinstance(color, str)
    ]


def _right(axis: Json) -> Json:
    """A series on the right axis."""
    found: Json = {"custom.axisPlacement": "right"}
    for key, value in _scale(axis, {}).items():
        if value not in {None, ""}:
            found[key] = value
    return found | {f"custom.{key}": value for key, value in _axis(axis).items()}


def _stack(value: Any) -> Json:
    if value is False:
        return {"custom.stacking": {"mode": "none", "group": "A"}}
    group = value if isinstance(value, str) else "A"
    return {"custom.stacking": {"mode": "normal", "group": group}}


def _negative(value: Any) -> Json:
    return {"custom.transform": "negative-Y"} if value == "negative-Y" else {}


def _out_of_legend(value: Any) -> Json:
    hidden = {"legend": True, "tooltip": False, "viz": False}
    return {"custom.hideFrom": hidden} if value is False else {}


def _hidden(value: Any) -> Json:
    hidden = {"legend": False, "tooltip": False, "viz": True}
    return {"custom.hideFrom": hidden} if value is True else {}


def _color(value: Any) -> Json:
    return {"color": fixed_color(value)} if isinstance(value, str) else {}


#: What series can have that panels have not.
_SERIES: dict[str, Callable[[Any], Json]] = {
    "stack": _stack,
    "transform": _negative,
    "legend": _out_of_legend,
    "hiddenSeries": _hidden,
    "color": _color,
}
