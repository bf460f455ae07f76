"""Tempo's API over gRPC, with a real client: on a port of its own, and on the HTTP port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from appliance.api.http import make_runner
from appliance.api.ports import open_socket
from appliance.api.tempo.grpc import TempoGrpcServer
from appliance.api.tempo.routes import make_app
from appliance.api.upgrade import GRPC_BESIDE, SharedSite
from appliance.wire.messages import tempo_pb2 as pb
from tests.api.serving import http_deps
from tests.api.tempo_app import T0, S, tempo_deps

METHODS: dict[str, tuple[Any, Any]] = {
    "Search": (pb.SearchRequest, pb.SearchResponse),
    "SearchTags": (pb.SearchTagsRequest, pb.SearchTagsResponse),
    "SearchTagsV2": (pb.SearchTagsRequest, pb.SearchTagsV2Response),
    "SearchTagValues": (pb.SearchTagValuesRequest, pb.SearchTagValuesResponse),
    "SearchTagValuesV2": (pb.SearchTagValuesRequest, pb.SearchTagValuesV2Response),
    "MetricsQueryRange": (pb.QueryRangeRequest, pb.QueryRangeResponse),
    "MetricsQueryInstant": (pb.QueryInstantRequest, pb.QueryInstantResponse),
}


class Stub:
    """Calls methods by name."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel

    async def stream(self, name: str, metadata: dict[str, str] | None = None, **given: Any) -> Any:
        request, response = METHODS[name]
        method = self.channel.unary_stream(
            f"/tempopb.StreamingQuerier/{name}", request.SerializeToString, response.FromString
        )
        call = method(request(**given), metadata=tuple((metadata or {}).items()), timeout=10)
        return [message async for message in call]

    async def one(self, name: str, request: Any, response: Any) -> Any:
        method = self.channel.unary_unary(
            f"/tempopb.Querier/{name}", type(request).SerializeToString, response.FromString
        )
        return await method(request, timeout=10)


@asynccontextmanager
async def on_own_port(**changes: Any) -> AsyncIterator[Stub]:
    server = TempoGrpcServer(http_deps(**changes), tempo_deps())
    port = await server.start("127.0.0.1", 0)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Stub(channel)
    await server.stop(0)


@asynccontextmanager
async def on_http_port(**changes: Any) -> AsyncIterator[Stub]:
    runner = make_runner(make_app(http_deps(**changes), tempo_deps()))
    await runner.setup()
    opened = open_socket("tempo", "127.0.0.1", 0)
    await SharedSite(runner, opened, runner.app[GRPC_BESIDE]).start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{opened.getsockname()[1]}") as channel:
        yield Stub(channel)
    await runner.cleanup()


BOTH = pytest.mark.parametrize("serving", [on_own_port, on_http_port])


@BOTH
async def test_search(serving: Any) -> None:
    async with serving() as stub:
        messages = await stub.stream("Search", Query="{ status = error }", Limit=20)
        tagged = await stub.stream("Search", Tags={"service.name": "cro"})
    (trace,) = messages[-1].traces
    assert (trace.traceID, trace.rootServiceName, trace.rootTraceName) == ("ab", "shop", "GET /")
    assert trace.spanSets[0].matched == 1
    assert messages[-1].metrics.completedJobs == messages[-1].metrics.totalJobs
    assert [trace.traceID for trace in tagged[-1].traces] == ["cd"]
    assert not tagged[-1].traces[0].spanSets


@BOTH
async def test_tags(serving: Any) -> None:
    async with serving() as stub:
        (names,) = await stub.stream("SearchTags", scope="span")
        (scopes,) = await stub.stream("SearchTagsV2", scope="none")
        (values,) = await stub.stream("SearchTagValues", tagName="rows")
        (typed,) = await stub.stream("SearchTagValuesV2", tagName="span.rows")
    assert names.tagNames == ["db.system", "ratio", "retry", "rows", "tags"]
    assert [scope.name for scope in scopes.scopes] == ["resource", "span", "event", "intrinsic"]
    assert values.tagValues == ["3"]
    assert [(value.type, value.value) for value in typed.tagValues] == [("int", "3")]


@BOTH
async def test_metrics(serving: Any) -> None:
    window = {"query": "{ } | count_over_time()", "start": (T0 - 60) * S, "end": (T0 + 120) * S}
    async with serving() as stub:
        (found,) = await stub.stream("MetricsQueryRange", step=60 * S, **window)
        (instant,) = await stub.stream("MetricsQueryInstant", **window)
    assert sum(sample.value for sample in found.series[0].samples) == 4
    assert instant.series[0].value == 4


async def test_the_other_service() -> None:
    async with on_own_port() as stub:
        request = pb.TraceByIDRequest(traceID=b"\xab")
        trace = await stub.one("FindTraceByID", request, pb.TraceByIDResponse)
        recent = await stub.one("SearchRecent", pb.SearchRequest(Query="{}"), pb.SearchResponse)
    assert len(trace.trace.resourceSpans) == 2
    assert len(recent.traces) == 3


@pytest.mark.parametrize(
    ("name", "given", "code", "message"),
    [
        ("Search", {"Query": "{"}, "INVALID_ARGUMENT", "invalid TraceQL query: parse error"),
        ("Search", {"Query": "{}", "start": 5}, "INVALID_ARGUMENT", "start must be before end"),
        ("Search", {"SpansPerSpanSet": 101}, "INVALID_ARGUMENT", "spans per span set exceeds"),
        ("SearchTags", {"scope": "nope"}, "INVALID_ARGUMENT", "invalid scope: nope"),
        ("SearchTagValuesV2", {"tagName": "nope"}, "INVALID_ARGUMENT", "valid tagName"),
        ("MetricsQueryRange", {"query": "{}"}, "INVALID_ARGUMENT", "not a metrics query"),
        ("MetricsQueryInstant", {"query": "{}|rate()"}, "INVALID_ARGUMENT", "start"),
    ],
)
@BOTH
async def test_errors(
    serving: Any, name: str, given: dict[str, Any], code: str, message: str
) -> None:
    async with serving() as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.stream(name, **given)
    assert caught.value.code().name == code
    assert message in str(caught.value.details())


@BOTH
async def test_tenants(serving: Any) -> None:
    async with serving() as stub:
        other = await stub.stream("Search", {"x-scope-orgid": "acme"}, Query="{}")
    assert [list(message.traces) for message in other] == [[]]


@BOTH
async def test_a_token_where_other_machines_connect(serving: Any) -> None:
    async with serving(is_open=False, token="secret") as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.stream("SearchTags")
        assert await stub.stream("SearchTags", {"authorization": "Bearer secret"})
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@BOTH
async def test_times_beyond_all_others_are_no_error(serving: Any) -> None:
    most = 2**64 - 1
    async with serving() as stub:
        for end, step in ((most, most), (most, 2**62), (2**63, 2**63 - 1)):
            window = {"query": "{ } > { } | rate()", "start": 1, "end": end}
            await stub.stream("MetricsQueryRange", step=step, **window)
            await stub.stream("MetricsQueryInstant", **window)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.stream("MetricsQueryInstant", query="{ } | rate()", start=most - 1, end=most)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
