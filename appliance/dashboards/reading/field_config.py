"""`fieldConfig`: units, thresholds, mappings and overrides, in their forms since Grafana 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.dashboards.fields import (
    Color,
    FieldConfig,
    FieldOptions,
    Mapping,
    Matcher,
    Override,
    Property,
    Step,
    Thresholds,
)
from appliance.dashboards.loose import integer, mapping, mappings, number, text
from appliance.dashboards.reading.links import read_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Old kinds of mappings (Grafana 7).
_VALUE, _RANGE = 1, 2


def read_field_config(value: object, custom: dict[str, Any] | None = None) -> FieldConfig:
    """The field configuration of a panel.

    Args:
        custom: What a type of panel has of its own, where the file does not say otherwise.
    """
    config = mapping(value)
    defaults = read_options(config.get("defaults"), custom)
    return FieldConfig(defaults, tuple(_overrides(config.get("overrides"))))


def read_options(value: object, custom: dict[str, Any] | None = None) -> FieldOptions:
    """Options of a field."""
    given = mapping(value)
    own = mapping(given.get("custom"))
    return FieldOptions(
        unit=text(given.get("unit")),
        decimals=integer(given.get("decimals")),
        min=number(given.get("min")),
        max=number(given.get("max")),
        display_name=text(given.get("displayName")) or text(given.get("title")),
        no_value=text(given.get("noValue")),
        description=text(given.get("description")),
        thresholds=read_thresholds(given.get("thresholds")),
        mappings=read_mappings(given.get("mappings")),
        color=read_color(given.get("color")),
        links=read_links(given.get("links")),
        custom=merged(custom or {}, _with_cells(own)),
    )


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """One object over another, at every depth; null in `over` counts as not there."""
    found = dict(base)
    for name, value in over.items():
        below = found.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            found[name] = merged(below, value)
        elif value is not None or name not in found:
            found[name] = value
    return found


def read_thresholds(value: object) -> Thresholds | None:
    """Thresholds, ascending; None when there are none."""
    given = mapping(value)
    steps = [
        Step(number(item.get("value")), text(item.get("color"), "green"))
        for item in mappings(given.get("steps") if given else value)
    ]
    if not steps:
        return None
    steps = [Step(None, step.color) if i == 0 else step for i, step in enumerate(steps)]
    steps[1:] = sorted(steps[1:], key=lambda step: step.value or 0.0)
    is_relative = text(given.get("mode")) == "percentage"
    return Thresholds("percentage" if is_relative else "absolute", tuple(steps))


def read_color(value: object) -> Color | None:
    """Where colours come from; None when it is not said."""
    given = mapping(value)
    mode = text(given.get("mode"))
    if not mode:
        return None
    series_by = text(given.get("seriesBy"), "last")
    return Color(
        mode,
        text(given.get("fixedColor")),
        series_by if series_by in {"last", "min", "max"} else "last",
    )


def read_mappings(value: object) -> tuple[Mapping, ...]:
    """What is shown in place of values, in the form of Grafana 8 or the one before."""
    found: list[Mapping] = []
    for item in mappings(value):
        kind = item.get("type")
        options = item.get("options")
        if isinstance(kind, str) and isinstance(options, dict | list):
            found += _MAPPINGS.get(kind, _no_mappings)(options)
        else:
            found += _old_mapping(item)
    return tuple(found)


def _result(value: object) -> dict[str, Any]:
    """Text and colour of a mapping."""
    given = mapping(value)
    return {"text": text(given.get("text")) or None, "color": text(given.get("color"))}


def _of_values(options: object) -> Iterable[Mapping]:
    pairs = mapping(options).items()
    order = sorted(pairs, key=lambda pair: integer(mapping(pair[1]).get("index")) or 0)
    return [Mapping("value", name, **_result(value)) for name, value in order]


def _of_range(options: object) -> Iterable[Mapping]:
    given = mapping(options)
    start, end = number(given.get("from")), number(given.get("to"))
    return [Mapping("range", "", start, end, **_result(given.get("result")))]


def _of_regex(options: object) -> Iterable[Mapping]:
    given = mapping(options)
    return [Mapping("regex", text(given.get("pattern")), **_result(given.get("result")))]


def _of_special(options: object) -> Iterable[Mapping]:
    given = mapping(options)
    return [Mapping("special", text(given.get("match")), **_result(given.get("result")))]


def _no_mappings(_options: object) -> Iterable[Mapping]:
    return []


_MAPPINGS: dict[str, Callable[[object], Iterable[Mapping]]] = {
    "value": _of_values,
    "range": _of_range,
    "regex": _of_regex,
    "special": _of_special,
}


def _old_mapping(item: dict[str, Any]) -> Iterable[Mapping]:
    shown = text(item.get("text")) or None
    if integer(item.get("type")) == _RANGE or ("from" in item and "value" not in item):
        start, end = number(item.get("from")), number(item.get("to"))
        return [Mapping("range", "", start, end, shown)]
    value = text(item.get("value"))
    if value == "null":
        return [Mapping("special", "null", text=shown)]
    return [Mapping("value", value, text=shown)] if value else []


def _overrides(value: object) -> Iterable[Override]:
    for item in mappings(value):
        matcher = mapping(item.get("matcher"))
        name = text(matcher.get("id"))
        properties = [_property(one) for one in mappings(item.get("properties"))]
        found = tuple(one for one in properties if one.id)
        if name and found:
            yield Override(Matcher(name, matcher.get("options")), found)


def _as_it_is(value: object) -> object:
    return value


_PROPERTIES: dict[str, Callable[[object], Any]] = {
    "thresholds": read_thresholds,
    "mappings": read_mappings,
    "color": read_color,
    "links": read_links,
    "decimals": integer,
    "min": number,
    "max": number,
    "unit": text,
    "displayName": text,
    "noValue": text,
}
_CELLS = "custom.displayMode"


def _property(item: dict[str, Any]) -> Property:
    name, value = text(item.get("id")), item.get("value")
    if name == _CELLS:
        return Property("custom.cellOptions", cell_options(text(value)))
    name = "displayName" if name == "title" else name
    return Property(name, _PROPERTIES.get(name, _as_it_is)(value))


def _with_cells(custom: dict[str, Any]) -> dict[str, Any]:
    """How cells of tables look, in the form since Grafana 10."""
    mode = custom.get("displayMode")
    if not isinstance(mode, str) or "cellOptions" in custom:
        return custom
    rest = {name: value for name, value in custom.items() if name != "displayMode"}
    return rest | {"cellOptions": cell_options(mode)}


def cell_options(mode: str) -> dict[str, Any]:
    """`cellOptions` of an old `displayMode`."""
    if mode.startswith("color-background"):
        style = "basic" if mode.endswith("solid") else "gradient"
        return {"type": "color-background", "mode": style}
    if mode in {"basic", "gradient-gauge", "lcd-gauge"}:
        return {"type": "gauge", "mode": mode.removesuffix("-gauge")}
    return {"type": mode or "auto"}
