"""Reflection: a client can make sense of what it is told."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from appliance.base.errors import BadInput
from appliance.wire.jaeger_proto import describe
from appliance.wire.messages.grpc_status_pb2 import ReflectionRequest, ReflectionResponse
from appliance.wire.reflection import Catalogue, files_of, own_files

TRACE_SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


def catalogue() -> Catalogue:
    files = [*files_of(trace_service_pb2.DESCRIPTOR), *describe(), *own_files()]
    return Catalogue(["b", "a"], files)


def ask(**request: Any) -> Any:
    asked = ReflectionRequest(host="h", **request)
    answer = ReflectionResponse.FromString(catalogue().answer(asked.SerializeToString()))
    assert (answer.valid_host, answer.original_request) == ("h", asked)
    return answer


def test_services_are_listed() -> None:
    listed = ask(list_services="").list_services_response
    assert [service.name for service in listed.service] == ["a", "b"]


@pytest.mark.parametrize(
    ("symbol", "service"),
    [
        (TRACE_SERVICE, TRACE_SERVICE),
        (f"{TRACE_SERVICE}.Export", TRACE_SERVICE),
        ("opentelemetry.proto.trace.v1.Span.SpanKind", None),
        ("jaeger.api_v2.CollectorService", "jaeger.api_v2.CollectorService"),
        ("grpc.health.v1.Health", "grpc.health.v1.Health"),
        (
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1.ServerReflection",
        ),
        (
            "grpc.reflection.v1alpha.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
        ),
    ],
)
def test_files_are_complete(symbol: str, service: str | None) -> None:
    """The first file has the symbol; with the others a client can build it."""
    found = ask(file_containing_symbol=symbol).file_descriptor_response.file_descriptor_proto
    pool = DescriptorPool()
    files = [FileDescriptorProto.FromString(raw) for raw in found]
    for file in reversed(files):
        pool.Add(file)
    if service is not None:
        described = pool.FindServiceByName(service)
        assert described.file.name == files[0].name
        assert described.methods[0].input_type.full_name


def test_methods_say_whether_they_stream() -> None:
    found = ask(file_containing_symbol="grpc.health.v1.Health").file_descriptor_response
    file = FileDescriptorProto.FromString(found.file_descriptor_proto[0])
    streams = {method.name: method.server_streaming for method in file.service[0].method}
    assert streams == {"Check": False, "List": False, "Watch": True}


def test_a_file_is_found_by_its_name() -> None:
    found = ask(file_by_filename="grpc/health/v1/health.proto").file_descriptor_response
    assert len(found.file_descriptor_proto) == 1


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"file_containing_symbol": "no.such"}, 5),
        ({"file_by_filename": "no.proto"}, 5),
        ({"all_extension_numbers_of_type": "x"}, 12),
        ({"file_containing_extension": {"containing_type": "x"}}, 12),
        ({}, 12),
    ],
)
def test_what_is_not_there_is_told(request_: dict[str, Any], code: int) -> None:
    assert ask(**request_).error_response.error_code == code


def test_other_messages_are_refused() -> None:
    with pytest.raises(BadInput, match="reflection"):
        catalogue().answer(b"\x0a\xff")
