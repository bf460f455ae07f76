"""The attributes that compare() looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.ast import Attribute, Intrinsic, IntrinsicField, Scope, UnaryOp
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.pipeline.conditions import conditions_of
from appliance.traceql.printer import print_node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.traceql.ast import Field, Pipeline
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
    """Where the pipeline has read this field already: bool[span], or nowhere."""
    conditions = [
        replace(condition, field=field)
        for condition in conditions_of(pipeline).first
        if _is_same(condition.field, field) and condition.op is not UnaryOp.NOT_EXISTS
    ]
    masks = [matching(condition.expression, block) for condition in conditions]
    return np.logical_or.reduce(masks) if masks else None


def _is_same(asked: Field | None, field: Field) -> bool:
    """Whether a condition on one field reads the other: an unscoped attribute is in all scopes."""
    if isinstance(asked, Attribute) and isinstance(field, Attribute) and not asked.is_parent:
        return asked.name == field.name and asked.scope in {Scope.NONE, field.scope}
    return asked == field
