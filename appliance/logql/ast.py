"""Nodes of a LogQL query (Loki, "LogQL: Log query language").

Nodes are equal when they mean the same: positions do not count. Times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.matcher import Matcher


class FilterOp(Enum):
    """What a line filter asks of a line."""

    CONTAINS = "|="
    LACKS = "!="
    MATCHES = "|~"
    NO_MATCH = "!~"
    PATTERN = "|>"
    NO_PATTERN = "!>"


@dataclass(frozen=True, slots=True)
class FilterText:
    """One alternative of a line filter: a text, or an address range in `ip("…")`."""

    text: str
    is_ip: bool = False


@dataclass(frozen=True, slots=True)
class LineFilter:
    """A condition on whole lines.

    Attributes:
        texts: At least one. A positive filter wants any of them, a negative one none.
    """

    op: FilterOp
    texts: tuple[FilterText, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Extraction:
    """`label="expression"` of a json or logfmt stage; a bare `label` extracts its own name."""

    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class Json:
    """`| json`; without expressions every field becomes a label."""

    expressions: tuple[Extraction, ...] = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logfmt:
    """`| logfmt [--strict] [--keep-empty]`."""

    expressions: tuple[Extraction, ...] = ()
    is_strict: bool = False
    keeps_empty: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Regexp:
    """`| regexp "…(?P<label>…)…"`."""

    expression: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`| pattern "<label> …"`."""

    expression: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unpack:
    """`| unpack`: what promtail's pack stage packed."""

    position: int = field(default=0, compare=False)


class CompareOp(Enum):
    """Comparison of a label with a number."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_EQUAL = ">="
    LESS = "<"
    LESS_EQUAL = "<="


class Unit(Enum):
    """What the text of a label is read as before it is compared."""

    NUMBER = "number"
    DURATION = "duration"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class TextCondition:
    """`label = "value"` and its kin."""

    matcher: Matcher


@dataclass(frozen=True, slots=True)
class NumberCondition:
    """`label >= 10`, `label < 250ms`, `label == 20KB`.

    Attributes:
        value: A number, seconds or bytes.
        text: The value as written.
    """

    label: str
    op: CompareOp
    unit: Unit
    value: float
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class IpCondition:
    """`label = ip("10.0.0.0/8")`."""

    label: str
    is_negated: bool
    text: str


@dataclass(frozen=True, slots=True)
class BothConditions:
    """`a and b`, `a, b`, `a b`."""

    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class EitherCondition:
    """`a or b`."""

    left: Condition
    right: Condition


Condition = TextCondition | NumberCondition | IpCondition | BothConditions | EitherCondition


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """`| <condition>`."""

    condition: Condition
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LineFormat:
    """`| line_format "<template>"`."""

    template: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LabelFormatItem:
    """`label=other` (a rename) or `label="<template>"`."""

    label: str
    value: str
    is_template: bool


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """`| label_format …`."""

    items: tuple[LabelFormatItem, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Decolorize:
    """`| decolorize`."""

    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Drop:
    """`| drop label, label="value"`; a bare name drops the label always."""

    items: tuple[str | Matcher, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Keep:
    """`| keep label, label="value"`."""

    items: tuple[str | Matcher, ...]
    position: int = field(default=0, compare=False)


Stage = (
    LineFilter
    | Json
    | Logfmt
    | Regexp
    | Pattern
    | Unpack
    | LabelFilter
    | LineFormat
    | LabelFormat
    | Decolorize
    | Drop
    | Keep
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A log query: a stream selector and the stages that its lines pass.

    Attributes:
        matchers: All must hold; at least one cannot match the empty string.
        stages: In the order written.
    """

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...] = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unwrap:
    """`| unwrap label`, `| unwrap duration(label)`, with the filters that follow.

    Attributes:
        conversion: "", "duration", "duration_seconds" or "bytes".
    """

    label: str
    conversion: str = ""
    filters: tuple[LabelFilter, ...] = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LogRange:
    """`{…} | … | unwrap … [5m] offset 1h`."""

    pipeline: Pipeline
    range_ns: int
    unwrap: Unwrap | None = None
    offset_ns: int = 0
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Grouping:
    """`by (…)` or `without (…)`; `by ()` is a grouping without labels."""

    labels: tuple[str, ...] = ()
    is_without: bool = False


@dataclass(frozen=True, slots=True)
class RangeAggregation:
    """`op([parameter,] range) [grouping]`."""

    op: str
    range: LogRange
    parameter: float | None = None
    grouping: Grouping | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VectorAggregation:
    """`op([parameter,] metric) [grouping]`, sort and sort_desc included."""

    op: str
    expr: Metric
    parameter: float | None = None
    grouping: Grouping | None = None
    position: int = field(default=0, compare=False)


class Cardinality(Enum):
    """How many series of either side go together."""

    ONE_TO_ONE = ""
    MANY_TO_ONE = "group_left"
    ONE_TO_MANY = "group_right"


@dataclass(frozen=True, slots=True)
class Matching:
    """`on (…)`, `ignoring (…)` with `group_left (…)` or `group_right (…)`."""

    labels: tuple[str, ...] = ()
    is_on: bool = False
    cardinality: Cardinality = Cardinality.ONE_TO_ONE
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op [bool] [matching] right`."""

    op: str
    left: Metric
    right: Metric
    returns_bool: bool = False
    matching: Matching | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A number."""

    value: float
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VectorLiteral:
    """`vector(1)`."""

    value: float
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LabelReplace:
    """`label_replace(metric, "destination", "replacement", "source", "regex")`."""

    expr: Metric
    destination: str
    replacement: str
    source: str
    regex: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Variants:
    """`variants(metric, metric) of ({…}[5m])`: several aggregations in one pass."""

    metrics: tuple[Metric, ...]
    range: LogRange
    position: int = field(default=0, compare=False)


Metric = (
    RangeAggregation
    | VectorAggregation
    | Binary
    | Literal
    | VectorLiteral
    | LabelReplace
    | Variants
)
Query = Pipeline | Metric


def children(node: Query) -> Sequence[Query]:
    """The queries that a query is made of, in the order written."""
    match node:
        case VectorAggregation() | LabelReplace():
            return (node.expr,)
        case Binary():
            return (node.left, node.right)
        case Variants():
            return node.metrics
        case RangeAggregation():
            return (node.range.pipeline,)
    return ()
