"""Health checks (grpc/health/v1/health.proto) and server reflection (v1 and v1alpha) over gRPC.

Neither asks for a token: as over HTTP, whoever watches the process may know whether it works.
Messages are imported when the first of them comes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from appliance.api.grpc_server import GrpcService
    from appliance.api.http import HttpDeps
    from appliance.wire.reflection import Catalogue

HEALTH = "grpc.health.v1.Health"
REFLECTION = tuple(f"grpc.reflection.{version}.ServerReflection" for version in ("v1", "v1alpha"))
#: How often a client that watches is looked after.
_WATCH_SECONDS = 1.0
#: Clients that watch at a time; they keep their slots.
_MAX_WATCHERS = 64


def status_handlers(services: Sequence[GrpcService], common: HttpDeps) -> list[Any]:
    """Handlers of both services for a server that has these."""
    health = _Health([service.name for service in services], common)
    methods = {
        "Check": grpc.unary_unary_rpc_method_handler(health.check),
        "List": grpc.unary_unary_rpc_method_handler(health.list),
        "Watch": grpc.unary_stream_rpc_method_handler(health.watch),
    }
    info = grpc.stream_stream_rpc_method_handler(_Reflection(services).info)
    return [
        grpc.method_handlers_generic_handler(HEALTH, methods),
        *(
            grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": info})
            for name in REFLECTION
        ),
    ]


class _Health:
    """Every service is as ready as the whole process is; the empty name is the process."""

    def __init__(self, names: Sequence[str], common: HttpDeps) -> None:
        self._names = ["", *names, HEALTH]
        self._common = common
        self._watchers = 0

    async def check(self, body: bytes, context: Any) -> bytes:
        status = self._status(await _asked(body, context))
        if status is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return _encode(status)

    async def list(self, _body: bytes, _context: Any) -> bytes:
        from appliance.wire.reflection import encode_health_list  # noqa: PLC0415 - protobuf

        return encode_health_list(self._names, is_serving=self._common.admin.is_ready())

    async def watch(self, body: bytes, context: Any) -> AsyncIterator[bytes]:
        name = await _asked(body, context)
        if self._watchers >= _MAX_WATCHERS:
            message = f"{_MAX_WATCHERS} clients watch already"
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, message)
        self._watchers += 1
        try:
            told = b"nothing"
            while True:
                answer = _encode(self._status(name))
                if answer != told:
                    yield answer
                told = answer
                await self._common.clock.sleep(_WATCH_SECONDS)
        finally:
            self._watchers -= 1

    def _status(self, name: str) -> bool | None:
        """Whether a service works; None when there is none of the name."""
        return self._common.admin.is_ready() if name in self._names else None


def _encode(status: bool | None) -> bytes:  # noqa: FBT001 - of three values
    from appliance.wire.reflection import encode_health  # noqa: PLC0415 - protobuf

    return encode_health(is_serving=status)


async def _asked(body: bytes, context: Any) -> str:
    """The service that a health check asks for."""
    from appliance.wire.reflection import decode_health  # noqa: PLC0415 - protobuf

    try:
        return decode_health(body)
    except BadInput as error:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, error.message)
        return ""  # never reached: abort raises


class _Reflection:
    """The catalogue is made when somebody first asks."""

    def __init__(self, services: Sequence[GrpcService]) -> None:
        self._services = services
        self._catalogue: Catalogue | None = None

    async def info(self, requests: Any, context: Any) -> AsyncIterator[bytes]:
        async for body in requests:
            try:
                yield self._found().answer(body)
            except BadInput as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, error.message)

    def _found(self) -> Catalogue:
        from appliance.wire.reflection import Catalogue, own_files  # noqa: PLC0415 - protobuf

        if self._catalogue is None:
            names = [HEALTH, *REFLECTION, *(service.name for service in self._services)]
            files = [file for service in self._services for file in service.files()]
            self._catalogue = Catalogue(names, [*files, *own_files()])
        return self._catalogue
