"""Jaeger's query services over gRPC: `jaeger.api_v2.QueryService`, `jaeger.api_v3.QueryService`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.grpc_server import GrpcListener, GrpcService
from appliance.api.jaeger.grpc_v2 import VersionTwo
from appliance.api.jaeger.grpc_v3 import VersionThree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.api.http import HttpDeps
    from appliance.api.jaeger.deps import JaegerDeps


class JaegerQueryGrpcServer(GrpcListener):
    """The server of the `jaeger_query_grpc` listener."""

    def __init__(self, common: HttpDeps, deps: JaegerDeps) -> None:
        two, three = VersionTwo(common, deps), VersionThree(common, deps)
        services = (
            GrpcService(
                "jaeger.api_v2.QueryService",
                unary={
                    "GetServices": two.services,
                    "GetOperations": two.operations,
                    "GetDependencies": two.dependencies,
                    "ArchiveTrace": two.archive,
                },
                streaming={"GetTrace": two.trace, "FindTraces": two.find},
                writing=frozenset({"ArchiveTrace"}),
                files=_files_two,
            ),
            GrpcService(
                "jaeger.api_v3.QueryService",
                unary={
                    "GetServices": three.services,
                    "GetOperations": three.operations,
                    "GetDependencies": three.dependencies,
                },
                streaming={"GetTrace": three.trace, "FindTraces": three.find},
                files=_files_three,
            ),
        )
        super().__init__("jaeger_query_grpc", common, services)


def _files_two() -> Sequence[bytes]:
    from appliance.wire.jaeger.descriptions import files_two  # noqa: PLC0415 - protobuf

    return files_two()


def _files_three() -> Sequence[bytes]:
    from appliance.wire.jaeger.descriptions import files_three  # noqa: PLC0415 - protobuf

    return files_three()
