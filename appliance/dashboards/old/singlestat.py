"""Single values: `singlestat` (until Grafana 7), and stat, gauge and bar gauge of 6."""

from __future__ import annotations

from appliance.dashboards.loose import at, flag, integer, mapping, mappings, number, sequence, text
from appliance.dashboards.old.parts import (
    CALCULATIONS,
    Json,
    fixed_color,
    steps,
    value_maps,
    with_config,
)

_COLORS = ["#299c46", "rgba(237, 129, 40, 0.89)", "#d44a3a"]
_PLAIN_UNITS = frozenset(["", "none", "short"])


def from_singlestat(panel: Json) -> Json:
    """A stat, or a gauge where one was shown."""
    gauge, spark = mapping(panel.get("gauge")), mapping(panel.get("sparkline"))
    is_gauge = flag(gauge.get("show"))
    name = text(panel.get("valueName"), "avg")
    limits = steps(panel.get("thresholds"), sequence(panel.get("colors")) or _COLORS)
    is_background = flag(panel.get("colorBackground")) or flag(panel.get("colorPostfix"))
    is_colored = is_background or flag(panel.get("colorValue")) or flag(panel.get("colorPrefix"))
    line = text(spark.get("lineColor"))
    shade: Json = (
        {"mode": "thresholds"} if is_colored or is_gauge or not line else fixed_color(line)
    )
    defaults: Json = {
        "unit": _unit(panel),
        "decimals": integer(panel.get("decimals")),
        "noValue": text(panel.get("nullText")),
        "thresholds": limits,
        "mappings": value_maps(panel),
        "color": shade,
        "min": number(gauge.get("minValue")) if is_gauge else number(spark.get("ymin")),
        "max": number(gauge.get("maxValue")) if is_gauge else number(spark.get("ymax")),
    }
    reduce = {"calcs": [CALCULATIONS.get(name, "mean")], "fields": _field(panel)}
    options: Json = {"reduceOptions": reduce, "orientation": "horizontal"}
    if is_gauge:
        options["showThresholdMarkers"] = flag(gauge.get("thresholdMarkers"), default=True)
        options["showThresholdLabels"] = flag(gauge.get("thresholdLabels"))
    else:
        options["colorMode"] = "background" if is_background else "value" if is_colored else "none"
        options["graphMode"] = "area" if flag(spark.get("show")) else "none"
        options["textMode"] = "name" if name == "name" else "auto"
    return {
        **panel,
        "type": "gauge" if is_gauge else "stat",
        "fieldConfig": with_config(panel, defaults, []),
        "options": options,
    }


def _unit(panel: Json) -> str:
    """The unit; what is written before or behind the value is one where there is no other."""
    unit = text(panel.get("format"))
    if unit in _PLAIN_UNITS:
        if behind := text(panel.get("postfix")):
            return f"suffix:{behind}"
        if before := text(panel.get("prefix")):
            return f"prefix:{before}"
    return unit


def _field(panel: Json) -> str:
    """Which column of a table is meant."""
    column = text(panel.get("tableColumn"))
    is_table = any(text(item.get("format")) == "table" for item in mappings(panel.get("targets")))
    return f"/^{column}$/" if column and is_table else ""


def with_reduce_options(panel: Json) -> Json:
    """A stat, gauge or bar gauge of Grafana 6 and 7.0: `fieldOptions`, `valueOptions`."""
    options = mapping(panel.get("options"))
    given = mapping(options.get("fieldOptions"))
    values = mapping(options.get("valueOptions"))
    if not given and not values:
        return panel
    base = {**mapping(given.get("defaults")), **mapping(given.get("override"))}
    limits = sequence(given.get("thresholds")) or sequence(options.get("thresholds"))
    limits = limits or sequence(base.get("thresholds"))
    defaults: Json = {
        **{key: value for key, value in base.items() if key != "thresholds"},
        "thresholds": _sorted_steps(limits) or mapping(base.get("thresholds")) or None,
        "mappings": given.get("mappings")
        or base.get("mappings")
        or options.get("valueMappings")
        or [],
    }
    for key, old in (("unit", "unit"), ("decimals", "decimals")):
        defaults.setdefault(key, values.get(old))
    defaults.setdefault("min", options.get("minValue"))
    defaults.setdefault("max", options.get("maxValue"))
    calcs = sequence(given.get("calcs")) or [values.get("stat")]
    names = [CALCULATIONS.get(text(calc), text(calc)) for calc in calcs if text(calc)]
    reduce_options = {
        "values": flag(given.get("values")),
        "calcs": names or ["lastNotNull"],
        "limit": integer(given.get("limit")),
    }
    rest = {key: value for key, value in options.items() if key not in _GONE}
    overrides = mappings(given.get("overrides"))
    return {
        **panel,
        "options": {**rest, "reduceOptions": reduce_options},
        "fieldConfig": with_config(panel, defaults, overrides),
    }


_GONE = frozenset(["fieldOptions", "valueOptions", "thresholds", "valueMappings"])


def _sorted_steps(limits: list[object]) -> Json | None:
    """Thresholds that stand in any order; the one without a number is the lowest."""
    found = [(number(at(item, "value")), text(at(item, "color"))) for item in limits]
    found.sort(key=lambda pair: float("-inf") if pair[0] is None else pair[0])
    pairs = [{"value": value, "color": color} for value, color in found if color]
    return {"mode": "absolute", "steps": pairs} if pairs else None
