"""A span and its stored form, for the tests of answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.trace import StoredSpan

Store = Callable[..., StoredSpan]


@pytest.fixture
def span() -> Span:
    return Span(
        trace_id=bytes.fromhex("00112233445566778899aabbccddeeff"),
        span_id=b"\x00\x00\x00\x00\x00\x00\x00\x01",
        name="GET /",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=1_000_001_999,
        end_time_unix_nano=1_000_250_000,
        flags=0x101,
    )


@pytest.fixture
def store() -> Store:
    def made(span: Span, *, service: str = "shop", scope: str = "tests") -> StoredSpan:
        resource = Resource()
        if service:
            resource.attributes.add(key="service.name").value.string_value = service
        resource.attributes.add(key="pid").value.int_value = 7
        return StoredSpan(
            resource.SerializeToString(),
            InstrumentationScope(name=scope, version="1").SerializeToString(),
            span.SerializeToString(),
        )

    return made
