"""What several old panels have in common: names of calculations, value maps, thresholds."""

from __future__ import annotations

from typing import Any

from appliance.dashboards.loose import integer, mapping, mappings, number, sequence, text

Json = dict[str, Any]

#: What old panels call calculations.
CALCULATIONS = {
    "avg": "mean",
    "current": "lastNotNull",
    "total": "sum",
    "min": "min",
    "max": "max",
    "first": "first",
    "delta": "delta",
    "diff": "diff",
    "range": "range",
    "count": "count",
    "name": "lastNotNull",
    "last_time": "lastNotNull",
}
_RANGES = 2


def value_maps(item: Json) -> list[Json]:
    """Mappings (in Grafana's own form) of `valueMaps` and `rangeMaps`; one kind is in use."""
    if integer(item.get("mappingType")) == _RANGES:
        return [
            {
                "type": "range",
                "options": {
                    "from": number(one.get("from")),
                    "to": number(one.get("to")),
                    "result": {"text": text(one.get("text"))},
                },
            }
            for one in mappings(item.get("rangeMaps"))
        ]
    return [_value_map(one) for one in mappings(item.get("valueMaps"))]


def _value_map(one: Json) -> Json:
    value, result = text(one.get("value")), {"text": text(one.get("text"))}
    if value == "null":
        return {"type": "special", "options": {"match": "null", "result": result}}
    return {"type": "value", "options": {value: result}}


def steps(limits: object, colors: object) -> Json | None:
    """Thresholds of limits (`"50,80"` or a list) and the colours between them."""
    given = limits.split(",") if isinstance(limits, str) else sequence(limits)
    values = [value for one in given if (value := number(one)) is not None]
    shades = [text(color) for color in sequence(colors)]
    if not values or not shades:
        return None
    starts: list[float | None] = [None, *values]
    pairs = zip(starts, shades, strict=False)
    return {
        "mode": "absolute",
        "steps": [{"value": value, "color": color} for value, color in pairs],
    }


def with_config(panel: Json, defaults: Json, overrides: list[Json]) -> Json:
    """A field configuration: what the panel has already stays where the new one says nothing."""
    given = mapping(panel.get("fieldConfig"))
    base = mapping(given.get("defaults"))
    said = {name: value for name, value in defaults.items() if value not in (None, "", [])}
    custom = {**mapping(base.get("custom")), **said["custom"]} if "custom" in said else None
    merged = {**base, **said}
    if custom is not None:
        merged["custom"] = custom
    return {"defaults": merged, "overrides": [*mappings(given.get("overrides")), *overrides]}


def override(name: str, properties: dict[str, Any]) -> Json:
    """An override for series of a name, or `/of a pattern/`."""
    is_pattern = len(name) > 1 and name.startswith("/")
    return {
        "matcher": {"id": "byRegexp" if is_pattern else "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def fixed_color(color: object) -> Json:
    """A colour that is said."""
    return {"mode": "fixed", "fixedColor": text(color)}
