"""Jaeger's query services as gRPC reflection tells them, under the names they have on the wire."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from opentelemetry.proto.trace.v1 import trace_pb2

from appliance.wire.messages import jaeger_v2_pb2, jaeger_v3_pb2
from appliance.wire.reflection import Method, described, files_of

_STREAMS = (False, True)
_SERVICES = Method("GetServicesRequest", "GetServicesResponse")
_OPERATIONS = Method("GetOperationsRequest", "GetOperationsResponse")
_TRACES_DATA = "opentelemetry.proto.trace.v1.TracesData"


def files_two() -> list[bytes]:
    """Version 2."""
    methods = {
        "GetTrace": Method("GetTraceRequest", "SpansResponseChunk", _STREAMS),
        "FindTraces": Method("FindTracesRequest", "SpansResponseChunk", _STREAMS),
        "GetServices": _SERVICES,
        "GetOperations": _OPERATIONS,
        "GetDependencies": Method("GetDependenciesRequest", "GetDependenciesResponse"),
        "ArchiveTrace": Method("ArchiveTraceRequest", "ArchiveTraceResponse"),
    }
    services = {"QueryService": methods}
    return described(jaeger_v2_pb2.DESCRIPTOR, "query.proto", "jaeger.api_v2", services)


def files_three() -> list[bytes]:
    """Version 3; what it streams are OpenTelemetry's messages."""
    methods = {
        "GetTrace": Method("GetTraceRequest", _TRACES_DATA, _STREAMS),
        "FindTraces": Method("FindTracesRequest", _TRACES_DATA, _STREAMS),
        "GetServices": _SERVICES,
        "GetOperations": _OPERATIONS,
        "GetDependencies": Method("GetDependenciesRequest", "DependenciesResponse"),
    }
    services = {"QueryService": methods}
    own, *others = described(
        jaeger_v3_pb2.DESCRIPTOR, "query_service.proto", "jaeger.api_v3", services
    )
    file = FileDescriptorProto.FromString(own)
    file.dependency.append(trace_pb2.DESCRIPTOR.name)
    return [file.SerializeToString(), *others, *files_of(trace_pb2.DESCRIPTOR)]
