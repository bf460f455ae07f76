"""TraceQL as Tempo prints it (Grafana Tempo, pkg/traceql/ast_stringer.go).

Brackets stand around every operand that has operators of its own, strings in backquotes.

Differs from Tempo where that prints what cannot be read back: strings with a backquote, quantiles
of more than five digits, the least integer, arguments of compare(), arithmetic of series with a
number.
"""

from __future__ import annotations

import math
from decimal import Decimal

from appliance.base.go_quantity import print_go_duration
from appliance.syntax.quoting import quote
from appliance.traceql.ast import (
    Aggregate,
    Attribute,
    Binary,
    Coalesce,
    Compare,
    Field,
    FieldExpression,
    GroupBy,
    Hint,
    Intrinsic,
    IntrinsicField,
    Literal,
    MetricsAggregate,
    MetricsExpression,
    MetricsOperation,
    MetricsPipeline,
    Pipeline,
    PipelineElement,
    Query,
    ScalarExpression,
    ScalarFilter,
    ScalarMath,
    ScalarOperation,
    Scope,
    SecondStage,
    Select,
    SeriesFilter,
    SpansetFilter,
    SpansetOperation,
    TopK,
    Unary,
    UnaryOp,
)
from appliance.traceql.lexer import quote_name
from appliance.traceql.static import Kind, Static, Status, Type

Node = (
    Query
    | FieldExpression
    | PipelineElement
    | ScalarExpression
    | MetricsExpression
    | MetricsAggregate
    | Compare
    | SecondStage
    | Hint
)
#: Intrinsics that Tempo prints by an older name than the scoped one.
_OLD_NAMES = {
    Intrinsic.DURATION: "duration",
    Intrinsic.NAME: "name",
    Intrinsic.STATUS: "status",
    Intrinsic.STATUS_MESSAGE: "statusMessage",
    Intrinsic.KIND: "kind",
    Intrinsic.TRACE_DURATION: "traceDuration",
    Intrinsic.ROOT_NAME: "rootName",
    Intrinsic.ROOT_SERVICE: "rootServiceName",
}
#: From this exponent on (and below -4) `%g` of the shortest digits changes to `e`.
_LEAST_INTEGER = -(2**63)
_SHORTEST_EXPONENT, _LEAST_EXPONENT = 6, -4


def print_node(node: Node) -> str:  # noqa: PLR0911 - one case for each node
    """The text of a query or a part of one."""
    match node:
        case Query():
            return _query(node)
        case Pipeline():
            return "|".join(print_node(element) for element in node.elements)
        case MetricsPipeline() | MetricsOperation():
            return _metrics(node)
        case MetricsAggregate():
            return _first_stage(node)
        case Compare():
            return _compare(node)
        case TopK() | SeriesFilter() | ScalarMath():
            return _staged("", node).strip(" |")
        case Hint():
            return f"{node.name}={print_static(node.value)}"
        case _:
            return _expression(node)


def print_static(value: Static) -> str:  # noqa: PLR0911 - one case for each type
    """A constant as queries write it."""
    number = value.value
    match value.type:
        case Type.STRING:
            text = str(number)
            return quote(text) if "`" in text or "\r" in text else f"`{text}`"
        case Type.FLOAT if isinstance(number, float):
            return _float(number)
        case Type.BOOLEAN:
            return "true" if number else "false"
        case Type.DURATION if isinstance(number, int):
            return print_go_duration(number)
        case Type.STATUS if isinstance(number, int):
            return Status(number).name.lower()
        case Type.KIND if isinstance(number, int):
            return Kind(number).name.lower()
        case Type.NIL:
            return "nil"
        case _ if isinstance(number, tuple):
            shown = (quote(one) if isinstance(one, str) else str(one) for one in number)
            return f"[{', '.join(shown)}]"
    # Its digits without the minus are too many for an integer.
    return "minInt" if number == _LEAST_INTEGER else str(number)


def print_field(node: Field) -> str:
    """A field by the name under which Tempo knows it."""
    if isinstance(node, IntrinsicField):
        name = _OLD_NAMES.get(node.intrinsic, node.intrinsic.value)
        return f"parent.{name}" if node.is_parent else name
    scope = f"{node.scope.value}." if node.scope is not Scope.NONE else ""
    if node.is_parent:
        return f"parent.{scope}{quote_name(node.name, is_parent=not scope)}"
    return f"{scope or '.'}{quote_name(node.name)}"


def _expression(  # noqa: C901, PLR0911 - one case for each node
    node: PipelineElement | FieldExpression | ScalarExpression,
) -> str:
    match node:
        case Literal():
            return print_static(node.value)
        case Attribute() | IntrinsicField():
            return print_field(node)
        case Unary(op=UnaryOp.EXISTS | UnaryOp.NOT_EXISTS):
            return f"{_wrapped(node.operand)} {node.op.value}"
        case Unary():
            return f"{node.op.value}{_wrapped(node.operand)}"
        case Binary() | SpansetOperation() | ScalarOperation() | ScalarFilter():
            return f"{_wrapped(node.left)} {node.op.value} {_wrapped(node.right)}"
        case SpansetFilter():
            return f"{{ {print_node(node.expression)} }}"
        case Aggregate():
            inner = "" if node.expression is None else print_node(node.expression)
            return f"{node.op.value}({inner})"
        case GroupBy():
            return f"by({print_node(node.expression)})"
        case Coalesce():
            return "coalesce()"
        case Select():
            return f"select({', '.join(map(print_field, node.fields))})"
        case Pipeline():
            return print_node(node)


def _wrapped(node: FieldExpression | PipelineElement | ScalarExpression) -> str:
    text = print_node(node)
    return text if isinstance(node, Literal | Attribute | IntrinsicField) else f"({text})"


def _query(node: Query) -> str:
    body = node.metrics if node.metrics is not None else node.pipeline
    text = print_node(body) if body is not None else ""
    if node.hints:
        text += f" with({','.join(map(print_node, node.hints))})"
    return text


def _metrics(node: MetricsPipeline | MetricsOperation) -> str:
    if isinstance(node, MetricsPipeline):
        text = f"{print_node(node.pipeline)} | {print_node(node.first)}"
    else:
        text = f"({print_node(node.left)}) {node.op.value} ({print_node(node.right)})"
    for stage in node.then:
        if isinstance(stage, ScalarMath):
            # Arithmetic takes what is in brackets, and binds tighter than what may follow it.
            number = _number(stage.value)
            sides = (number, f"({text})") if stage.is_left else (f"({text})", number)
            text = f"{sides[0]} {stage.op.value} {sides[1]}"
        else:
            text = _staged(text, stage)
    return text


def _staged(text: str, stage: SecondStage) -> str:
    match stage:
        case TopK():
            return f"{text} | {'bottomk' if stage.is_bottom else 'topk'}({stage.count})"
        case SeriesFilter():
            return f"{text} {stage.op.value} {print_static(stage.value)}"
        case ScalarMath():
            return f"{text} {stage.op.value} {_number(stage.value)}"


def _first_stage(node: MetricsAggregate) -> str:
    arguments = [] if node.of is None else [print_field(node.of)]
    arguments += map(_number, node.quantiles)
    by = f"by({','.join(map(print_field, node.by))})" if node.by else ""
    return f"{node.op.value}({','.join(arguments)}){by}"


def _compare(node: Compare) -> str:
    numbers = [node.top, node.start_ns, node.end_ns]
    if not (node.start_ns or node.end_ns):
        numbers = numbers[:1]
    shown = "".join(f", {number}" for number in numbers)
    return f"compare({print_node(node.selection)}{shown})"


def _number(value: float) -> str:
    """A number that is one whether or not it has a point."""
    text = _float(value)
    return text.removesuffix(".0")


def _float(value: float) -> str:
    """The shortest digits, never those of an integer."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    minus = "-" if sign else ""
    if digits == (0,):
        return f"{minus}0.0"
    text = "".join(map(str, digits))
    power = len(text) + int(exponent) - 1
    if power < _LEAST_EXPONENT or power >= max(_SHORTEST_EXPONENT, 0):
        point = "." if len(text) > 1 else ""
        return f"{minus}{text[0]}{point}{text[1:]}e{power:+03d}"
    if power < 0:
        return f"{minus}0.{'0' * (-power - 1)}{text}"
    whole, rest = text[: power + 1].ljust(power + 1, "0"), text[power + 1 :]
    return f"{minus}{whole}.{rest or '0'}"
