"""How values of a panel are shown: units, thresholds, mappings, colours, and exceptions from them.

The words are those of Grafana's `fieldConfig` (schema version 42); older forms are made of it when
a dashboard is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a dashboard, a panel or a value; `url` may hold variables.

    Attributes:
        kind: `link`, or `dashboards`: all dashboards that have one of `tags`.
        include_variables, keep_time: Whether current values and the time range go with it.
    """

    title: str
    url: str
    kind: str = "link"
    tooltip: str = ""
    icon: str = ""
    tags: tuple[str, ...] = ()
    as_dropdown: bool = False
    include_variables: bool = False
    keep_time: bool = False
    target_blank: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From this value on, the colour; the first step has no value: it is from minus infinity."""

    value: float | None
    color: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Steps, ascending; `mode` is `absolute` or `percentage` (of min to max)."""

    mode: str = "absolute"
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """What is shown in place of a value.

    Attributes:
        kind: `value` (equals `match`), `range` (`start` to `end`, both included, None is open),
            `regex` (`match` is the pattern) or `special` (`match` is `null`, `nan`, `null+nan`,
            `true`, `false` or `empty`).
        text: None leaves the value.
        color: Empty leaves the colour.
    """

    kind: str
    match: str = ""
    start: float | None = None
    end: float | None = None
    text: str | None = None
    color: str = ""


@dataclass(frozen=True, slots=True)
class Color:
    """Where colours come from.

    Attributes:
        mode: `fixed`, `shades`, `thresholds`, `palette-classic`, `palette-classic-by-name` or one
            of `continuous-…`.
        fixed: Grafana's name of a colour (`semi-dark-red`), or one of CSS.
        series_by: `last`, `min` or `max`: which value decides where a series has one colour.
    """

    mode: str
    fixed: str = ""
    series_by: str = "last"


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """How a field is shown. None and empty mean: not said."""

    unit: str = ""
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    display_name: str = ""
    no_value: str = ""
    description: str = ""
    thresholds: Thresholds | None = None
    mappings: tuple[Mapping, ...] = ()
    color: Color | None = None
    links: tuple[Link, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matcher:
    """Which fields (of overrides) or frames (of transformations) are meant; Grafana's ids."""

    id: str
    options: Any = None


@dataclass(frozen=True, slots=True)
class Property:
    """One thing that is different.

    Attributes:
        id: `unit`, `displayName`, `custom.lineWidth` …
        value: As in Grafana, but thresholds, mappings, colours and links as in `FieldOptions`.
    """

    id: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Override:
    """What is different for some fields; later overrides win."""

    matcher: Matcher
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class FieldConfig:
    """What holds for all fields of a panel, and the exceptions."""

    defaults: FieldOptions = field(default_factory=FieldOptions)
    overrides: tuple[Override, ...] = ()
