"""Spans for tests: a few lines make a trace, a plain list is the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.sources import Guard
from appliance.model.trace import AttributeValue, Dictionary, StoredSpan

Attributes = Mapping[str, str | bool | int]


@dataclass(frozen=True)
class PlainSpan:
    """One span; `parent` 0 makes a root."""

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

    @property
    def trace_id(self) -> bytes:
        return self.trace.to_bytes(16)

    def stored(self) -> StoredSpan:
        resource = Resource()
        _fill(resource.attributes, {"service.name": self.service, **self.resource})
        message = Span(
            trace_id=self.trace_id,
            span_id=self.span.to_bytes(8),
            parent_span_id=self.parent.to_bytes(8) if self.parent else b"",
            name=self.name,
            kind=self.kind,  # type: ignore[arg-type]  # an enum's number
            start_time_unix_nano=self.start_ns,
            end_time_unix_nano=self.start_ns + self.duration_ns,
        )
        message.status.code = self.status  # type: ignore[assignment]  # an enum's number
        _fill(message.attributes, self.attributes)
        scope = InstrumentationScope(name="tests").SerializeToString()
        return StoredSpan(resource.SerializeToString(), scope, message.SerializeToString())


def _fill(target: object, attributes: Attributes) -> None:
    for key, value in attributes.items():
        item = target.add(key=key)  # type: ignore[attr-defined]  # a protobuf list
        if isinstance(value, bool):
            item.value.bool_value = value
        elif isinstance(value, int):
            item.value.int_value = value
        else:
            item.value.string_value = value


def _dictionary(values: Sequence[AttributeValue]) -> Dictionary:
    keys = list(dict.fromkeys(repr(value) for value in values if value is not None))
    distinct = {repr(value): value for value in values}
    ids = [keys.index(repr(value)) if value is not None else -1 for value in values]
    return Dictionary(np.array(ids, dtype=np.int32), [distinct[key] for key in keys])


class PlainColumns:
    """A block of spans."""

    def __init__(self, spans: Sequence[PlainSpan]) -> None:
        self._spans = sorted(spans, key=lambda span: (span.trace_id, span.start_ns))
        self.count = len(spans)

    def trace_ids(self) -> NDArray[np.uint8]:
        joined = b"".join(span.trace_id for span in self._spans)
        return np.frombuffer(joined, dtype=np.uint8).reshape(-1, 16)

    def numbers(self, name: str) -> NDArray[np.int64]:
        field_name = {"span_id": "span", "parent_id": "parent"}.get(name, name)
        return np.array([getattr(span, field_name) for span in self._spans], dtype=np.int64)

    def names(self) -> Dictionary:
        return _dictionary([span.name for span in self._spans])

    def services(self) -> Dictionary:
        return _dictionary([span.service for span in self._spans])

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        values = [
            (span.attributes if scope == "span" else span.resource).get(key) for span in self._spans
        ]
        return None if all(value is None for value in values) else _dictionary(values)

    def attribute_keys(self, scope: str) -> Sequence[str]:
        owners = (span.attributes if scope == "span" else span.resource for span in self._spans)
        return sorted({key for owner in owners for key in owner})

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        return [self._spans[row].stored() for row in rows.tolist()]


class PlainSpans:
    """A source of spans, in blocks of `block_size`."""

    def __init__(self, spans: Sequence[PlainSpan], block_size: int = 3) -> None:
        self._spans = spans
        self._block_size = block_size

    def trace(self, trace_id: bytes, guard: Guard) -> list[StoredSpan]:
        guard.check()
        found = [span for span in self._spans if span.trace_id == trace_id]
        return [span.stored() for span in sorted(found, key=lambda span: span.start_ns)]

    def scan(self, start_ns: int, end_ns: int, guard: Guard) -> Iterator[PlainColumns]:
        kept = [span for span in self._spans if start_ns <= span.start_ns < end_ns]
        kept.sort(key=lambda span: -span.start_ns)
        for at in range(0, len(kept), self._block_size):
            guard.check()
            yield PlainColumns(kept[at : at + self._block_size])

    def services(self) -> list[str]:
        return sorted({span.service for span in self._spans})

    def operations(self, service: str) -> list[tuple[str, int]]:
        return sorted({(span.name, span.kind) for span in self._spans if span.service == service})
