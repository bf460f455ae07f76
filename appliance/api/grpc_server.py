"""What all gRPC listeners share: one server per port, tokens, tenants, errors, health, reflection.

Messages pass as bytes (identity serialisers): who handles a method decodes them, where it likes.

Invariants:
- Every call but those of health and reflection goes through `_Calls`: it is counted under the name
  of its listener, and an error has the status that `code_of` says.
- gRPC itself is imported by `start`, after the HTTP listeners are up.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from appliance.api.errors import unexpected
from appliance.api.http import is_token, valid_tenant
from appliance.base.errors import (
    ApplianceError,
    BadInput,
    Conflict,
    LimitExceeded,
    NotFound,
    QueryFailed,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        Sequence,
    )

    from appliance.api.http import HttpDeps

    Unary = Callable[[bytes, "Call"], Awaitable[bytes]]
    #: Methods that yield.
    Streaming = Callable[[bytes, "Call"], AsyncIterator[bytes]]

#: Clients may ask whether a connection lives this often, also while they send nothing. More often
#: than grpc-go allows by default (5 min), as agents behind load balancers have to.
_PING_SECONDS = 10
#: An idle connection is asked whether the client lives, as grpc-go does.
_KEEP_ALIVE_SECONDS, _KEEP_ALIVE_TIMEOUT_SECONDS = 7200, 20
#: A client that has not read a message of a stream after this time is taken for gone.
STALLED_SECONDS = 30.0
_CODES: tuple[tuple[type[ApplianceError], str], ...] = (
    (StorageFull, "RESOURCE_EXHAUSTED"),
    (TooLarge, "RESOURCE_EXHAUSTED"),
    (LimitExceeded, "RESOURCE_EXHAUSTED"),
    (Unavailable, "UNAVAILABLE"),
    (BadInput, "INVALID_ARGUMENT"),
    (QueryFailed, "INVALID_ARGUMENT"),
    (NotFound, "NOT_FOUND"),
    (Conflict, "FAILED_PRECONDITION"),
    (TimedOut, "DEADLINE_EXCEEDED"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """What a method is told besides its message.

    Attributes:
        sender: Address and program, for people.
        metadata: By lower-case name.
    """

    tenant: str
    sender: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GrpcService:
    """One service of a listener.

    Attributes:
        name: As on the wire, such as `jaeger.api_v2.CollectorService`.
        unary: Methods with one answer.
        streaming: Methods with a stream of answers.
        writes: Whether it stores something: then the token is needed wherever one is set, otherwise
            only where other machines connect.
        writing: Methods that do so of a service that does not.
        files: Serialized FileDescriptorProtos that describe it, for reflection; made when asked.
    """

    name: str
    unary: Mapping[str, Unary] = field(default_factory=dict)
    streaming: Mapping[str, Streaming] = field(default_factory=dict)
    writes: bool = False
    writing: frozenset[str] = frozenset()
    files: Callable[[], Sequence[bytes]] = list


class GrpcListener:
    """The server of one port: `start`, then `stop`.

    Args:
        name: The listener's.
        common: As for HTTP.
        services: What it serves, besides health and reflection.
    """

    def __init__(self, name: str, common: HttpDeps, services: Sequence[GrpcService]) -> None:
        self._name = name
        self._common = common
        self._services = services
        self._server: Any = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the result is the port (interesting when `port` is 0).

        Raises:
            OSError: The port is taken.
        """
        import grpc.aio  # noqa: PLC0415 - after the HTTP listeners are up

        limits = self._common.limits
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", limits.decompressed_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_time_ms", _KEEP_ALIVE_SECONDS * 1000),
                ("grpc.keepalive_timeout_ms", _KEEP_ALIVE_TIMEOUT_SECONDS * 1000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", _PING_SECONDS * 1000),
            ],
            maximum_concurrent_rpcs=limits.concurrent_requests,
        )
        self._server.add_generic_rpc_handlers(tuple(self._handlers()))
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

    def _handlers(self) -> list[Any]:
        import grpc  # noqa: PLC0415 - loaded by `start`

        from appliance.api.grpc_status import status_handlers  # noqa: PLC0415 - needs grpc

        found = []
        for service in self._services:
            calls = _Calls(self._name, self._common, service)
            methods = {
                name: grpc.unary_unary_rpc_method_handler(calls.unary(name, method))
                for name, method in service.unary.items()
            } | {
                name: grpc.unary_stream_rpc_method_handler(calls.streaming(name, method))
                for name, method in service.streaming.items()
            }
            found.append(grpc.method_handlers_generic_handler(service.name, methods))
        return [*found, *status_handlers(self._services, self._common)]


class _Calls:
    """Calls of one service: let in, counted, errors told."""

    def __init__(self, listener: str, common: HttpDeps, service: GrpcService) -> None:
        self._listener = listener
        self._common = common
        self._service = service
        self._requests = common.telemetry.counter(
            "appliance_api_requests_total", "Requests.", ("listener", "code")
        )

    def unary(self, name: str, method: Unary) -> Callable[[bytes, Any], Awaitable[bytes]]:
        """A method as gRPC calls it."""
        needs_token = self._needs_token(name)

        async def serve(body: bytes, context: Any) -> bytes:
            try:
                call = self._admit(context, needs_token=needs_token)
                with self._common.gate.holding(len(body)):
                    answer = await method(body, call)
            except Exception as error:  # noqa: BLE001 - a bug: logged, counted, clear to the client
                return await self._refuse(context, error)
            self._requests.labels(self._listener, "OK").inc()
            return answer

        return serve

    def streaming(self, name: str, method: Streaming) -> Callable[[bytes, Any], Awaitable[None]]:
        """The same for a stream of answers."""
        needs_token = self._needs_token(name)

        async def serve(body: bytes, context: Any) -> None:
            try:
                call = self._admit(context, needs_token=needs_token)
                with self._common.gate.holding(len(body)):
                    await _send_all(method(body, call), context)
            except Exception as error:  # noqa: BLE001 - as above
                await self._refuse(context, error)
            self._requests.labels(self._listener, "OK").inc()

        return serve

    def _needs_token(self, method: str) -> bool:
        is_writing = self._service.writes or method in self._service.writing
        return is_writing or not self._common.is_open

    def _admit(self, context: Any, *, needs_token: bool) -> Call:
        """Let a call in.

        Raises:
            _Unauthenticated: The token is missing or wrong.
            BadInput: Not a tenant.
        """
        metadata = {key.lower(): value for key, value in context.invocation_metadata() or ()}
        token = self._common.token
        if needs_token and token is not None:
            given = str(metadata.get("authorization", "")).removeprefix("Bearer ")
            if not is_token(token, (given, str(metadata.get("x-otlp-token", "")))):
                raise _Unauthenticated("missing or wrong token")
        tenant = valid_tenant(str(metadata.get("x-scope-orgid") or ""))
        return Call(tenant, _sender(context.peer(), metadata), metadata)

    async def _refuse(self, context: Any, error: Exception) -> bytes:
        """End the call; what may be retried says when (google.rpc.RetryInfo)."""
        import grpc  # noqa: PLC0415 - loaded by `start`

        code = code_of(error)
        known = isinstance(error, ApplianceError)
        message = str(error) if known else unexpected(error, self._listener)
        self._requests.labels(self._listener, code).inc()
        trailing: tuple[tuple[str, bytes], ...] = ()
        if isinstance(error, Unavailable):
            details = _retry_details(code, message, error.retry_after_seconds)
            trailing = (("grpc-status-details-bin", details),)
        await context.abort(grpc.StatusCode[code], message, trailing)
        return b""  # never reached: abort raises


async def _send_all(answers: AsyncIterator[bytes], context: Any) -> None:
    """Send what a method gives; who does not read it holds memory, and often a query's slot.

    Raises:
        TimedOut: The client takes no message for long.
    """
    async with contextlib.aclosing(cast("AsyncGenerator[bytes]", answers)):
        async for answer in answers:
            try:
                await asyncio.wait_for(context.write(answer), STALLED_SECONDS)
            except TimeoutError as error:
                message = f"the client has not read for {STALLED_SECONDS:.0f} s"
                raise TimedOut(message) from error


class _Unauthenticated(ApplianceError):  # noqa: N818 - the house's form
    """The token is missing or wrong."""


def code_of(error: Exception) -> str:
    """The gRPC status of an error (OTLP specification, Failures: only some are retryable)."""
    if isinstance(error, _Unauthenticated):
        return "UNAUTHENTICATED"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "INTERNAL")


def _sender(peer: str, metadata: dict[str, Any]) -> str:
    """Address and program, the port left out, for it changes."""
    agent = str(metadata.get("user-agent", ""))[:100]
    return f"{unquote(peer).partition(':')[2].rpartition(':')[0]} ({agent})"


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
