"""The heatmap of Grafana 4.3 to 8, to that of 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dashboards.loose import at, flag, integer, mapping, number, text

if TYPE_CHECKING:
    from appliance.dashboards.old.parts import Json

_LAYOUTS = {"upper": "le", "lower": "ge", "middle": "unknown"}


def is_old(panel: Json) -> bool:
    """Whether a `heatmap` is one of the old kind."""
    return "dataFormat" in panel or "cards" in panel or "yBucketBound" in panel


def from_heatmap(panel: Json) -> Json:
    """The heatmap that shows the same."""
    is_bucketed = text(panel.get("dataFormat")) == "tsbuckets"
    axis = mapping(panel.get("yAxis"))
    cards = mapping(panel.get("cards"))
    options: Json = {
        "calculate": not is_bucketed,
        "calculation": {} if is_bucketed else _calculation(panel, axis),
        "color": _color(mapping(panel.get("color"))),
        "cellGap": integer(cards.get("cardPadding")),
        "cellRadius": integer(cards.get("cardRound")),
        "cellValues": {"decimals": integer(panel.get("tooltipDecimals"))},
        "rowsFrame": {"layout": _LAYOUTS.get(text(panel.get("yBucketBound")), "auto")},
        "yAxis": {
            "axisPlacement": "left" if flag(axis.get("show"), default=True) else "hidden",
            "reverse": flag(panel.get("reverseYBuckets")),
            "unit": text(axis.get("format")),
            "decimals": integer(axis.get("decimals")),
            "min": number(axis.get("min")),
            "max": number(axis.get("max")),
        },
        "legend": {"show": flag(at(panel, "legend", "show"), default=True)},
        "tooltip": {
            "mode": "single" if flag(at(panel, "tooltip", "show"), default=True) else "none",
            "yHistogram": flag(at(panel, "tooltip", "showHistogram")),
        },
    }
    return {**panel, "options": options}


def _calculation(panel: Json, axis: Json) -> Json:
    """How values become buckets."""
    found: Json = {}
    for name in ("x", "y"):
        count = integer(panel.get(f"{name}BucketNumber"))
        size = text(panel.get(f"{name}BucketSize"))
        if size:
            found[f"{name}Buckets"] = {"mode": "size", "value": size}
        elif count:
            found[f"{name}Buckets"] = {"mode": "count", "value": str(count)}
    base = integer(axis.get("logBase")) or 1
    if base > 1:
        y = found.setdefault("yBuckets", {"mode": "count", "value": ""})
        y["scale"] = {"type": "log", "log": base}
    return found


def _color(color: Json) -> Json:
    is_opacity = text(color.get("mode")) == "opacity"
    scheme = text(color.get("colorScheme")).removeprefix("interpolate")
    found: Json = {
        "mode": "opacity" if is_opacity else "scheme",
        "scheme": scheme or "Oranges",
        "exponent": number(color.get("exponent")),
        "min": number(color.get("min")),
        "max": number(color.get("max")),
    }
    if is_opacity:
        found["fill"] = text(color.get("cardColor")) or None
        found["scale"] = "linear" if text(color.get("colorScale")) == "linear" else "exponential"
    return found
