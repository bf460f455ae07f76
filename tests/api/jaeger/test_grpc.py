"""Both query services over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from appliance.api.jaeger.grpc import JaegerQueryGrpcServer
from appliance.wire.messages import jaeger_v2_pb2 as two
from appliance.wire.messages import jaeger_v3_pb2 as three
from tests.api.grpc_calling import called, channel_to
from tests.api.jaeger_app import NOW, ListArchive, S, at, jaeger_deps
from tests.api.serving import http_deps
from tests.spans import PlainSpan

SERVICES = {two: "jaeger.api_v2.QueryService", three: "jaeger.api_v3.QueryService"}


@asynccontextmanager
async def calling(**changes: Any) -> AsyncIterator[Any]:
    """A channel to a server."""
    server = JaegerQueryGrpcServer(http_deps(), jaeger_deps(**changes))
    port = await server.start("127.0.0.1", 0)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(0)


async def unary(channel: Any, version: Any, method: str, request: Any, answer: Any) -> Any:
    call = channel.unary_unary(f"/{SERVICES[version]}/{method}")
    return answer.FromString(await call(request.SerializeToString()))


async def stream(channel: Any, version: Any, method: str, request: Any, answer: Any) -> list[Any]:
    call = channel.unary_stream(f"/{SERVICES[version]}/{method}")
    return [answer.FromString(message) async for message in call(request.SerializeToString())]


def timed(query: Any) -> Any:
    query.start_time_min.FromNanoseconds(at(86_400))
    query.start_time_max.FromNanoseconds(NOW)
    return query


async def test_names() -> None:
    async with calling() as channel:
        for version in (two, three):
            found = await unary(
                channel,
                version,
                "GetServices",
                version.GetServicesRequest(),
                version.GetServicesResponse,
            )
            assert list(found.services) == ["db", "münchen ☕", "web"]
            request = version.GetOperationsRequest(service="db", span_kind="client")
            found = await unary(
                channel, version, "GetOperations", request, version.GetOperationsResponse
            )
            assert [(one.name, one.span_kind) for one in found.operations] == [("SELECT", "client")]


async def test_a_trace_in_jaegers_model() -> None:
    request = two.GetTraceRequest(trace_id=bytes(15) + b"\1")
    async with calling() as channel:
        [chunk] = await stream(channel, two, "GetTrace", request, two.SpansResponseChunk)
    first, second = chunk.spans
    assert (first.operation_name, first.process.service_name) == ("GET /", "web")
    assert first.start_time.ToNanoseconds() == at(60)
    assert second.duration.ToNanoseconds() == 1000
    assert second.references[0].span_id == first.span_id
    tags = {tag.key: tag for tag in second.tags}
    assert (tags["error"].v_type, tags["error"].v_bool) == (1, True)
    assert (tags["span.kind"].v_type, tags["span.kind"].v_str) == (0, "client")


async def test_a_trace_as_otlp() -> None:
    async with calling() as channel:
        [data] = await stream(
            channel, three, "GetTrace", three.GetTraceRequest(trace_id="1"), TracesData
        )
    spans = [span for group in data.resource_spans for span in group.scope_spans[0].spans]
    assert [span.name for span in spans] == ["GET /", "SELECT"]


async def test_search() -> None:
    async with calling() as channel:
        query = timed(two.TraceQueryParameters(service_name="web", search_depth=10))
        query.tags["user"] = "ann"
        chunks = await stream(
            channel, two, "FindTraces", two.FindTracesRequest(query=query), two.SpansResponseChunk
        )
        assert [span.span_id[-1] for chunk in chunks for span in chunk.spans] == [3]
        query = timed(three.TraceQueryParameters(service_name="web", search_depth=2))
        query.duration_min.FromNanoseconds(S)
        found = await stream(
            channel, three, "FindTraces", three.FindTracesRequest(query=query), TracesData
        )
        spans = [one.resource_spans[0].scope_spans[0].spans[0] for one in found]
        assert [span.span_id[-1] for span in spans] == [3, 1]


async def test_dependencies_and_archive() -> None:
    archive = ListArchive()
    async with calling(archive=archive) as channel:
        request = two.GetDependenciesRequest()
        request.start_time.FromNanoseconds(at(3600))
        request.end_time.FromNanoseconds(NOW)
        found = await unary(channel, two, "GetDependencies", request, two.GetDependenciesResponse)
        assert [(one.parent, one.child, one.call_count) for one in found.dependencies] == [
            ("web", "db", 1)
        ]
        same = three.GetDependenciesRequest.FromString(request.SerializeToString())
        newer = await unary(channel, three, "GetDependencies", same, three.DependenciesResponse)
        assert [one.call_count for one in newer.dependencies] == [1]
        one = two.ArchiveTraceRequest(trace_id=bytes(7) + b"\1")
        await unary(channel, two, "ArchiveTrace", one, two.ArchiveTraceResponse)
    assert [len(spans) for spans in archive.traces.values()] == [2]


async def test_a_large_trace_comes_in_pieces() -> None:
    spans = [PlainSpan(1, number, start_ns=number) for number in range(1, 1302)]
    request = two.GetTraceRequest(trace_id=bytes(15) + b"\1")
    async with calling(spans=spans) as channel:
        chunks = await stream(channel, two, "GetTrace", request, two.SpansResponseChunk)
    assert [len(chunk.spans) for chunk in chunks] == [500, 500, 301]


@pytest.mark.parametrize(
    ("version", "method", "request_", "code", "message"),
    [
        (
            two,
            "GetTrace",
            two.GetTraceRequest(trace_id=bytes(15) + b"\x63"),
            "NOT_FOUND",
            "trace not found",
        ),
        (two, "GetTrace", two.GetTraceRequest(), "INVALID_ARGUMENT", "uninitialized TraceID"),
        (two, "FindTraces", two.FindTracesRequest(), "INVALID_ARGUMENT", "missing query"),
        (
            two,
            "FindTraces",
            two.FindTracesRequest(query=two.TraceQueryParameters(service_name="web")),
            "INVALID_ARGUMENT",
            "search depth",
        ),
        (
            three,
            "GetTrace",
            three.GetTraceRequest(trace_id="x"),
            "INVALID_ARGUMENT",
            "malform trace ID",
        ),
        (three, "GetTrace", three.GetTraceRequest(trace_id="99"), "NOT_FOUND", "trace not found"),
        (
            three,
            "FindTraces",
            three.FindTracesRequest(query=three.TraceQueryParameters(search_depth=1)),
            "INVALID_ARGUMENT",
            "start time min and max",
        ),
    ],
)
async def test_refusals(version: Any, method: str, request_: Any, code: str, message: str) -> None:
    async with calling() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream(channel, version, method, request_, TracesData)
    assert caught.value.code() == grpc.StatusCode[code]
    assert message in (caught.value.details() or "")


def test_reflection_describes_what_is_served() -> None:
    from google.protobuf import descriptor_pool
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from appliance.wire.jaeger.descriptions import files_three, files_two

    for files, name in ((files_two(), SERVICES[two]), (files_three(), SERVICES[three])):
        pool = descriptor_pool.DescriptorPool()
        waiting = [FileDescriptorProto.FromString(raw) for raw in files]
        known = {file.name: file for file in waiting}

        def add(file: Any, known: dict[str, Any] = known, pool: Any = pool) -> None:
            for needed in file.dependency:
                if needed in known:
                    add(known.pop(needed))
            pool.Add(file)

        while known:
            add(known.pop(next(iter(known))))
        service = pool.FindServiceByName(name)
        streams = {method.name for method in service.methods if method.server_streaming}
        assert streams == {"GetTrace", "FindTraces"}
        assert "GetDependencies" in {method.name for method in service.methods}


async def test_archiving_needs_the_token_that_reading_does_not() -> None:
    server = JaegerQueryGrpcServer(http_deps(token="secret"), jaeger_deps())
    path = f"/{SERVICES[two]}"
    one = two.ArchiveTraceRequest(trace_id=bytes(15) + b"\1").SerializeToString()
    async with channel_to(server) as channel:
        code, message = await called(channel, f"{path}/ArchiveTrace", one)
        assert (code, message) == (grpc.StatusCode.UNAUTHENTICATED, "missing or wrong token")
        code, _ = await called(channel, f"{path}/ArchiveTrace", one, x_otlp_token="secret")
        assert code == grpc.StatusCode.OK
        code, _ = await called(channel, f"{path}/GetServices")
        assert code == grpc.StatusCode.OK


async def test_a_wide_trace_comes_in_messages_that_clients_read() -> None:
    text = "x" * 10_000
    spans = [PlainSpan(1, number, attributes={"text": text}) for number in range(1, 701)]
    async with calling(spans=spans) as channel:
        found = await stream(
            channel, three, "GetTrace", three.GetTraceRequest(trace_id="1"), TracesData
        )
    assert all(message.ByteSize() < 4 << 20 for message in found)
    parts = [(group, scoped) for one in found for group in one.resource_spans
             for scoped in group.scope_spans]  # fmt: skip
    assert len(parts) > 1
    assert {group.resource.attributes[0].value.string_value for group, _ in parts} == {"shop"}
    assert {scoped.scope.name for _, scoped in parts} == {"tests"}
    ids = [int.from_bytes(span.span_id) for _, scoped in parts for span in scoped.spans]
    assert sorted(ids) == list(range(1, 701))


@pytest.mark.parametrize("version", [two, three])
async def test_times_far_away_are_no_error(version: Any) -> None:
    query = version.TraceQueryParameters(service_name="web", search_depth=1)
    query.start_time_min.FromJsonString("0001-01-01T00:00:00Z")
    query.start_time_max.FromJsonString("9999-12-31T23:59:59Z")
    query.duration_max.FromJsonString("315576000000s")
    calls = version.GetDependenciesRequest()
    calls.start_time.FromJsonString("0001-01-01T00:00:00Z")
    calls.end_time.FromJsonString("9999-12-31T23:59:59Z")
    async with calling() as channel:
        answer = two.SpansResponseChunk if version is two else TracesData
        request = version.FindTracesRequest(query=query)
        assert len(await stream(channel, version, "FindTraces", request, answer)) == 1
        await unary(channel, version, "GetDependencies", calls, two.GetDependenciesResponse)


@pytest.mark.parametrize("seconds", [-(2**62), 2**62])
async def test_times_that_are_none_are_refused(seconds: int) -> None:
    query = three.TraceQueryParameters(search_depth=1)
    query.start_time_min.seconds = query.start_time_max.seconds = seconds
    request = three.FindTracesRequest(query=query)
    async with calling() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream(channel, three, "FindTraces", request, TracesData)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
