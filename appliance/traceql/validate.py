"""What a query has to obey beside the grammar, in Tempo's order and words.

Grafana Tempo, pkg/traceql: ast_validate.go, ast_metrics.go, engine_metrics_compare.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.traceql.ast import (
    Aggregate,
    Attribute,
    Binary,
    Compare,
    GroupBy,
    Intrinsic,
    IntrinsicField,
    Literal,
    MetricsAggregate,
    MetricsOp,
    MetricsOperation,
    MetricsPipeline,
    Op,
    Pipeline,
    ScalarFilter,
    ScalarOperation,
    Scope,
    Select,
    SpansetFilter,
    SpansetOperation,
    TopK,
    Unary,
    UnaryOp,
)
from appliance.traceql.printer import print_field, print_node, print_static
from appliance.traceql.static import Type
from appliance.traceql.types import (
    NUMERIC,
    are_matching,
    field_type,
    is_valid,
    references_span,
    scalar_type,
)

if TYPE_CHECKING:
    from appliance.traceql.ast import (
        Field,
        FieldExpression,
        MetricsExpression,
        PipelineElement,
        Query,
        ScalarExpression,
    )
    from appliance.traceql.printer import Node

#: Fields of one `by (…)` of a metrics function; some functions need one for themselves.
MOST_FIELDS = 5
_FEWER_FIELDS = frozenset([MetricsOp.QUANTILE, MetricsOp.HISTOGRAM, MetricsOp.AVG])
_UNARY = {UnaryOp.NEGATE: NUMERIC, UnaryOp.NOT: frozenset([Type.BOOLEAN])}


def validate(query: Query) -> None:
    """Refuse what Tempo refuses though it is grammatical.

    Raises:
        BadInput: In Tempo's words.
    """
    if query.pipeline is not None:
        _pipeline(query.pipeline)
    if query.metrics is not None:
        _metrics(query.metrics)


def _wrong(message: str, node: Node | None = None, *, position: int | None = None) -> BadInput:
    shown = f"{message}: {print_node(node)}" if node is not None else message
    return BadInput(shown, position=position)


def _pipeline(node: Pipeline) -> None:
    for element in node.elements:
        _element(element)


def _element(node: PipelineElement) -> None:
    match node:
        case SpansetFilter():
            _filter(node)
        case SpansetOperation():
            _element(node.left)
            _element(node.right)
        case Pipeline():
            _pipeline(node)
        case ScalarFilter():
            _scalar_filter(node)
        case GroupBy():
            if not references_span(node.expression):
                message = "grouping field expressions must reference the span"
                raise _wrong(message, node, position=node.position)
            _expression(node.expression)
        case Select():
            for field in node.fields:
                _field(field)
        case Aggregate():
            _aggregate(node)


def _filter(node: SpansetFilter) -> None:
    _expression(node.expression)
    if field_type(node.expression) not in {None, Type.BOOLEAN}:
        message = "span filter field expressions must resolve to a boolean"
        raise _wrong(message, node, position=node.position)


def _expression(node: FieldExpression) -> None:
    match node:
        case Attribute() | IntrinsicField():
            _field(node)
        case Unary():
            _unary(node)
        case Binary():
            _expression(node.left)
            _expression(node.right)
            _operands(node, field_type(node.left), field_type(node.right))
            if node.op is Op.REGEX or node.op is Op.NOT_REGEX:
                _regex(node)


def _unary(node: Unary) -> None:
    _expression(node.operand)
    kind = field_type(node.operand)
    if node.op is UnaryOp.NOT_EXISTS:
        _not_nil(node.operand)
    elif node.op is not UnaryOp.EXISTS and kind is not None and kind not in _UNARY[node.op]:
        message = "illegal operation for the given type"
        raise _wrong(message, node, position=node.position)


def _not_nil(node: FieldExpression) -> None:
    """Intrinsics and the name of the service always have a value."""
    if isinstance(node, IntrinsicField):
        name, what = print_field(node), "intrinsics"
    elif node == Attribute("service.name", Scope.RESOURCE):
        name = what = "resource.service.name"
    else:
        return
    message = f"{name}=nil is not valid because {what} cannot be nil"
    raise _wrong(message, position=node.position)


def _operands(
    node: Binary | ScalarOperation | ScalarFilter, left: Type | None, right: Type | None
) -> None:
    if not are_matching(left, right):
        message = "binary operations must operate on the same type"
        raise _wrong(message, node, position=node.position)
    if not is_valid(node.op, left, right):
        message = "illegal operation for the given types"
        raise _wrong(message, node, position=node.position)


def _regex(node: Binary) -> None:
    pattern = node.right
    if not isinstance(pattern, Literal):
        raise _wrong("invalid type for =~ or !~", pattern, position=node.position)
    try:
        Pattern(str(pattern.value.value))
    except BadInput as error:
        message = f"invalid regex: {print_static(pattern.value)}\n{error.message}"
        raise _wrong(message, position=pattern.position) from error


def _field(node: Field) -> None:
    if node.is_parent:
        raise _wrong("parent not yet supported", position=node.position)
    if isinstance(node, IntrinsicField) and node.intrinsic is Intrinsic.PARENT:
        raise _wrong("intrinsic (parent) not yet supported", position=node.position)


def _aggregate(node: Aggregate) -> None:
    if node.expression is None:
        return
    _expression(node.expression)
    kind = field_type(node.expression)
    if kind is not None and kind not in NUMERIC:
        message = "aggregate field expressions must resolve to a number type"
        raise _wrong(message, node, position=node.position)
    if not references_span(node.expression):
        message = "aggregate field expressions must reference the span"
        raise _wrong(message, node, position=node.position)


def _scalar(node: ScalarExpression) -> None:
    match node:
        case Aggregate():
            _aggregate(node)
        case ScalarOperation():
            _scalar(node.left)
            _scalar(node.right)
            _operands(node, scalar_type(node.left), scalar_type(node.right))
        case Pipeline():
            _pipeline(node)


def _scalar_filter(node: ScalarFilter) -> None:
    _scalar(node.left)
    _scalar(node.right)
    _operands(node, scalar_type(node.left), scalar_type(node.right))
    for side, wanted, what in (
        (node.left, Aggregate, "an aggregate such as count()"),
        (node.right, Literal, "a constant"),
    ):
        if not isinstance(side, wanted):
            name = "lhs" if side is node.left else "rhs"
            # Tempo's message shows the mark for the type, not the type.
            message = f"scalar filter {name} of type (%v) not yet supported\nwrite {what} there"
            raise _wrong(message, position=node.position)


def _metrics(node: MetricsExpression) -> None:
    if isinstance(node, MetricsOperation):
        for side in (node.left, node.right):
            _metrics(side)
            _not_compared(side)
    else:
        _pipeline(node.pipeline)
        if isinstance(node.first, Compare):
            _compare(node.first)
        else:
            _first_stage(node.first)
    for stage in node.then:
        if isinstance(stage, TopK) and stage.count <= 0:
            raise _wrong("limit must be greater than 0", position=stage.position)
    if node.then:
        _not_compared(node)


def _not_compared(node: MetricsExpression) -> None:
    if isinstance(node, MetricsPipeline) and isinstance(node.first, Compare):
        message = "`compare()` cannot be used with second stage functions"
        raise _wrong(message, position=node.first.position)


def _first_stage(node: MetricsAggregate) -> None:
    count = len(node.by)
    if count > MOST_FIELDS or (node.op in _FEWER_FIELDS and count >= MOST_FIELDS):
        message = f"metrics group by {count} values not yet supported"
        raise _wrong(message, position=node.position)
    for quantile in node.quantiles:
        if not 0 <= quantile <= 1:
            message = f"quantile must be between 0 and 1: {quantile:g}"
            raise _wrong(message, position=node.position)
    for field in (*(() if node.of is None else (node.of,)), *node.by):
        _field(field)


def _compare(node: Compare) -> None:
    _filter(node.selection)
    start, end = node.start_ns, node.end_ns
    wrong = ""
    if node.top <= 0:
        wrong = "top number of values must be integer greater than 0"
    elif (start or end) and not (start > 0 and end > 0):
        wrong = "timestamps must be positive integer unix nanoseconds"
    elif (start or end) and end <= start:
        wrong = "end timestamp must be greater than start timestamp"
    if wrong:
        raise _wrong(f"compare() {wrong}", position=node.position)
