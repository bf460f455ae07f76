"""Names of tags in use, and their values, for those who write queries.

All of it comes from the columns' dictionaries: spans are looked at only when a filter says which of
them count. Blocks are taken whole: a time range says which blocks, not which of their spans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from appliance.traceql.ast import Attribute, Scope
from appliance.traceql.block import Block
from appliance.traceql.tag_values import (
    FIXED_VALUES,
    ROOT_FIELDS,
    KnownValues,
    attribute_column,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traceql.ast import Field, SpansetFilter
    from appliance.traceql.tag_values import TypedValue

T = TypeVar("T")

#: Scopes of attributes, in the order of answers.
ATTRIBUTE_SCOPES = ("resource", "span", "event", "link", "instrumentation")
_MOST_BYTES = 10_000_000
#: Attributes that Tempo keeps in columns of their own unless told otherwise: it offers their names
#: whether or not spans that a filter lets through have them.
_ALWAYS = {
    "resource": frozenset(
        ["k8s.cluster.name", "k8s.namespace.name", "k8s.pod.name", "k8s.container.name"]
    ),
    "span": frozenset(
        [
            "http.request.method",
            "http.response.status_code",
            "url.path",
            "url.route",
            "server.address",
            "server.port",
            "http.method",
            "http.url",
            "http.route",
            "http.status_code",
        ]
    ),
}
#: Fields that every span has, as Tempo offers them, in both spellings.
INTRINSICS = (
    "duration",
    "event:name",
    "event:timeSinceStart",
    "instrumentation:name",
    "instrumentation:version",
    "kind",
    "link:spanID",
    "link:traceID",
    "name",
    "rootName",
    "rootServiceName",
    "span:duration",
    "span:id",
    "span:kind",
    "span:name",
    "span:parentID",
    "span:status",
    "span:statusMessage",
    "status",
    "statusMessage",
    "trace:duration",
    "trace:id",
    "trace:rootName",
    "trace:rootService",
    "traceDuration",
)


@dataclass(frozen=True, slots=True)
class TagRequest:
    """Which spans count, and how much is answered.

    Attributes:
        start_ns, end_ns: The end is not included; both 0: any time.
        filter: Only spans for which it holds.
        limit: Names of each scope, or values; 0: all of them.
        max_stale: End the search when so many in a row were known already; 0: never.
    """

    start_ns: int = 0
    end_ns: int = 0
    filter: SpansetFilter | None = None
    limit: int = 0
    max_stale: int = 0


class _Distinct(Generic[T]):
    """What is different so far, within the bounds of a request."""

    def __init__(self, request: TagRequest, size: Callable[[T], int]) -> None:
        self._size = size
        self._limit = request.limit
        self._max_stale = request.max_stale
        self._stale = self._bytes = 0
        self.items: set[T] = set()
        self.is_full = False

    def add(self, new: Collection[T], stale: int) -> None:
        """Take in what a block has.

        Args:
            new: Not in `items` yet.
            stale: How many others it has, which are.
        """
        self._stale = 0 if new else self._stale + stale
        for item in new:
            self._bytes += self._size(item)
            if self._bytes > _MOST_BYTES:
                self.is_full = True
            if self.is_full:
                return
            self.items.add(item)
            self.is_full = 0 < self._limit <= len(self.items)
        self.is_full |= 0 < self._max_stale <= self._stale


def tag_names(
    source: SpanSource, scopes: Sequence[str], request: TagRequest, guard: Guard
) -> dict[str, list[str]]:
    """Keys of attributes by scope, each list sorted; scopes without any are left out.

    Args:
        scopes: Some of `ATTRIBUTE_SCOPES`.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found: dict[str, _Distinct[str]] = {scope: _Distinct(request, len) for scope in scopes}
    for columns, mask in _blocks(source, request, guard):
        for scope, names in found.items():
            keys = columns.attribute_keys(scope)
            new = [key for key in keys if key not in names.items]
            stale = len(keys) - len(new)
            if mask is not None:
                always = _ALWAYS.get(scope, frozenset())
                new = [key for key in new if key in always or _is_used(columns, scope, key, mask)]
            names.add(new, stale)
        if all(names.is_full for names in found.values()):
            break
    return {scope: sorted(names.items) for scope, names in found.items() if names.items}


def _is_used(columns: SpanColumns, scope: str, key: str, mask: NDArray[np.bool_]) -> bool:
    column, rows = attribute_column(columns, scope, key)
    if column is None:
        return False
    return bool((column.ids[mask if rows is None else mask[rows]] >= 0).any())


def tag_values(
    source: SpanSource, field: Field, request: TagRequest, guard: Guard
) -> list[TypedValue]:
    """Values of a field with their types, sorted; of arrays their elements.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    fixed = FIXED_VALUES.get(getattr(field, "intrinsic", None))
    if fixed is not None:
        return list(fixed)
    found: _Distinct[TypedValue] = _Distinct(request, lambda value: len(value[1]))
    known = KnownValues()
    whole = getattr(field, "intrinsic", None) in ROOT_FIELDS
    for columns, mask in _blocks(source, request, guard, whole=whole):
        for part in _parts(field):
            found.add(*known.fresh(values_of(part, columns, mask)))
        if found.is_full:
            break
    return sorted(found.items)


def _parts(field: Field) -> Iterator[Field]:
    """An attribute without a scope may be in any of them."""
    if isinstance(field, Attribute) and field.scope is Scope.NONE:
        for scope in ATTRIBUTE_SCOPES:
            yield Attribute(field.name, Scope(scope), field.is_parent)
    else:
        yield field


def _blocks(
    source: SpanSource, request: TagRequest, guard: Guard, *, whole: bool = False
) -> Iterator[tuple[SpanColumns, NDArray[np.bool_] | None]]:
    """Blocks with spans that count, newest first; bool[span], or None when all of them do.

    Args:
        whole: Traces have to be whole in their blocks; so they are whenever there is a filter.
    """
    bounds = request.start_ns, request.end_ns or 2**63 - 1, guard
    if request.filter is None and not whole:
        for columns in source.scan(*bounds):
            if columns.count:
                yield columns, None
        return
    with source.whole_traces(*bounds) as blocks:
        for columns in blocks:
            guard.check()
            mask = columns.live
            if request.filter is not None:
                mask = _matching(request.filter, Block(columns, guard))
            if columns.count and (mask is None or mask.any()):
                yield columns, None if mask is None or mask.all() else mask


def _matching(wanted: SpansetFilter, block: Block) -> NDArray[np.bool_]:
    from appliance.traceql.expressions.evaluate import matching  # noqa: PLC0415 - with a filter

    return matching(wanted.expression, block)
