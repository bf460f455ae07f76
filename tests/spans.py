"""Spans for tests: a few lines make a trace, a plain list is the source."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.sources import Guard
from appliance.model.trace import (
    AttributeValue,
    Dictionary,
    NumberValues,
    StoredSpan,
    Traces,
    TraceSpans,
)

T = TypeVar("T")
Attributes = Mapping[str, Any]
#: Where a span has no such attribute; None is a value that was sent empty.
ABSENT = object()


@dataclass(frozen=True)
class PlainEvent:
    """An event of a span."""

    name: str = "log"
    time_ns: int = 0
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True)
class PlainLink:
    """A link to another span."""

    trace: int
    span: int
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True)
class PlainSpan:
    """One span; `parent` 0 makes a root; a negative duration is clock skew."""

    trace: int
    span: int
    name: str = "op"
    service: str = "shop"
    parent: int = 0
    start_ns: int = 0
    duration_ns: int = 1000
    kind: int = 2
    status: int = 0
    attributes: Attributes = field(default_factory=dict)
    resource: Attributes = field(default_factory=dict)
    status_message: str = ""
    events: Sequence[PlainEvent] = ()
    links: Sequence[PlainLink] = ()
    scope_name: str = "tests"
    scope_version: str = ""
    scope: Attributes = field(default_factory=dict)

    @property
    def trace_id(self) -> bytes:
        return self.trace.to_bytes(16)

    @property
    def resource_attributes(self) -> Attributes:
        return {"service.name": self.service, **self.resource}

    def stored(self) -> StoredSpan:
        resource = Resource()
        _fill(resource.attributes, self.resource_attributes)
        scope = InstrumentationScope(name=self.scope_name, version=self.scope_version)
        _fill(scope.attributes, self.scope)
        return StoredSpan(
            resource.SerializeToString(),
            scope.SerializeToString(),
            self.message().SerializeToString(),
        )

    def message(self) -> Span:
        """The span as OTLP has it."""
        made = Span(
            trace_id=self.trace_id,
            span_id=self.span.to_bytes(8),
            parent_span_id=self.parent.to_bytes(8) if self.parent else b"",
            name=self.name,
            kind=self.kind,  # type: ignore[arg-type]  # an enum's number
            start_time_unix_nano=self.start_ns,
            end_time_unix_nano=max(0, self.start_ns + self.duration_ns),
        )
        made.status.code = self.status  # type: ignore[assignment]  # an enum's number
        made.status.message = self.status_message
        _fill(made.attributes, self.attributes)
        for event in self.events:
            _fill(
                made.events.add(name=event.name, time_unix_nano=event.time_ns).attributes,
                event.attributes,
            )
        for link in self.links:
            _fill(
                made.links.add(
                    trace_id=link.trace.to_bytes(16), span_id=link.span.to_bytes(8)
                ).attributes,
                link.attributes,
            )
        return made


def otlp_request(spans: Sequence[PlainSpan]) -> bytes:
    """An ExportTraceServiceRequest with these spans, each in a group of its own."""
    request = ExportTraceServiceRequest()
    for span in spans:
        stored = span.stored()
        group = request.resource_spans.add()
        group.resource.ParseFromString(stored.resource)
        scoped = group.scope_spans.add()
        scoped.scope.ParseFromString(stored.scope)
        scoped.spans.add().ParseFromString(stored.span)
    return bytes(request.SerializeToString())


def _fill(target: Any, attributes: Attributes) -> None:
    for key, value in attributes.items():
        target.add(key=key).value.CopyFrom(any_value(value))


def any_value(value: Any) -> AnyValue:
    """A plain value as OTLP has it."""
    made = AnyValue()
    match value:
        case bool():
            made.bool_value = value
        case int():
            made.int_value = value
        case float():
            made.double_value = value
        case bytes():
            made.bytes_value = value
        case str():
            made.string_value = value
        case list() | tuple():
            made.array_value.SetInParent()
            made.array_value.values.extend(map(any_value, value))
        case dict():
            made.kvlist_value.SetInParent()
            _fill(made.kvlist_value.values, value)
    return made


def dictionary(values: Sequence[Any]) -> Dictionary:
    """A column of values; ABSENT where there is none."""
    numbers: dict[str, int] = {}
    distinct: list[AttributeValue] = []
    ids = []
    for value in values:
        if value is ABSENT:
            ids.append(-1)
            continue
        ids.append(numbers.setdefault(repr(value), len(numbers)))
        if len(numbers) > len(distinct):
            distinct.append(value)
    found: Sequence[AttributeValue] = distinct
    if set(map(type, distinct)) in ({int}, {float}):
        found = NumberValues(np.array(distinct))
    return Dictionary(np.array(ids, dtype=np.int32), found)


def _column(owners: Sequence[Attributes], key: str) -> Dictionary | None:
    values = [owner.get(key, ABSENT) for owner in owners]
    return None if all(value is ABSENT for value in values) else dictionary(values)


def _ids(numbers: Sequence[int]) -> NDArray[np.uint8]:
    joined = b"".join(number.to_bytes(16) for number in numbers)
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, 16)


class PlainItems:
    """Events or links; each with the row of its span."""

    def __init__(self, items: Sequence[tuple[int, PlainEvent | PlainLink]]) -> None:
        self.rows = np.array([row for row, _ in items], dtype=np.int32)
        self._items = [item for _, item in items]

    def numbers(self, name: str) -> NDArray[np.int64]:
        if name == "time_ns":
            return np.array([getattr(item, "time_ns", 0) for item in self._items], np.int64)
        ids = [getattr(item, "span", 0) for item in self._items]
        return np.array(ids, np.uint64)

    def names(self) -> Dictionary:
        return dictionary([getattr(item, "name", ABSENT) for item in self._items])

    def trace_ids(self) -> NDArray[np.uint8]:
        return _ids([getattr(item, "trace", 0) for item in self._items])

    def attribute(self, key: str) -> Dictionary | None:
        return _column([item.attributes for item in self._items], key)

    def attribute_keys(self) -> Sequence[str]:
        return sorted({key for item in self._items for key in item.attributes})


class PlainColumns:
    """A block of spans."""

    def __init__(
        self, spans: Sequence[PlainSpan], live: Callable[[PlainSpan], bool] | None = None
    ) -> None:
        self._spans = sorted(spans, key=lambda span: (span.trace_id, span.start_ns))
        self._derived: dict[str, Any] = {}
        self.count = len(spans)
        self.live: NDArray[np.bool_] | None = None
        if live is not None and not all(map(live, self._spans)):
            self.live = np.array(list(map(live, self._spans)), dtype=np.bool_)

    def traces(self) -> Traces:
        ids = [span.trace for span in self._spans]
        distinct = sorted(set(ids))
        offsets = [ids.index(number) for number in distinct]
        return Traces(_ids(distinct), np.array([*offsets, len(ids)], np.int64))

    def trace_ids(self) -> NDArray[np.uint8]:
        return _ids([span.trace for span in self._spans])

    def numbers(self, name: str) -> NDArray[np.int64]:
        attribute = {"span_id": "span", "parent_id": "parent"}.get(name, name)
        values = [getattr(span, attribute) for span in self._spans]
        if name == "duration_ns":
            values = [max(0, value) for value in values]
        kind = np.uint64 if name in {"span_id", "parent_id"} else np.int64
        return np.array(values, dtype=kind)

    def names(self) -> Dictionary:
        return dictionary([span.name for span in self._spans])

    def services(self) -> Dictionary:
        return dictionary([span.service for span in self._spans])

    def status_messages(self) -> Dictionary:
        return dictionary([span.status_message or ABSENT for span in self._spans])

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        return (
            dictionary([span.scope_name for span in self._spans]),
            dictionary([span.scope_version for span in self._spans]),
        )

    def items(self, kind: str) -> PlainItems:
        return PlainItems(
            [
                (row, item)
                for row, span in enumerate(self._spans)
                for item in (span.events if kind == "event" else span.links)
            ]
        )

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        return _column(self._owners(scope), key)

    def attribute_keys(self, scope: str) -> Sequence[str]:
        if scope in {"event", "link"}:
            return self.items(scope).attribute_keys()
        return sorted({key for owner in self._owners(scope) for key in owner})

    def _owners(self, scope: str) -> list[Attributes]:
        names = {
            "span": "attributes",
            "resource": "resource_attributes",
            "instrumentation": "scope",
        }
        return [getattr(span, names[scope]) for span in self._spans]

    def derived(self, name: str, build: Callable[[], T]) -> T:
        if name not in self._derived:
            self._derived[name] = build()
        found: T = self._derived[name]
        return found

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        return [self._spans[row].stored() for row in rows.tolist()]


class PlainSpans:
    """A source of spans, in blocks of `block_size`."""

    def __init__(self, spans: Sequence[PlainSpan], block_size: int = 3) -> None:
        self._spans = spans
        self._block_size = block_size

    def trace(self, trace_id: bytes, guard: Guard, *, max_bytes: int | None = None) -> TraceSpans:
        guard.check()
        found = [span for span in self._spans if span.trace_id == trace_id]
        stored = [span.stored() for span in sorted(found, key=lambda span: span.start_ns)]
        shown = TraceSpans()
        for span in dict.fromkeys(stored):
            if max_bytes is not None and sum(len(one.span) for one in shown) >= max_bytes:
                shown.is_partial = True
                break
            shown.append(span)
        return shown

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[PlainColumns]:
        for block in self._blocks(start_ns, end_ns):
            guard.check()
            yield PlainColumns(block)

    @contextlib.contextmanager
    def whole_traces(
        self, start_ns: int, end_ns: int, guard: Guard
    ) -> Iterator[Sequence[PlainColumns]]:
        guard.check()
        blocks = self._blocks(
            start_ns, end_ns, lambda span: span.start_ns + max(span.duration_ns, 0)
        )
        homes: dict[int, set[int]] = {}
        for number, block in enumerate(blocks):
            for span in block:
                homes.setdefault(span.trace, set()).add(number)
        views = [PlainColumns(block, lambda span: len(homes[span.trace]) == 1) for block in blocks]
        split = [span for block in reversed(blocks) for span in block if len(homes[span.trace]) > 1]
        distinct = list({span.stored(): span for span in reversed(split)}.values())
        yield [PlainColumns(distinct), *views] if split else views

    def services(self) -> list[str]:
        return sorted({span.service for span in self._spans})

    def operations(self, service: str) -> list[tuple[str, int]]:
        return sorted({(span.name, span.kind) for span in self._spans if span.service == service})

    def _blocks(
        self,
        start_ns: int,
        end_ns: int,
        last: Callable[[PlainSpan], int] = attrgetter("start_ns"),
    ) -> list[list[PlainSpan]]:
        kept = [one for one in self._spans if start_ns <= last(one) and one.start_ns < end_ns]
        kept.sort(key=lambda span: -span.start_ns)
        size = self._block_size
        return [kept[at : at + size] for at in range(0, len(kept), size)]
