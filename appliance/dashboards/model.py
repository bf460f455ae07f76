"""A dashboard in one form, whatever Grafana's JSON of whatever age it was read from.

`document` makes the JSON that browsers get; its TypeScript twin is `web/src/dashboard/types.ts`.

    Dashboard: uid, title, description, tags, time {start, end}, refresh, timezone, links[],
        annotations[], variables[], rows[]
    Row: title, hasHeader, collapsed, repeat, panels[]     (grid: 24 columns, y from the row's top)
    Panel: id, type, title, grid {x, y, width, height}, datasource, targets[], fieldConfig, options,
        transformations[], links[], reason                 (reason: why it cannot be shown, or "")
    Target: refId, datasource, language, expr, legendFormat, instant, range, format …

Invariants: a panel's `type` is one of `PANEL_TYPES` or `unsupported`; ids of panels are unique
numbers; options of a supported type are complete (`panel_defaults.py`); texts keep their variables.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from appliance.dashboards.fields import FieldConfig, Link, Matcher

#: Keys and indexes from the top of the file, as it was read, to a part of it.
Path = tuple[str | int, ...]

#: Panels that can be shown.
PANEL_TYPES = frozenset(
    [
        "timeseries", "stat", "gauge", "bargauge", "table", "logs", "traces", "heatmap",
        "histogram", "piechart", "state-timeline", "status-history", "barchart", "text",
        "alertlist", "dashlist", "nodeGraph", "xychart", "trend", "annolist",
    ]
)  # fmt: skip
UNSUPPORTED = "unsupported"


class Severity(Enum):
    """How bad a finding is: `error` shows nothing, `warning` shows less, `info` could be better."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a dashboard that is wrong or not supported.

    Attributes:
        code: Stable name of the kind of finding; docs/reference/dashboards.md lists them.
        message: What, in lower case.
        hint: What would be right; empty when the message says it all.
        panel_id, panel_title: Of the panel; None and empty when it is about the whole dashboard.
        ref_id: Of the query.
        path: Where in the file.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    panel_id: int | None = None
    panel_title: str = ""
    ref_id: str = ""
    path: Path = field(default=(), metadata={"hidden": True})


class Engine(Enum):
    """What answers a query."""

    PROMETHEUS = "prometheus"
    LOKI = "loki"
    TEMPO = "tempo"
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"  # what dashboards themselves know: annotations of alerts, lists
    TESTDATA = "testdata"
    MIXED = "mixed"  # each query names its own
    DASHBOARD = "dashboard"  # the answer of another panel
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Datasource:
    """What a data source of the file means here.

    Attributes:
        type, uid: As in the file, empty where it says nothing.
        variable: Name of the variable that chooses it.
        reason: Why it cannot be asked.
    """

    engine: Engine
    type: str = ""
    uid: str = ""
    variable: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Place in a row of 24 columns; a unit of height is 30 px and 8 px of space."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """Shown once for each value of a variable; `direction` is `h` or `v`."""

    variable: str
    direction: str = "h"
    max_per_row: int = 4


@dataclass(frozen=True, slots=True)
class Target:
    """A query of a panel.

    Attributes:
        language: `promql`, `logql`, `traceql`; `trace` (`expr` is a trace id), `serviceMap`
            (`expr` filters), `alerts` (`expr` has matchers), `panel` (see `panel_id`), `testdata`;
            empty when the query cannot be asked.
        expr: The query, with variables.
        instant, range: Ask at the end of the range, over it, or (as tables do) both.
        format: `time_series`, `table`, `heatmap` or `logs`, `traces`.
        interval: Smallest step, a duration or a variable; empty: none.
        interval_factor: By how much steps are longer than they need be.
        limit: Most lines, traces or spans; None: the usual.
        panel_id: Whose answer is taken, with its transformations if `with_transforms`.
        parameters: What a kind of query has beside this.
        reason: Why it cannot be asked.
    """

    ref_id: str
    datasource: Datasource
    language: str
    expr: str = ""
    hide: bool = False
    legend_format: str = ""
    instant: bool = False
    range: bool = True
    format: str = "time_series"
    interval: str = ""
    interval_factor: int = 1
    exemplar: bool = False
    query_type: str = ""
    direction: str = ""
    limit: int | None = None
    panel_id: int | None = None
    with_transforms: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    path: Path = field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, slots=True)
class Transformation:
    """What is done with answers; `reason` says why it is left out."""

    id: str
    options: dict[str, Any]
    disabled: bool = False
    filter: Matcher | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        type: One of `PANEL_TYPES` or `unsupported`.
        source_type: As in the file.
        max_data_points: Most points of a series; None: as wide as the panel.
        interval: Smallest step of its queries.
        time_from, time_shift: `6h`: its own range, and by how much it is earlier.
        library: Name of the library panel that it is.
        reason: Why it cannot be shown.
    """

    id: int
    type: str
    source_type: str
    title: str
    grid: Grid
    datasource: Datasource
    description: str = ""
    transparent: bool = False
    repeat: Repeat | None = None
    targets: tuple[Target, ...] = ()
    field_config: FieldConfig = field(default_factory=FieldConfig)
    options: dict[str, Any] = field(default_factory=dict)
    transformations: tuple[Transformation, ...] = ()
    links: tuple[Link, ...] = ()
    max_data_points: int | None = None
    interval: str = ""
    time_from: str = ""
    time_shift: str = ""
    hide_time_override: bool = False
    library: str = ""
    reason: str = ""
    path: Path = field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, slots=True)
class Row:
    """Panels below a title, or (`has_header` is false) those above the first."""

    title: str = ""
    has_header: bool = False
    collapsed: bool = False
    repeat: Repeat | None = None
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class VariableQuery:
    """Where a variable's values come from.

    Attributes:
        kind: `labelNames` and `labelValues` (of `label`) of series or streams; `metrics` (names
            that `expr` matches); `queryResult` (of the instant query `expr`, a text per series);
            `series` (label sets); empty when it cannot be asked.
        selector: Which series or streams: a selector, perhaps of a name alone; empty: all.
    """

    kind: str
    label: str = ""
    selector: str = ""
    expr: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable.

    Attributes:
        kind: `query`, `custom`, `interval`, `datasource`, `textbox`, `constant`, `adhoc`, `switch`.
        hide: Empty, `label` or `variable`.
        all_value: What "All" stands for; None: all values.
        current: Chosen at first. `$__all` as value is "All".
        options: For kinds whose values stand in the file, and what is known of others.
        engines: For `datasource`: engines that can be chosen.
        regex: Takes values from the query's result; its groups `text` and `value` may differ.
        sort_by, descending: `none`, `text`, `number`, `textIgnoringCase`, `natural`.
        refresh: `never`, `load` or `time` (whenever the range changes).
        auto, auto_count, auto_min: For `interval`: whether it has "auto", and what that means.
        filters: For `adhoc`: name, operator, value of what is filtered by at first.
        reason: Why it cannot be used.
    """

    name: str
    kind: str
    label: str = ""
    description: str = ""
    hide: str = ""
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None
    allow_custom: bool = True
    current: tuple[Choice, ...] = ()
    options: tuple[Choice, ...] = ()
    engines: tuple[Engine, ...] = ()
    query: VariableQuery | None = None
    datasource: Datasource | None = None
    regex: str = ""
    sort_by: str = "none"
    descending: bool = False
    refresh: str = "load"
    auto: bool = False
    auto_count: int = 30
    auto_min: str = "10s"
    filters: tuple[tuple[str, str, str], ...] = ()
    skip_url_sync: bool = False
    reason: str = ""
    path: Path = field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, slots=True)
class Annotation:
    """Where marks on charts come from.

    Attributes:
        language: `promql` (a mark where it is above zero), `logql` (a mark per line), `traceql`;
            `alerts`: what fired; empty when it cannot be asked.
        use_value_for_time: The value is the time, in milliseconds.
        exclude: Whether `panels` are those that do not show it; else, unless empty, only they do.
    """

    name: str
    language: str
    datasource: Datasource
    expr: str = ""
    enable: bool = True
    hide: bool = False
    color: str = ""
    step: str = ""
    title_format: str = ""
    text_format: str = ""
    tag_keys: tuple[str, ...] = ()
    use_value_for_time: bool = False
    exclude: bool = False
    panels: tuple[int, ...] = ()
    reason: str = ""
    path: Path = field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, slots=True)
class TimeRange:
    """As dashboards write it: `now-6h`, `now`, or a time."""

    start: str = "now-6h"
    end: str = "now"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A whole dashboard.

    Attributes:
        refresh: `10s`; empty: not by itself.
        timezone: `browser`, `utc` or the name of a zone.
        cursor: `off`, `crosshair` or `tooltip`: what charts share under the pointer.
        schema_version: Of the file; 0 when it says none.
    """

    uid: str
    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    time: TimeRange = TimeRange()
    refresh: str = ""
    timezone: str = "browser"
    week_start: str = ""
    cursor: str = "off"
    links: tuple[Link, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    variables: tuple[Variable, ...] = ()
    rows: tuple[Row, ...] = ()
    schema_version: int = 0

    def panels(self) -> list[Panel]:
        """All panels, row by row."""
        return [panel for row in self.rows for panel in row.panels]


def document(value: Any) -> Any:
    """The JSON form of a part of the model: names in camel case, tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [document(item) for item in value]
    if isinstance(value, dict):
        return {key: document(item) for key, item in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    names = _names(value.__class__)
    return {name: document(getattr(value, attribute)) for attribute, name in names}


@functools.cache
def _names(cls: Any) -> tuple[tuple[str, str], ...]:
    """Attributes of a class of the model and what they are called in JSON."""
    return tuple(
        (item.name, _camel(item.name))
        for item in dataclasses.fields(cls)
        if not item.metadata.get("hidden")
    )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
