"""OTLP over gRPC (opentelemetry-proto collector/*/v1, OTLP specification 1.x, section OTLP/gRPC).

Messages pass as bytes (identity serialisers): the decoder reads them once, in a worker thread.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from appliance.api.errors import unexpected
from appliance.api.http import is_token, valid_tenant
from appliance.base.errors import (
    ApplianceError,
    BadInput,
    LimitExceeded,
    StorageFull,
    TooLarge,
    Unavailable,
)
from appliance.ingest.otlp import OtlpDoor, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.api.gate import Gate
    from appliance.base.telemetry import Telemetry

_log = logging.getLogger(__name__)
_SERVICES = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
}


@dataclass(frozen=True, slots=True)
class OtlpGrpcDeps:
    """What the receiver needs.

    Attributes:
        max_body_bytes: Largest message, after decompression.
        max_concurrent: Calls served at a time; more are answered RESOURCE_EXHAUSTED.
        gate: Bounds the bytes of messages, together with those over HTTP.
        token: Clients must send it (`authorization: Bearer …` or `x-otlp-token`); None: open.
    """

    door: OtlpDoor
    telemetry: Telemetry
    max_body_bytes: int
    max_concurrent: int
    gate: Gate
    token: str | None = None


class OtlpGrpcServer:
    """The receiver as a component-like object: `start`, then `stop`."""

    def __init__(self, deps: OtlpGrpcDeps) -> None:
        self._deps = deps
        self._server: Any = None
        self._requests = deps.telemetry.counter(
            "appliance_api_requests_total", "Requests.", ("listener", "code")
        )

    async def start(self, host: str, port: int) -> int:
        """Listen; the result is the port (interesting when `port` is 0).

        Raises:
            OSError: The port is taken.
        """
        import grpc.aio  # noqa: PLC0415 - 150 ms, after the HTTP listeners are up

        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", self._deps.max_body_bytes),
                ("grpc.so_reuseport", 0),
            ],
            maximum_concurrent_rpcs=self._deps.max_concurrent,
        )
        for signal, service in _SERVICES.items():
            method = grpc.unary_unary_rpc_method_handler(self._handler(signal))
            handlers = grpc.method_handlers_generic_handler(service, {"Export": method})
            self._server.add_generic_rpc_handlers((handlers,))
        address = f"[{host}]" if ":" in host else host
        try:
            bound = self._server.add_insecure_port(f"{address}:{port}")
        except RuntimeError as error:
            raise OSError(str(error)) from error
        await self._server.start()
        return int(bound)

    async def stop(self, grace_seconds: float = 5.0) -> None:
        """Let running calls finish, refuse new ones."""
        if self._server is not None:
            await self._server.stop(grace_seconds)

    def _handler(self, signal: Signal) -> Callable[[bytes, Any], Any]:
        async def export(body: bytes, context: Any) -> bytes:
            from appliance.wire.otlp.response import encode_response  # noqa: PLC0415 - protobuf

            metadata = {key.lower(): value for key, value in context.invocation_metadata() or ()}
            if not self._may_enter(metadata):
                return await self._refuse(context, "UNAUTHENTICATED", "missing or wrong token")
            try:
                tenant = valid_tenant(str(metadata.get("x-scope-orgid") or ""))
                with self._deps.gate.holding(len(body)):
                    accepted = await self._deps.door.accept(
                        signal, tenant, body, source=_sender(context.peer(), metadata)
                    )
            except ApplianceError as error:
                return await self._refuse(context, _code(error), error.message, error)
            except Exception as error:  # noqa: BLE001 - a bug: logged, counted, clear to the client
                return await self._refuse(context, "INTERNAL", unexpected(error, "otlp_grpc"))
            self._requests.labels("otlp_grpc", "OK").inc()
            return encode_response(
                signal.value, accepted.rejected_count, accepted.describe(), as_json=False
            )

        return export

    def _may_enter(self, metadata: dict[str, Any]) -> bool:
        if self._deps.token is None:
            return True
        given = str(metadata.get("authorization", "")).removeprefix("Bearer ")
        candidates = (given, str(metadata.get("x-otlp-token", "")))
        return is_token(self._deps.token, candidates)

    async def _refuse(
        self, context: Any, code: str, message: str, error: ApplianceError | None = None
    ) -> bytes:
        """End the call; what may be retried says when (google.rpc.RetryInfo)."""
        import grpc  # noqa: PLC0415 - loaded by `start`

        self._requests.labels("otlp_grpc", code).inc()
        trailing: tuple[tuple[str, bytes], ...] = ()
        if isinstance(error, Unavailable):
            details = _retry_details(code, message, error.retry_after_seconds)
            trailing = (("grpc-status-details-bin", details),)
        await context.abort(grpc.StatusCode[code], message, trailing)
        return b""  # never reached: abort raises


def _sender(peer: str, metadata: dict[str, Any]) -> str:
    """Address and program, the port left out, for it changes."""
    agent = str(metadata.get("user-agent", ""))[:100]
    return f"{unquote(peer).partition(':')[2].rpartition(':')[0]} ({agent})"


def _code(error: ApplianceError) -> str:
    """The gRPC status of an error (OTLP specification, Failures: only some are retryable)."""
    if isinstance(error, StorageFull | TooLarge | LimitExceeded):
        return "RESOURCE_EXHAUSTED"
    if isinstance(error, Unavailable):
        return "UNAVAILABLE"
    if isinstance(error, BadInput):
        return "INVALID_ARGUMENT"
    return "INTERNAL"


def _retry_details(code: str, message: str, seconds: float) -> bytes:
    import grpc  # noqa: PLC0415 - loaded by `start`
    from google.protobuf.any_pb2 import Any as AnyMessage  # noqa: PLC0415 - protobuf
    from google.rpc import error_details_pb2, status_pb2  # noqa: PLC0415 - protobuf

    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromMilliseconds(int(seconds * 1000))
    packed = AnyMessage()
    packed.Pack(retry)
    number = grpc.StatusCode[code].value[0]
    status = status_pb2.Status(code=number, message=message, details=[packed])
    return bytes(status.SerializeToString())
