"""The attributes that compare() looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import (
    Attribute,
    Binary,
    Intrinsic,
    IntrinsicField,
    Literal,
    Op,
    Scope,
    SpansetFilter,
    Unary,
    UnaryOp,
)
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.metrics.mentioned import mentioned_fields, nodes_of
from appliance.traceql.printer import print_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.traceql.ast import Field, FieldExpression, Pipeline
    from appliance.traceql.block import Block

_INTRINSICS = (
    IntrinsicField(Intrinsic.ROOT_NAME, text="rootName"),
    IntrinsicField(Intrinsic.ROOT_SERVICE, text="rootServiceName"),
    IntrinsicField(Intrinsic.NAME, text="name"),
    IntrinsicField(Intrinsic.KIND, text="kind"),
    IntrinsicField(Intrinsic.STATUS, text="status"),
    IntrinsicField(Intrinsic.STATUS_MESSAGE, text="statusMessage"),
    IntrinsicField(Intrinsic.CHILD_COUNT, text="span:childCount"),
    IntrinsicField(Intrinsic.INSTRUMENTATION_NAME, text="instrumentation:name"),
    IntrinsicField(Intrinsic.INSTRUMENTATION_VERSION, text="instrumentation:version"),
)
_SCOPES = (Scope.RESOURCE, Scope.SPAN, Scope.INSTRUMENTATION)

#: Attributes for which Tempo keeps columns of their own: spans without them count as nil.
_ALWAYS_THERE = {
    Scope.RESOURCE: (
        "k8s.cluster.name",
        "k8s.container.name",
        "k8s.namespace.name",
        "k8s.pod.name",
        "service.name",
    ),
    Scope.SPAN: (
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.status_code",
        "http.url",
        "server.address",
        "server.port",
        "url.path",
        "url.route",
    ),
    Scope.INSTRUMENTATION: (),
}
_COMPARISONS = {
    Op.EQUAL,
    Op.NOT_EQUAL,
    Op.LESS,
    Op.LESS_EQUAL,
    Op.GREATER,
    Op.GREATER_EQUAL,
    Op.REGEX,
    Op.NOT_REGEX,
}


@dataclass(frozen=True, slots=True)
class ComparedField:
    """An attribute that spans are compared by.

    Attributes:
        name: As labels have it.
        counts_nil: Whether spans without it count.
    """

    field: Field
    name: str
    counts_nil: bool


def compared_fields(block: Block) -> list[ComparedField]:
    """What the spans of a block can be compared by."""
    found = [ComparedField(field, print_node(field), counts_nil=True) for field in _INTRINSICS]
    for scope in _SCOPES:
        always = _ALWAYS_THERE[scope]
        keys = dict.fromkeys([*always, *block.columns.attribute_keys(scope.value)])
        for key in keys:
            field = Attribute(key, scope)
            found.append(ComparedField(field, print_node(field), counts_nil=key in always))
    return found


def repeated_in(pipeline: Pipeline, field: Field, block: Block) -> NDArray[np.bool_] | None:
    """Where a condition of the pipeline's filters on this field holds: bool[span], or nowhere."""
    masks = [
        matching(condition, block)
        for node in nodes_of(pipeline, SpansetFilter)
        for condition in _conditions(node.expression, field)
    ]
    return np.logical_or.reduce(masks) if masks else None


def _conditions(expression: FieldExpression, field: Field) -> Iterator[FieldExpression]:
    """The conditions on a field in an expression; one that asks for more is that it exists."""
    match expression:
        case Binary(op=op, left=left, right=right) if op in _COMPARISONS:
            named = _same([left, right], field)
            if named and isinstance(left if named[0] is right else right, Literal):
                is_left = named[0] is left
                yield Binary(op, field if is_left else left, right if is_left else field)
            elif _same(mentioned_fields(expression), field):
                yield Unary(UnaryOp.EXISTS, field)
        case Binary(left=left, right=right):
            yield from _conditions(left, field)
            yield from _conditions(right, field)
        case Unary(operand=operand):
            yield from _conditions(operand, field)
        case Attribute() | IntrinsicField() if _same([expression], field):
            yield Unary(UnaryOp.EXISTS, field)
        case _:
            return


def _same(candidates: Sequence[FieldExpression], field: Field) -> list[FieldExpression]:
    """Which of some expressions are this field, or the same attribute without a scope."""
    return [
        candidate
        for candidate in candidates
        if candidate == field
        or (
            isinstance(candidate, Attribute)
            and isinstance(field, Attribute)
            and candidate.scope is Scope.NONE
            and not candidate.is_parent
            and candidate.name == field.name
        )
    ]
