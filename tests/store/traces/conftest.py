"""Spans, stores and a guard for the tests of the span store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.trace import SpanBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.traces.seal import SealPolicy
from appliance.store.traces.sealed.block import BlockLimits
from appliance.store.traces.store import SpanOptions, SpanStore

START_NS = 1_700_000_000_000_000_000


@dataclass(frozen=True)
class Spans:
    """Builds spans and batches."""

    def span(self, trace: int, number: int, *, parent: int = 0, **fields: Any) -> Span:
        """A span; `attributes` may be a plain mapping."""
        attributes = fields.pop("attributes", {})
        start = fields.pop("start_ns", START_NS + number)
        return Span(
            trace_id=self.trace_id(trace),
            span_id=number.to_bytes(8, "big"),
            parent_span_id=parent.to_bytes(8, "big") if parent else b"",
            name=fields.pop("name", "GET /"),
            kind=fields.pop("kind", 2),
            start_time_unix_nano=start,
            end_time_unix_nano=start + fields.pop("duration_ns", 1000),
            attributes=[KeyValue(key=key, value=any_value(v)) for key, v in attributes.items()],
            **fields,
        )

    def trace_id(self, number: int) -> bytes:
        return number.to_bytes(16, "big")

    def batch(
        self, spans: Sequence[Span | bytes], service: str = "shop", **resource: str
    ) -> SpanBatch:
        """A request of one service."""
        raw = [one if isinstance(one, bytes) else one.SerializeToString() for one in spans]
        parsed = [Span.FromString(one) for one in raw]
        count = len(raw)
        names = list(dict.fromkeys(one.name for one in parsed))
        zeros = np.zeros(count, np.int32)
        ids = b"".join(one.trace_id for one in parsed)
        starts = np.array([one.start_time_unix_nano for one in parsed], np.int64)
        ends = np.array([one.end_time_unix_nano for one in parsed], np.int64)
        return SpanBatch(
            trace_ids=np.frombuffer(ids, np.uint8).reshape(-1, 16),
            span_ids=np.array([int.from_bytes(one.span_id) for one in parsed], np.uint64),
            parent_ids=np.array([int.from_bytes(one.parent_span_id) for one in parsed], np.uint64),
            start_ns=starts,
            duration_ns=np.maximum(ends - starts, 0),
            kinds=np.array([one.kind for one in parsed], np.uint8),
            statuses=np.array([one.status.code for one in parsed], np.uint8),
            name_ids=np.array([names.index(one.name) for one in parsed], np.int32),
            names=names,
            service_ids=zeros,
            services=[service],
            resource_ids=zeros,
            resources=[self.resource(service, **resource)],
            scope_ids=zeros,
            scopes=[self.scope()],
            spans=raw,
        )

    def resource(self, service: str, **attributes: str) -> bytes:
        pairs = {"service.name": service} | attributes
        listed = [KeyValue(key=key, value=any_value(value)) for key, value in pairs.items()]
        raw: bytes = Resource(attributes=listed).SerializeToString()
        return raw

    def scope(self) -> bytes:
        raw: bytes = InstrumentationScope(name="test", version="1").SerializeToString()
        return raw


def any_value(value: Any) -> AnyValue:
    made = AnyValue()
    match value:
        case AnyValue():
            return value
        case bool():
            made.bool_value = value
        case int():
            made.int_value = value
        case float():
            made.double_value = value
        case bytes():
            made.bytes_value = value
        case list():
            made.array_value.values.extend(any_value(one) for one in value)
        case _:
            made.string_value = value
    return made


@pytest.fixture
def build() -> Spans:
    return Spans()


@pytest.fixture
def guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), ManualClock())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_NS // 1_000_000)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
def open_store(
    tmp_path: Path, clock: ManualClock, telemetry: Telemetry
) -> Iterator[Callable[..., SpanStore]]:
    """Opens the test's file; keyword arguments are those of SealPolicy; closes at the end."""
    opened: list[SpanStore] = []

    def opener(
        path: Path | None = None, *, block: BlockLimits | None = None, **policy: int
    ) -> SpanStore:
        options = SpanOptions(seal=SealPolicy(**policy), block=block or BlockLimits())
        made = SpanStore(
            path or tmp_path / "traces.db",
            options,
            database=DatabaseOptions(),
            clock=clock,
            telemetry=telemetry if not opened else Telemetry(),
        )
        opened.append(made)
        return made

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., SpanStore]) -> SpanStore:
    return open_store()
