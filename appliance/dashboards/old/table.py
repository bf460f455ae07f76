"""Tables with `styles` and `transform` (until Grafana 7), to tables with overrides."""

from __future__ import annotations

import re
from typing import Any

from appliance.dashboards.loose import flag, integer, mapping, mappings, number, text
from appliance.dashboards.old.parts import CALCULATIONS, Json, steps, value_maps, with_config

_EVERYTHING = frozenset(["", "/.*/", ".*"])
_CELL = re.compile(r"\$__cell(?:_(\d+))?(:raw)?|\$\{__cell(?:_(\d+))?(?::\w+)?\}")


def is_old(panel: Json) -> bool:
    """Whether a `table` is one of the old kind."""
    return "styles" in panel or ("columns" in panel and "fieldConfig" not in panel)


def from_table(panel: Json) -> Json:
    """The table that shows the same."""
    defaults: Json = {"custom": {"align": "auto"}}
    overrides: list[Json] = []
    for style in mappings(panel.get("styles")):
        pattern = text(style.get("pattern"))
        properties = _properties(style)
        if pattern in _EVERYTHING and text(style.get("type")) == "number":
            _to_defaults(defaults, properties)
        elif properties:
            is_pattern = pattern.startswith("/") and len(pattern) > 1
            matcher = {"id": "byRegexp" if is_pattern else "byName", "options": pattern}
            pairs = [{"id": key, "value": value} for key, value in properties.items()]
            overrides.append({"matcher": matcher, "properties": pairs})
    transformations = [*_transformations(panel), *mappings(panel.get("transformations"))]
    return {
        **panel,
        "type": "table",
        "fieldConfig": with_config(panel, defaults, overrides),
        "transformations": transformations,
        "options": {
            "showHeader": flag(panel.get("showHeader"), default=True),
            "sortBy": _sort(panel),
            "footer": {"enablePagination": bool(integer(panel.get("pageSize")))},
        },
    }


def _to_defaults(defaults: Json, properties: dict[str, Any]) -> None:
    for key, value in properties.items():
        if key.startswith("custom."):
            defaults["custom"][key.removeprefix("custom.")] = value
        else:
            defaults[key] = value


def _properties(style: Json) -> dict[str, Any]:
    """What a style says, as properties of an override."""
    kind = text(style.get("type"))
    found: dict[str, Any] = {}
    if alias := text(style.get("alias")):
        found["displayName"] = alias
    if kind == "hidden":
        return {"custom.hidden": True}
    if kind == "date":
        form = text(style.get("dateFormat"))
        found["unit"] = f"time: {form}" if form else "dateTimeAsIso"
    if kind == "number":
        found |= _number(style)
    if maps := value_maps(style):
        found["mappings"] = maps
    if flag(style.get("link")) and text(style.get("linkUrl")):
        found["links"] = [_link(style)]
    align = text(style.get("align"))
    if align and align != "auto":
        found["custom.align"] = align
    return found


def _number(style: Json) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if unit := text(style.get("unit")):
        found["unit"] = unit
    if (decimals := integer(style.get("decimals"))) is not None:
        found["decimals"] = decimals
    mode = text(style.get("colorMode"))
    cells: dict[str, Json] = {
        "cell": {"type": "color-background", "mode": "basic"},
        "row": {"type": "color-background", "mode": "basic", "applyToRow": True},
        "value": {"type": "color-text"},
    }
    limits = steps(style.get("thresholds"), style.get("colors"))
    if mode in cells and limits:
        found |= {"custom.cellOptions": cells[mode], "thresholds": limits}
        found["color"] = {"mode": "thresholds"}
    return found


def _link(style: Json) -> Json:
    def replace(match: re.Match[str]) -> str:
        column = match[1] or match[3]
        return f"${{__data.fields[{column}]}}" if column else "${__value.raw}"

    url = _CELL.sub(replace, text(style.get("linkUrl")))
    title = _CELL.sub(replace, text(style.get("linkTooltip")))
    return {"title": title, "url": url, "targetBlank": flag(style.get("linkTargetBlank"))}


def _transformations(panel: Json) -> list[Json]:
    """What `transform` did."""
    kind = text(panel.get("transform"))
    several = len(mappings(panel.get("targets"))) > 1
    found: dict[str, list[Json]] = {
        "timeseries_to_rows": [{"id": "seriesToRows", "options": {}}],
        "timeseries_to_columns": [{"id": "joinByField", "options": {"byField": "Time"}}],
        "timeseries_aggregations": [
            {"id": "reduce", "options": {"mode": "seriesToRows", "reducers": _reducers(panel)}}
        ],
        "table": [{"id": "merge", "options": {}}] if several else [],
    }
    return found.get(kind, [])


def _reducers(panel: Json) -> list[str]:
    names = [text(column.get("value")) for column in mappings(panel.get("columns"))]
    return [CALCULATIONS[name] for name in names if name in CALCULATIONS] or ["mean"]


def _sort(panel: Json) -> list[Json]:
    """By which column; it was a number, which only tables of aggregations let us name."""
    sort = mapping(panel.get("sort"))
    index = integer(sort.get("col"))
    columns = [text(column.get("text")) for column in mappings(panel.get("columns"))]
    if index is None or text(panel.get("transform")) != "timeseries_aggregations":
        return []
    names = ["Metric", *columns]
    name = names[index] if 0 <= index < len(names) and number(index) is not None else ""
    return [{"displayName": name, "desc": flag(sort.get("desc"))}] if name else []
