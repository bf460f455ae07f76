"""Spans as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

T = TypeVar("T")

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


class TraceSpans(list[StoredSpan]):
    """The spans of one trace, ascending by start.

    Attributes:
        is_partial: There are more, beyond the bytes that were asked for.
    """

    is_partial = False


class NumberValues(Sequence[AttributeValue]):
    """Values that are all integers, or all floats, as an array: int64[value] or float64[value].

    As a sequence they are plain `int` or `float`.
    """

    __hash__ = None  # type: ignore[assignment]  # an array is mutable
    __slots__ = ("array",)

    def __init__(self, array: NDArray[np.int64] | NDArray[np.float64]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> int | float: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AttributeValue]: ...
    def __getitem__(self, index: int | slice) -> AttributeValue | Sequence[AttributeValue]:
        if isinstance(index, slice):
            return NumberValues(self.array[index])
        number: int | float = self.array[index].item()
        return number

    def __iter__(self) -> Iterator[AttributeValue]:
        listed: list[AttributeValue] = self.array.tolist()
        return iter(listed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return list(self) == list(other)

    def __repr__(self) -> str:
        return f"NumberValues({self.array!r})"


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary-coded column.

    Attributes:
        ids: int32[span]; -1 where the span has no such attribute.
        values: What the ids stand for; numbers of one type may come as `NumberValues`. Equal values
            may come more than once, when senders encoded them differently.
    """

    ids: NDArray[np.int32]
    values: Sequence[AttributeValue]


@dataclass(frozen=True, slots=True)
class Traces:
    """The traces of a block; their spans are consecutive rows.

    Attributes:
        ids: uint8[trace, 16], ascending.
        offsets: int64[trace + 1], the first row of each, and the end.
    """

    ids: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values per trace as values per span."""
        return np.repeat(values, np.diff(self.offsets), axis=0)


class SpanItems(Protocol):
    """Events or links of a block's spans, one row each, in the order of their spans."""

    @property
    def rows(self) -> NDArray[np.int32]:
        """int32[item], ascending: the row of the span that has it."""
        ...

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[item]: `time_ns` of events; uint64[item]: `span_id` of links."""
        ...

    def names(self) -> Dictionary:
        """Names of events; of links no row has one."""
        ...

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[item, 16]: what links lead to."""
        ...

    def attribute(self, key: str) -> Dictionary | None:
        """A column of `len(rows)`; None when no item here has the key."""
        ...

    def attribute_keys(self) -> Sequence[str]:
        """Keys that occur, sorted."""
        ...


class SpanColumns(Protocol):
    """A block of spans (or the head) as a query sees it; columns are decoded when asked for.

    Rows are sorted by trace id, then start; all columns have `count` rows.
    """

    count: int

    @property
    def live(self) -> NDArray[np.bool_] | None:
        """bool[span]: False for spans that another block of the same scan shows; None: all are."""
        ...

    def traces(self) -> Traces:
        """The traces and their rows."""
        ...

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

    def status_messages(self) -> Dictionary:
        """Messages of the spans' status; -1 where there is none."""
        ...

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        """Names and versions of the instrumentation scopes; the empty text where there is none."""
        ...

    def items(self, kind: str) -> SpanItems:
        """The spans' events (`event`) or links (`link`)."""
        ...

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column of scope `span`, `resource` or `instrumentation`; None when none has the key."""
        ...

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys that occur in this block, sorted; scopes as above, and `event` and `link`."""
        ...

    def derived(self, name: str, build: Callable[[], T]) -> T:
        """What is computed of the columns alone, kept beside them for the next query.

        Args:
            name: Tells what it is; the result must depend on this block's spans only.
            build: Makes it: arrays, Dictionaries, dataclasses of these, lists and tuples.
        """
        ...

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """The full spans of some rows, exactly as received."""
        ...
