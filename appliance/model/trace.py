"""Spans as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

#: Attribute values as OTLP has them.
AttributeValue = str | bool | int | float | bytes | list[object] | dict[str, object] | None


@dataclass(frozen=True, slots=True)
class SpanBatch:
    """Spans of one request on their way into the store (opentelemetry/proto/trace/v1).

    Fixed fields are columns; everything else stays in each span's own protobuf bytes.

    Attributes:
        trace_ids: uint8[span, 16].
        span_ids, parent_ids: uint64[span], big-endian value of the id; parent 0 means a root.
        start_ns, duration_ns: int64[span]; a span that ends before it starts has duration 0.
        kinds, statuses: uint8[span], OTLP's enum numbers.
        name_ids: int32[span] into `names`; service_ids: int32[span] into `services`.
        resource_ids: int32[span] into `resources`, serialized Resource messages.
        scope_ids: int32[span] into `scopes`, serialized InstrumentationScope messages.
        spans: [span], each span's serialized Span message, as it came.
    """

    trace_ids: NDArray[np.uint8]
    span_ids: NDArray[np.uint64]
    parent_ids: NDArray[np.uint64]
    start_ns: NDArray[np.int64]
    duration_ns: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    statuses: NDArray[np.uint8]
    name_ids: NDArray[np.int32]
    names: Sequence[str]
    service_ids: NDArray[np.int32]
    services: Sequence[str]
    resource_ids: NDArray[np.int32]
    resources: Sequence[bytes]
    scope_ids: NDArray[np.int32]
    scopes: Sequence[bytes]
    spans: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.span_ids)


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """One span on its way out with its resource and scope, each as OTLP protobuf bytes."""

    resource: bytes
    scope: bytes
    span: bytes


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary-coded column.

    Attributes:
        ids: int32[span]; -1 where the span has no such attribute.
        values: [distinct].
    """

    ids: NDArray[np.int32]
    values: Sequence[AttributeValue]


class SpanColumns(Protocol):
    """A block of spans (or the head) as a query sees it; columns are decoded when asked for.

    Rows are sorted by trace id, then start; all columns have `count` rows.
    """

    count: int

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[span, 16]."""
        ...

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[span]: start_ns, duration_ns, kind, status; uint64[span]: span_id, parent_id."""
        ...

    def names(self) -> Dictionary:
        """Span names."""
        ...

    def services(self) -> Dictionary:
        """`service.name` of each span's resource."""
        ...

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column; scope is `span` or `resource`; None when no span here has the key."""
        ...

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys that occur in this block, sorted."""
        ...

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """The full spans of some rows, exactly as received."""
        ...
