"""OTLP over gRPC (opentelemetry-proto collector/*/v1; OTLP specification 1.x, OTLP/gRPC)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from appliance.api.grpc_server import Call, GrpcListener, GrpcService
from appliance.api.sending import sending_call
from appliance.ingest.otlp import OtlpDoor, Signal

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps

_SERVICES = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
}


@dataclass(frozen=True, slots=True)
class OtlpGrpcDeps:
    """What the receiver needs."""

    door: OtlpDoor


class OtlpGrpcServer(GrpcListener):
    """The server of the `otlp_grpc` listener."""

    def __init__(self, common: HttpDeps, deps: OtlpGrpcDeps) -> None:
        super().__init__(
            "otlp_grpc", common, [_service(common, deps.door, signal) for signal in Signal]
        )


def _service(common: HttpDeps, door: OtlpDoor, signal: Signal) -> GrpcService:
    async def export(body: bytes, call: Call) -> bytes:
        from appliance.wire.otlp.response import encode_response  # noqa: PLC0415 - protobuf

        with sending_call(common, call, body, signal.value, "otlp_grpc") as sent:
            accepted = await door.accept(signal, call.tenant, body, source=call.sender)
            sent.took(accepted)
        message = accepted.describe()
        return encode_response(signal.value, accepted.rejected_count, message, as_json=False)

    def files() -> list[bytes]:
        from appliance.wire.reflection import files_of  # noqa: PLC0415 - protobuf

        package = _SERVICES[signal].rpartition(".")[0]
        kind = package.split(".")[-2]
        return files_of(import_module(f"{package}.{kind}_service_pb2").DESCRIPTOR)

    return GrpcService(_SERVICES[signal], {"Export": export}, writes=True, files=files)
