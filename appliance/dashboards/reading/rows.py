"""Where panels are: rows with their panels, of a grid (since Grafana 5) or of `rows` (before).

Panels move up as far as those above let them, as in Grafana; those that overlap move down.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import at, flag, integer, mapping, number, sequence, text
from appliance.dashboards.model import Grid, Panel, Row, Severity
from appliance.dashboards.reading.panels import COLUMNS, read_grid, read_panel, read_repeat
from appliance.dashboards.reading.scope import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.dashboards.model import Path
    from appliance.dashboards.reading.scope import Scope

Json = dict[str, Any]
#: More panels than this are not shown.
MOST_PANELS = 1_000
#: A unit of the grid's height in pixels, its space included; and the least height of old rows.
_UNIT_PX, _LEAST_PX, _USUAL_PX = 38, 90, 250
#: Old rows have 12 columns, and panels without a width have a third.
_OLD_SPAN = 4


def read_rows(dashboard: Json, scope: Scope, path: Path) -> tuple[Row, ...]:
    """All rows of a dashboard, in their order."""
    panels = sequence(dashboard.get("panels"))
    rows = sequence(dashboard.get("rows"))
    builder = _Builder(scope)
    if panels or not rows:
        builder.add_grid(panels, (*path, "panels"))
    else:
        builder.add_old(rows, (*path, "rows"))
    return tuple(row for row in builder.rows if row.panels or row.has_header)


class _Builder:
    """Rows so far."""

    def __init__(self, scope: Scope) -> None:
        self.rows: list[Row] = []
        self._scope = scope
        self._used: set[int] = set()
        self._unplaced: set[int] = set()
        self._count = 0

    def add_grid(self, items: Sequence[Any], path: Path) -> None:
        """Panels with places; a panel of type `row` begins a row."""
        current, inside = Row(), list[Panel]()
        for place, item in _by_place(items, path):
            if text(item.get("type")) != "row":
                inside += self._read([(place, item)])
                continue
            self._close(current, inside)
            below = _by_place(sequence(item.get("panels")), (*place, "panels"))
            current = Row(
                title=text(item.get("title")),
                has_header=True,
                collapsed=flag(item.get("collapsed")),
                repeat=read_repeat(item),
            )
            inside = self._read(below)
        self._close(current, inside)

    def add_old(self, items: Sequence[Any], path: Path) -> None:
        """Rows of 12 columns, one below the other."""
        rows = [(i, mapping(item)) for i, item in enumerate(items) if mapping(item)]
        rows = [(i, row) for i, row in rows if row.get("repeatRowId") is None]
        has_headers = any(
            flag(row.get("collapse")) or flag(row.get("showTitle")) or text(row.get("repeat"))
            for _, row in rows
        )
        whole: list[Panel] = []
        for index, item in rows:
            where = [
                ((*path, index, "panels", i), panel)
                for i, panel in enumerate(sequence(item.get("panels")))
                if isinstance(panel, dict)
            ]
            panels = self._read(where)
            sizes = [_old_size(panel, item) for _, panel in where if not _is_clone(panel)]
            placed = _flow(panels, sizes)
            if not has_headers:
                lowest = max((one.grid.y + one.grid.height for one in whole), default=0)
                whole += [_moved(one, lowest) for one in placed]
                continue
            self.rows.append(
                Row(
                    title=text(item.get("title")),
                    has_header=True,
                    collapsed=flag(item.get("collapse")),
                    repeat=read_repeat(item),
                    panels=tuple(placed),
                )
            )
        if whole:
            self.rows.append(Row(panels=tuple(whole)))

    def _read(self, items: Iterable[tuple[Path, Json]]) -> list[Panel]:
        found = []
        for path, item in items:
            if _is_clone(item):
                continue
            self._count += 1
            if self._count == MOST_PANELS + 1:
                message = f"only the first {MOST_PANELS} panels are shown"
                self._scope.tell("too-many", message, severity=Severity.ERROR, place=Place(path))
            if self._count <= MOST_PANELS:
                panel = read_panel(item, self._scope, path, self._used)
                found.append(panel)
                if not mapping(item.get("gridPos")):
                    self._unplaced.add(panel.id)
        return found

    def _close(self, row: Row, panels: list[Panel]) -> None:
        self._tell_overlaps([one for one in panels if one.id not in self._unplaced])
        placed = _compact(panels, self._unplaced)
        self.rows.append(dataclasses.replace(row, panels=tuple(placed)))

    def _tell_overlaps(self, panels: list[Panel]) -> None:
        active: list[Panel] = []
        for panel in sorted(panels, key=lambda one: (one.grid.y, one.grid.x)):
            active = [one for one in active if one.grid.y + one.grid.height > panel.grid.y]
            other = next((one for one in active if _is_beside(one.grid, panel.grid)), None)
            if other is not None:
                name = other.title or f"panel {other.id}"
                place = Place((*panel.path, "gridPos"), panel.id, panel.title)
                message = f"it lies over {name!r}; here it is moved below"
                self._scope.tell("overlap", message, place=place)
            active.append(panel)


def _is_beside(one: Grid, other: Grid) -> bool:
    """Whether two panels share a column."""
    return one.x < other.x + other.width and other.x < one.x + one.width


def _is_clone(item: Json) -> bool:
    """Whether a panel was saved although it only repeats another one."""
    return item.get("repeatPanelId") is not None and not text(item.get("repeat"))


def _by_place(items: Sequence[Any], path: Path) -> list[tuple[Path, Json]]:
    """Panels from top to bottom, left to right, and where they stand in the file."""
    found = [((*path, i), item) for i, item in enumerate(items) if isinstance(item, dict)]

    lowest = max((read_grid(at(one, "gridPos")).y for _, one in found), default=0)

    def place(pair: tuple[Path, Json]) -> tuple[int, int]:
        given = pair[1].get("gridPos")
        if not mapping(given):
            return lowest + 1, 0
        grid = read_grid(given)
        return grid.y, grid.x

    return sorted(found, key=place)


def _compact(panels: list[Panel], unplaced: set[int]) -> list[Panel]:
    """Panels moved up as far as it goes; those without a place go where there is room."""
    heights = [0] * COLUMNS
    found = []
    for panel in panels:
        width, height = panel.grid.width, panel.grid.height
        x = panel.grid.x
        if panel.id in unplaced:
            x = _highest(heights, width)
        y = max(heights[x : x + width])
        heights[x : x + width] = [y + height] * width
        found.append(dataclasses.replace(panel, grid=Grid(x, y, width, height)))
    return found


def _highest(heights: list[int], width: int) -> int:
    """Where something of a width fits highest up, the leftmost such place."""
    tops = [max(heights[x : x + width]) for x in range(COLUMNS - width + 1)]
    return tops.index(min(tops))


def _old_size(panel: Json, row: Json) -> tuple[int, int]:
    """Width and height of a panel of an old row."""
    span = number(panel.get("span")) or _OLD_SPAN
    width = min(max(math.floor(span) * 2, 1), COLUMNS)
    return width, _old_height(panel.get("height") or row.get("height"))


def _old_height(value: object) -> int:
    pixels = integer(text(value).removesuffix("px"))
    return min(math.ceil(max(pixels or _USUAL_PX, _LEAST_PX) / _UNIT_PX), 200)


def _flow(panels: list[Panel], sizes: list[tuple[int, int]]) -> list[Panel]:
    """Panels one beside the other, as far as a line is long; each as high up as it fits."""
    heights = [0] * COLUMNS
    found = []
    for panel, (width, height) in zip(panels, sizes, strict=False):
        x = _highest(heights, width)
        y = max(heights[x : x + width])
        heights[x : x + width] = [y + height] * width
        found.append(dataclasses.replace(panel, grid=Grid(x, y, width, height)))
    return found


def _moved(panel: Panel, rows: int) -> Panel:
    grid = panel.grid
    return dataclasses.replace(panel, grid=dataclasses.replace(grid, y=grid.y + rows))
