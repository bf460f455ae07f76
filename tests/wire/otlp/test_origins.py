from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.model.accepted import Origin
from appliance.wire.otlp.origins import MOST_GROUPS, origins_of

KINDS: list[tuple[Any, str]] = [
    (ExportTraceServiceRequest, "resource_spans"),
    (ExportLogsServiceRequest, "resource_logs"),
    (ExportMetricsServiceRequest, "resource_metrics"),
]
SDK = {
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.27.0",
    "telemetry.sdk.language": "python",
}


def request(kind: Any, field: str, *resources: dict[str, str]) -> bytes:
    message = kind()
    for resource in resources:
        group = getattr(message, field).add()
        for key, value in resource.items():
            group.resource.attributes.add(key=key).value.string_value = value
        group.schema_url = "x" * 300  # so that lengths take more than a byte
    return bytes(message.SerializeToString())


@pytest.mark.parametrize(("kind", "field"), KINDS)
def test_service_and_sdk_of_all_kinds_of_requests(kind: Any, field: str) -> None:
    body = request(kind, field, {"service.name": "shop"} | SDK, {"service.name": "billing"})
    assert origins_of(body) == (
        Origin("shop", "opentelemetry 1.27.0 (python)"),
        Origin("billing"),
    )


def test_equal_and_nameless_resources_are_told_once_or_not() -> None:
    shop = {"service.name": "shop"}
    body = request(*KINDS[0], shop, shop, {"host.name": "h"}, shop)
    assert origins_of(body) == (Origin("shop"),)


def test_only_the_first_groups_are_read() -> None:
    many = [{"service.name": f"s{number}"} for number in range(100)]
    assert len(origins_of(request(*KINDS[0], *many))) == MOST_GROUPS


@given(st.binary(max_size=200))
def test_nothing_breaks_it(body: bytes) -> None:
    assert isinstance(origins_of(body), tuple)
