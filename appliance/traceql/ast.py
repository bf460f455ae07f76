"""Nodes of a TraceQL query (Grafana Tempo, "TraceQL").

Nodes are equal when they mean the same: positions do not count. Times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.traceql.static import Static


class Scope(Enum):
    """Where an attribute is looked up; NONE is the span's, then the resource's."""

    NONE = ""
    SPAN = "span"
    RESOURCE = "resource"
    EVENT = "event"
    LINK = "link"
    INSTRUMENTATION = "instrumentation"


class Intrinsic(Enum):
    """Fields that every span has; the value is the newest (scoped) spelling."""

    DURATION = "span:duration"
    NAME = "span:name"
    STATUS = "span:status"
    STATUS_MESSAGE = "span:statusMessage"
    KIND = "span:kind"
    SPAN_ID = "span:id"
    PARENT_ID = "span:parentID"
    CHILD_COUNT = "span:childCount"
    TRACE_ID = "trace:id"
    TRACE_DURATION = "trace:duration"
    ROOT_NAME = "trace:rootName"
    ROOT_SERVICE = "trace:rootService"
    EVENT_NAME = "event:name"
    EVENT_TIME_SINCE_START = "event:timeSinceStart"
    LINK_TRACE_ID = "link:traceID"
    LINK_SPAN_ID = "link:spanID"
    INSTRUMENTATION_NAME = "instrumentation:name"
    INSTRUMENTATION_VERSION = "instrumentation:version"
    NESTED_SET_LEFT = "nestedSetLeft"
    NESTED_SET_RIGHT = "nestedSetRight"
    NESTED_SET_PARENT = "nestedSetParent"
    PARENT = "parent"


class Op(Enum):
    """Operators between field expressions, and between scalars."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    MOD = "%"
    POW = "^"
    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    REGEX = "=~"
    NOT_REGEX = "!~"
    AND = "&&"
    OR = "||"


class UnaryOp(Enum):
    """Operators with one operand; the last two come of comparisons with nil."""

    NEGATE = "-"
    NOT = "!"
    EXISTS = "!= nil"
    NOT_EXISTS = "= nil"


class SpansetOp(Enum):
    """Operators between spansets."""

    AND = "&&"
    UNION = "||"
    CHILD = ">"
    PARENT = "<"
    DESCENDANT = ">>"
    ANCESTOR = "<<"
    SIBLING = "~"
    NOT_CHILD = "!>"
    NOT_PARENT = "!<"
    NOT_DESCENDANT = "!>>"
    NOT_ANCESTOR = "!<<"
    NOT_SIBLING = "!~"
    UNION_CHILD = "&>"
    UNION_PARENT = "&<"
    UNION_DESCENDANT = "&>>"
    UNION_ANCESTOR = "&<<"
    UNION_SIBLING = "&~"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`span.http.method`, `.foo`, `parent.resource.bar`."""

    name: str
    scope: Scope = Scope.NONE
    is_parent: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IntrinsicField:
    """`duration`, `span:name`, `parent.duration`.

    Attributes:
        text: As it was written: answers name the field so.
    """

    intrinsic: Intrinsic
    is_parent: bool = False
    text: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Static
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """An operator and its operand."""

    op: UnaryOp
    operand: FieldExpression
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands."""

    op: Op
    left: FieldExpression
    right: FieldExpression
    position: int = field(default=0, compare=False)


Field = Attribute | IntrinsicField
FieldExpression = Attribute | IntrinsicField | Literal | Unary | Binary


@dataclass(frozen=True, slots=True)
class SpansetFilter:
    """`{ expression }`; `{ }` has the literal true."""

    expression: FieldExpression
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SpansetOperation:
    """`{ } >> { }`; operands may be pipelines in brackets."""

    op: SpansetOp
    left: SpansetExpression
    right: SpansetExpression
    position: int = field(default=0, compare=False)


class AggregateOp(Enum):
    """What an aggregate computes of each spanset."""

    COUNT = "count"
    MAX = "max"
    MIN = "min"
    SUM = "sum"
    AVG = "avg"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`count()`, `avg(duration)`."""

    op: AggregateOp
    expression: FieldExpression | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ScalarOperation:
    """`count() + 1`, `({ } | count()) / ({ } | max(duration))`."""

    op: Op
    left: ScalarExpression
    right: ScalarExpression
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ScalarFilter:
    """`count() > 3`: keeps the spansets for which it holds."""

    op: Op
    left: ScalarExpression
    right: ScalarExpression
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class GroupBy:
    """`by(expression)`: splits spansets by its value."""

    expression: FieldExpression
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Coalesce:
    """`coalesce()`: all spansets of a trace become one again."""

    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Select:
    """`select(a, b)`: fields that the answer shows."""

    fields: tuple[Field, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Elements one after the other; an aggregate may only be the last one, of a scalar pipeline."""

    elements: tuple[PipelineElement, ...]


SpansetExpression = SpansetFilter | SpansetOperation | Pipeline
ScalarExpression = Aggregate | ScalarOperation | Literal | Pipeline
PipelineElement = (
    SpansetFilter
    | SpansetOperation
    | Pipeline
    | ScalarFilter
    | GroupBy
    | Coalesce
    | Select
    | Aggregate
)


class MetricsOp(Enum):
    """Metrics functions of the first stage, except `compare`."""

    RATE = "rate"
    COUNT = "count_over_time"
    MIN = "min_over_time"
    MAX = "max_over_time"
    SUM = "sum_over_time"
    AVG = "avg_over_time"
    QUANTILE = "quantile_over_time"
    HISTOGRAM = "histogram_over_time"


@dataclass(frozen=True, slots=True)
class MetricsAggregate:
    """`| quantile_over_time(duration, .9, .99) by (name)`.

    Attributes:
        of: What is measured; None for rate and count_over_time.
        quantiles: Of quantile_over_time.
    """

    op: MetricsOp
    of: Field | None = None
    by: tuple[Field, ...] = ()
    quantiles: tuple[float, ...] = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`| compare({ selection }, top, start, end)`; times in nanoseconds, 0 for the query's."""

    selection: SpansetFilter
    top: int = 10
    start_ns: int = 0
    end_ns: int = 0
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TopK:
    """`| topk(5)` and `| bottomk(5)`."""

    count: int
    is_bottom: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """`| rate() > 5`: keeps the points of series for which it holds."""

    op: Op
    value: Static
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ScalarMath:
    """`({ } | rate()) * 60`, `100 - ({ } | rate())`: each point of series and a number.

    Attributes:
        is_left: Whether the number is the left operand.
    """

    op: Op
    value: float
    is_left: bool = False
    position: int = field(default=0, compare=False)


SecondStage = TopK | SeriesFilter | ScalarMath


@dataclass(frozen=True, slots=True)
class MetricsPipeline:
    """Spans, what is measured of them, and what is done with the series."""

    pipeline: Pipeline
    first: MetricsAggregate | Compare
    then: tuple[SecondStage, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricsOperation:
    """`({ } | rate()) / ({ } | rate())`, followed by second stages."""

    op: Op
    left: MetricsExpression
    right: MetricsExpression
    then: tuple[SecondStage, ...] = ()
    position: int = field(default=0, compare=False)


MetricsExpression = MetricsPipeline | MetricsOperation


@dataclass(frozen=True, slots=True)
class Hint:
    """`with (name=value)`."""

    name: str
    value: Static


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: a search has a pipeline, a metrics query an expression of series.

    Attributes:
        pipeline: Of a search; a ScalarFilter of two scalar pipelines is a pipeline of one element.
        metrics: Of a metrics query; then `pipeline` is None.
        hints: In their order.
    """

    pipeline: Pipeline | None = None
    metrics: MetricsExpression | None = None
    hints: tuple[Hint, ...] = ()
