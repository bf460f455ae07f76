"""Grafana's second dashboard schema (`dashboard.grafana.app/v2…`), turned into the first.

Elements by name and a layout that refers to them become panels with places. Tabs become rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.dashboards.loose import at, flag, integer, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
_REFRESH = {"never": 0, "onDashboardLoad": 1, "onTimeRangeChanged": 2}
_HIDE = {"hideLabel": 1, "hideVariable": 2, "inControlsMenu": 0}
_SORT = {
    "alphabeticalAsc": 1,
    "alphabeticalDesc": 2,
    "numericalAsc": 3,
    "numericalDesc": 4,
    "alphabeticalCaseInsensitiveAsc": 5,
    "alphabeticalCaseInsensitiveDesc": 6,
    "naturalAsc": 7,
    "naturalDesc": 8,
}
_KINDS = {
    "QueryVariable": "query",
    "CustomVariable": "custom",
    "IntervalVariable": "interval",
    "DatasourceVariable": "datasource",
    "TextVariable": "textbox",
    "ConstantVariable": "constant",
    "AdhocVariable": "adhoc",
    "SwitchVariable": "switch",
    "GroupByVariable": "groupby",
}
_CURSORS = {"Crosshair": 1, "Tooltip": 2}
_HEIGHTS = {"short": 5, "standard": 9, "tall": 14}


def is_v2(spec: Json) -> bool:
    """Whether a dashboard is written in the second schema."""
    return isinstance(spec.get("elements"), dict) and isinstance(spec.get("layout"), dict)


def to_v1(spec: Json) -> Json:
    """The same dashboard in the first schema, as far as that has words for it."""
    times = mapping(spec.get("timeSettings"))
    panels: list[Json] = []
    _Layout(mapping(spec.get("elements")), panels).add(mapping(spec.get("layout")))
    return {
        "title": spec.get("title"),
        "description": spec.get("description"),
        "tags": spec.get("tags"),
        "links": spec.get("links"),
        "time": {"from": times.get("from"), "to": times.get("to")},
        "refresh": times.get("autoRefresh"),
        "timezone": times.get("timezone"),
        "weekStart": times.get("weekStart"),
        "graphTooltip": _CURSORS.get(text(spec.get("cursorSync")), 0),
        "templating": {"list": [_variable(one) for one in mappings(spec.get("variables"))]},
        "annotations": {"list": [_annotation(one) for one in mappings(spec.get("annotations"))]},
        "panels": panels,
    }


class _Layout:
    """Panels so far, and how far down they reach."""

    def __init__(self, elements: Json, panels: list[Json]) -> None:
        self._elements = elements
        self._panels = panels
        self._y = 0

    def add(self, layout: Json) -> None:
        """A layout of any kind, below what is there."""
        spec = mapping(layout.get("spec"))
        kind = text(layout.get("kind"))
        if kind == "GridLayout":
            self._add_grid(spec)
        elif kind == "AutoGridLayout":
            self._add_auto(spec)
        for name in ("rows", "tabs"):
            for part in mappings(spec.get(name)):
                self._add_row(mapping(part.get("spec")))

    def _add_row(self, spec: Json) -> None:
        row = self._row(spec, flag(spec.get("collapse")))
        self._panels.append(row)
        before = len(self._panels)
        self.add(mapping(spec.get("layout")))
        if row["collapsed"]:
            row["panels"] = self._panels[before:]
            del self._panels[before:]

    def _row(self, spec: Json, collapsed: bool) -> Json:  # noqa: FBT001 - of a row there is one
        row: Json = {
            "type": "row",
            "title": text(spec.get("title")),
            "collapsed": collapsed,
            "repeat": at(spec, "repeat", "value"),
            "panels": [],
            "gridPos": {"x": 0, "y": self._y, "w": 24, "h": 1},
        }
        self._y += 1
        return row

    def _add_grid(self, spec: Json) -> None:
        top = self._y
        for item in sorted(mappings(spec.get("items")), key=_top):
            inner = mapping(item.get("spec"))
            if text(item.get("kind")) != "GridLayoutRow":
                self._add_item(inner, top)
                continue
            row = self._row(inner, flag(inner.get("collapsed")))
            self._panels.append(row)
            before, top = len(self._panels), self._y
            for element in mappings(inner.get("elements")):
                self._add_item(mapping(element.get("spec")), top)
            if row["collapsed"]:
                row["panels"] = self._panels[before:]
                del self._panels[before:]

    def _add_item(self, spec: Json, top: int) -> None:
        """A panel at a place, counted from `top`."""
        grid = {
            "x": integer(spec.get("x")) or 0,
            "y": top + (integer(spec.get("y")) or 0),
            "w": integer(spec.get("width")) or 12,
            "h": integer(spec.get("height")) or 8,
        }
        self._place(spec, grid)

    def _add_auto(self, spec: Json) -> None:
        """Panels beside each other, all of one size."""
        columns = min(max(integer(spec.get("maxColumnCount")) or 3, 1), 24)
        width = 24 // columns
        height = _HEIGHTS.get(text(spec.get("rowHeightMode")), 9)
        top = self._y
        for index, item in enumerate(mappings(spec.get("items"))):
            line, column = divmod(index, columns)
            grid = {"x": column * width, "y": top + line * height, "w": width, "h": height}
            self._place(mapping(item.get("spec")), grid)

    def _place(self, spec: Json, grid: dict[str, int]) -> None:
        element = mapping(self._elements.get(text(at(spec, "element", "name"))))
        if not element:
            return
        repeat = mapping(spec.get("repeat"))
        self._panels.append(
            {
                **_panel(element),
                "gridPos": grid,
                "repeat": repeat.get("value"),
                "repeatDirection": repeat.get("direction"),
                "maxPerRow": repeat.get("maxPerRow"),
            }
        )
        self._y = max(self._y, grid["y"] + grid["h"])


def _top(item: Json) -> int:
    return integer(at(item, "spec", "y")) or 0


def _panel(element: Json) -> Json:
    spec = mapping(element.get("spec"))
    if text(element.get("kind")) == "LibraryPanel":
        library = mapping(spec.get("libraryPanel"))
        return {"id": spec.get("id"), "title": spec.get("title"), "libraryPanel": library}
    viz = mapping(spec.get("vizConfig"))
    kind, inner = text(viz.get("kind")), mapping(viz.get("spec"))
    data = mapping(at(spec, "data", "spec"))
    options = mapping(data.get("queryOptions"))
    return {
        "id": spec.get("id"),
        "type": text(viz.get("group")) if kind == "VizConfig" else kind,
        "title": spec.get("title"),
        "description": spec.get("description"),
        "links": spec.get("links"),
        "transparent": spec.get("transparent"),
        "fieldConfig": inner.get("fieldConfig"),
        "options": inner.get("options"),
        "targets": list(_targets(data)),
        "transformations": [_transformation(one) for one in mappings(data.get("transformations"))],
        **{name: options.get(name) for name in ("timeFrom", "timeShift", "maxDataPoints")},
        "interval": options.get("interval"),
    }


def _targets(data: Json) -> Iterator[Json]:
    for item in mappings(data.get("queries")):
        spec = mapping(item.get("spec"))
        yield {
            **_query(mapping(spec.get("query")), spec.get("datasource")),
            "refId": spec.get("refId"),
            "hide": spec.get("hidden"),
        }


def _query(query: Json, reference: object) -> Json:
    """A query, with its data source as it was written before."""
    kind = text(query.get("kind"))
    source = mapping(reference)
    plugin = text(query.get("group")) if kind == "DataQuery" else kind
    uid = text(at(query, "datasource", "name")) or text(source.get("uid"))
    found = {"type": text(source.get("type")) or plugin, "uid": uid}
    return {**mapping(query.get("spec")), "datasource": found if any(found.values()) else None}


def _transformation(item: Json) -> Json:
    spec = mapping(item.get("spec"))
    name = text(item.get("group")) if text(item.get("kind")) == "Transformation" else ""
    return {**spec, "id": name or text(spec.get("id")) or text(item.get("kind"))}


def _variable(item: Json) -> Json:
    spec = mapping(item.get("spec"))
    kind = text(item.get("kind"))
    found = {**spec, "type": _KINDS.get(kind, kind)}
    found["hide"] = _HIDE.get(text(spec.get("hide")), 0)
    found["refresh"] = _REFRESH.get(text(spec.get("refresh")), 1)
    found["sort"] = _SORT.get(text(spec.get("sort")), 0)
    if kind == "DatasourceVariable":
        found["query"] = spec.get("pluginId")
    if kind == "QueryVariable":
        query = _query(mapping(spec.get("query")), spec.get("datasource"))
        found["datasource"] = query.pop("datasource")
        written = query.get("__legacyStringValue")
        found["query"] = written if isinstance(written, str) else query
    if kind == "AdhocVariable" and not spec.get("datasource"):
        found["datasource"] = {"type": item.get("group")}
    return found


def _annotation(item: Json) -> Json:
    spec = mapping(item.get("spec"))
    query = _query(mapping(spec.get("query")), spec.get("datasource"))
    source = query.pop("datasource")
    rest = mapping(spec.get("legacyOptions"))
    built_in = 1 if flag(spec.get("builtIn")) else 0
    return {**rest, **spec, "datasource": source, "target": query, "builtIn": built_in}
