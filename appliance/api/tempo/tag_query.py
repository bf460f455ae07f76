"""A search by tags, which is older than TraceQL, as a TraceQL query.

Each tag has to be on some span of a trace, not all on one. Tempo keeps some tags in columns of
their own, which it searches for a part of the text; others have to be equal, and texts.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

from appliance.traceql.ast import (
    Attribute,
    Binary,
    Intrinsic,
    IntrinsicField,
    Literal,
    Op,
    Pipeline,
    Query,
    Scope,
    SpansetFilter,
    SpansetOp,
    SpansetOperation,
)
from appliance.traceql.static import TRUE, Static, Status, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.api.tempo.params import SearchParameters
    from appliance.traceql.ast import Field, FieldExpression, SpansetExpression

_MS = 10**6
#: Tags that are searched for a part of their text.
_PARTS: dict[str, Field] = {
    "root.name": IntrinsicField(Intrinsic.ROOT_NAME),
    "root.service.name": IntrinsicField(Intrinsic.ROOT_SERVICE),
    "name": IntrinsicField(Intrinsic.NAME),
    "service.name": Attribute("service.name", Scope.RESOURCE),
    **{
        name: Attribute(name, Scope.RESOURCE)
        for name in (
            "k8s.cluster.name",
            "k8s.namespace.name",
            "k8s.pod.name",
            "k8s.container.name",
        )
    },
    **{
        name: Attribute(name, Scope.SPAN)
        for name in (
            "http.request.method",
            "url.path",
            "url.route",
            "server.address",
            "http.method",
            "http.url",
            "http.route",
        )
    },
}
#: Tags that may be numbers.
_NUMBERS = {"http.response.status_code", "server.port", "http.status_code"}
_STATUSES = {"ok": Status.OK, "error": Status.ERROR}


def tag_query(asked: SearchParameters) -> Query:
    """The query that finds what a search by tags asks for."""
    conditions = [_condition(name, value) for name, value in asked.tags.items()]
    duration = IntrinsicField(Intrinsic.TRACE_DURATION)
    for op, bound_ms in ((Op.GREATER_EQUAL, asked.min_ms), (Op.LESS_EQUAL, asked.max_ms)):
        if bound_ms:
            bound = Literal(Static(Type.DURATION, bound_ms * _MS))
            conditions.append(Binary(op, duration, bound))
    filters: list[SpansetExpression] = [SpansetFilter(one) for one in conditions]
    return Query(Pipeline((_all_of(filters) if filters else SpansetFilter(Literal(TRUE)),)))


def _all_of(filters: Sequence[SpansetExpression]) -> SpansetExpression:
    """All filters, as a tree that is not deep."""
    if len(filters) == 1:
        return filters[0]
    middle = len(filters) // 2
    left, right = _all_of(filters[:middle]), _all_of(filters[middle:])
    return SpansetOperation(SpansetOp.AND, left, right)


def _condition(name: str, value: str) -> FieldExpression:
    if name in _PARTS:
        pattern = Static(Type.STRING, f"(?s).*{re.escape(value)}.*")
        return Binary(Op.REGEX, _PARTS[name], Literal(pattern))
    if name == "status.code":
        status = Static(Type.STATUS, _STATUSES.get(value, Status.UNSET))
        return Binary(Op.EQUAL, IntrinsicField(Intrinsic.STATUS), Literal(status))
    wanted = [Static(Type.STRING, value)]
    if name in _NUMBERS and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        wanted.append(Static(Type.INT, int(value)))
    equal: list[FieldExpression] = [
        Binary(Op.EQUAL, Attribute(name, scope), Literal(one))
        for scope in (Scope.SPAN, Scope.RESOURCE)
        for one in wanted
    ]
    return reduce(lambda left, right: Binary(Op.OR, left, right), equal)
