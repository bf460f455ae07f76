"""Thresholds of `graph`: each is above or below a value; since then they are steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dashboards.loose import flag, mapping, mappings, number, text

if TYPE_CHECKING:
    from appliance.dashboards.old.parts import Json

_COLORS = {"critical": "red", "warning": "orange", "ok": "green"}


def thresholds_of(panel: Json) -> tuple[list[Json], str]:
    """Steps, and how they are shown: `line`, `area` or `line+area`."""
    given = mappings(panel.get("thresholds")) or _of_grid(mapping(panel.get("grid")))
    above: dict[float, str] = {}
    below: dict[float, str] = {}
    has_line = has_area = False
    for item in given:
        value = number(item.get("value"))
        if value is None:
            continue
        (below if text(item.get("op")) == "lt" else above)[value] = _color(item)
        has_line |= flag(item.get("line"), default=True)
        has_area |= flag(item.get("fill"), default=True)
    if not above and not below:
        return [], "off"
    styles = ["line"] * has_line + ["area"] * has_area
    return _steps(above, below), "+".join(styles) or "off"


def _steps(above: dict[float, str], below: dict[float, str]) -> list[Json]:
    """Steps from minus infinity: what is below a value ends there, what is above begins there."""
    under = sorted(below)
    steps: list[Json] = [{"value": None, "color": below[under[0]] if under else "transparent"}]
    for index, value in enumerate(under):
        following = below[under[index + 1]] if index + 1 < len(under) else "transparent"
        steps.append({"value": value, "color": following})
    for value in sorted(above):
        steps = [step for step in steps if step["value"] != value]
        steps.append({"value": value, "color": above[value]})
    return [steps[0], *sorted(steps[1:], key=lambda step: step["value"])]


def _color(item: Json) -> str:
    mode = text(item.get("colorMode"), "critical")
    own = text(item.get("fillColor")) or text(item.get("lineColor"))
    return _COLORS.get(mode) or own or "red"


def _of_grid(grid: Json) -> list[Json]:
    """The two thresholds of Grafana 1 and 2."""
    found = []
    for name in ("threshold1", "threshold2"):
        if number(grid.get(name)) is not None:
            shade = text(grid.get(f"{name}Color"))
            found.append(
                {
                    "value": grid[name],
                    "op": "gt",
                    "colorMode": "custom" if shade else "critical",
                    "fillColor": shade,
                    "line": flag(grid.get("thresholdLine")),
                    "fill": not flag(grid.get("thresholdLine")),
                }
            )
    return found
