"""Jaeger's collector over gRPC (jaeger-idl, proto/api_v2): spans and the sampling strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.grpc_server import Call, GrpcListener, GrpcService
from appliance.api.receivers import require_some
from appliance.api.sending import sending_call

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps
    from appliance.api.receivers import ReceiverDeps
    from appliance.ingest.spans import TranslatedSpans

COLLECTOR = "jaeger.api_v2.CollectorService"
SAMPLING = "jaeger.api_v2.SamplingManager"


class JaegerGrpcServer(GrpcListener):
    """The server of the `jaeger_grpc` listener."""

    def __init__(self, common: HttpDeps, deps: ReceiverDeps) -> None:
        sampling = GrpcService(SAMPLING, {"GetSamplingStrategy": _sampling}, files=_files)
        super().__init__("jaeger_grpc", common, [_collector(common, deps.door), sampling])


def _collector(common: HttpDeps, door: TranslatedSpans) -> GrpcService:
    async def post_spans(body: bytes, call: Call) -> bytes:
        from appliance.wire.jaeger_proto import (  # noqa: PLC0415 - protobuf
            encode_post_spans,
            post_spans_to_otlp,
        )

        with sending_call(common, call, body, "traces", "jaeger_grpc") as sent:
            accepted = await door.accept(
                call.tenant, body, protocol="jaeger_grpc", translate=post_spans_to_otlp
            )
            sent.took(accepted)
        require_some(accepted)
        return encode_post_spans()

    return GrpcService(COLLECTOR, {"PostSpans": post_spans}, writes=True, files=_files)


async def _sampling(body: bytes, _call: Call) -> bytes:
    from appliance.wire.jaeger_proto import encode_sampling  # noqa: PLC0415 - protobuf

    return encode_sampling(body)


def _files() -> list[bytes]:
    from appliance.wire.jaeger_proto import describe  # noqa: PLC0415 - protobuf

    return describe()
