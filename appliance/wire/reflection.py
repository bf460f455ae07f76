"""What a gRPC server says of itself: reflection (grpc/reflection/v1/reflection.proto) and health.

Our own messages live in packages of our own, so that they never clash with those of a client in the
same process; `described` gives their files the names that they have on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.wire.messages import grpc_status_pb2
from appliance.wire.messages.grpc_status_pb2 import (
    HealthCheckRequest,
    HealthCheckResponse,
    HealthListResponse,
    ReflectionRequest,
    ReflectionResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_NOT_FOUND, _UNIMPLEMENTED = 5, 12


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a described service: names of its messages, without the package.

    Attributes:
        streams: Whether requests, and whether answers, are streams.
    """

    request: str
    response: str
    streams: tuple[bool, bool] = (False, False)


def decode_health(body: bytes) -> str:
    """The service that a HealthCheckRequest asks for.

    Raises:
        BadInput: It is no such request.
    """
    try:
        service: str = HealthCheckRequest.FromString(body).service
    except DecodeError as error:
        raise BadInput(f"not a health check: {error}") from error
    return service


def encode_health(*, is_serving: bool | None) -> bytes:
    """A HealthCheckResponse; None: there is no such service."""
    kinds = {True: "SERVING", False: "NOT_SERVING", None: "SERVICE_UNKNOWN"}
    encoded: bytes = HealthCheckResponse(status=kinds[is_serving]).SerializeToString()
    return encoded


def encode_health_list(names: Iterable[str], *, is_serving: bool) -> bytes:
    """A HealthListResponse."""
    response = HealthListResponse()
    for name in names:
        response.statuses[name].MergeFromString(encode_health(is_serving=is_serving))
    encoded: bytes = response.SerializeToString()
    return encoded


def own_files() -> list[bytes]:
    """Health and reflection describe themselves, too."""
    own = grpc_status_pb2.DESCRIPTOR
    check = ("HealthCheckRequest", "HealthCheckResponse")
    health = {
        "Check": Method(*check),
        "List": Method("HealthListRequest", "HealthListResponse"),
        "Watch": Method(*check, (False, True)),
    }
    info = Method("ReflectionRequest", "ReflectionResponse", (True, True))
    found = described(own, "grpc/health/v1/health.proto", "grpc.health.v1", {"Health": health})
    for version in ("v1", "v1alpha"):
        path, package = f"grpc/reflection/{version}/reflection.proto", f"grpc.reflection.{version}"
        services = {"ServerReflection": {"ServerReflectionInfo": info}}
        found += described(own, path, package, services)
    return found


def files_of(*descriptors: Any) -> list[bytes]:
    """The files of generated modules (`DESCRIPTOR`) and all that they import, as they are."""
    found: dict[str, bytes] = {}

    def add(descriptor: Any) -> None:
        if descriptor.name not in found:
            found[descriptor.name] = descriptor.serialized_pb
            for needed in descriptor.dependencies:
                add(needed)

    for descriptor in descriptors:
        add(descriptor)
    return list(found.values())


def described(
    descriptor: Any, path: str, package: str, services: Mapping[str, Mapping[str, Method]]
) -> list[bytes]:
    """A generated module's file under another package, with services; and all that it imports.

    Args:
        descriptor: The module's `DESCRIPTOR`.
        path: The file's name.
        package: Takes the place of the file's own.
        services: Methods by name, by the service's name without the package.
    """
    file = FileDescriptorProto.FromString(descriptor.serialized_pb)
    old, new = f".{file.package}.", f".{package}."
    for message in file.message_type:
        _rename(message, old, new)
    file.name, file.package = path, package
    for name, methods in services.items():
        service = file.service.add(name=name)
        for method_name, method in methods.items():
            service.method.add(
                name=method_name,
                input_type=_full(method.request, new),
                output_type=_full(method.response, new),
                client_streaming=method.streams[0],
                server_streaming=method.streams[1],
            )
    return [file.SerializeToString(), *files_of(*descriptor.dependencies)]


def _full(name: str, package: str) -> str:
    """The full name of a message; one with dots has its package already."""
    return f".{name}" if "." in name else package + name


def _rename(message: DescriptorProto, old: str, new: str) -> None:
    for field in message.field:
        if field.type_name.startswith(old):
            field.type_name = new + field.type_name.removeprefix(old)
    for nested in message.nested_type:
        _rename(nested, old, new)


class Catalogue:
    """Answers reflection requests.

    Args:
        services: Names of all services there are.
        files: Serialized FileDescriptorProtos.
    """

    def __init__(self, services: Sequence[str], files: Sequence[bytes]) -> None:
        self._services = sorted(services)
        self._files: dict[str, FileDescriptorProto] = {}
        self._by_symbol: dict[str, str] = {}
        for raw in files:
            file = FileDescriptorProto.FromString(raw)
            self._files[file.name] = file
            self._by_symbol.update(dict.fromkeys(_symbols(file), file.name))

    def answer(self, body: bytes) -> bytes:
        """The answer to one request.

        Raises:
            BadInput: It is no such request.
        """
        try:
            request = ReflectionRequest.FromString(body)
        except DecodeError as error:
            raise BadInput(f"not a reflection request: {error}") from error
        response = ReflectionResponse(valid_host=request.host, original_request=request)
        kind = request.WhichOneof("message_request")
        if kind == "list_services":
            for name in self._services:
                response.list_services_response.service.add(name=name)
        elif kind == "file_by_filename":
            self._add_file(response, request.file_by_filename, "file")
        elif kind == "file_containing_symbol":
            symbol = request.file_containing_symbol
            self._add_file(response, self._by_symbol.get(symbol, symbol), "symbol")
        else:
            failure = response.error_response
            failure.error_code, failure.error_message = _UNIMPLEMENTED, "there are no extensions"
        encoded: bytes = response.SerializeToString()
        return encoded

    def _add_file(self, response: Any, name: str, what: str) -> None:
        """A file and all that it needs, so that a client need not ask again."""
        if name not in self._files:
            failure = response.error_response
            failure.error_code, failure.error_message = _NOT_FOUND, f"{what} not found: {name}"
            return
        wanted, seen = [name], {name}
        while wanted:
            file = self._files[wanted.pop()]
            response.file_descriptor_response.file_descriptor_proto.append(file.SerializeToString())
            needed = [path for path in file.dependency if path in self._files and path not in seen]
            seen.update(needed)
            wanted += needed


def _symbols(file: FileDescriptorProto) -> Iterator[str]:
    prefix = f"{file.package}." if file.package else ""
    for service in file.service:
        yield prefix + service.name
        yield from (f"{prefix}{service.name}.{method.name}" for method in service.method)
    yield from (prefix + enum.name for enum in file.enum_type)
    for message in file.message_type:
        yield from _nested_symbols(message, prefix)


def _nested_symbols(message: DescriptorProto, prefix: str) -> Iterator[str]:
    name = prefix + message.name
    yield name
    yield from (f"{name}.{enum.name}" for enum in message.enum_type)
    for nested in message.nested_type:
        yield from _nested_symbols(nested, f"{name}.")
