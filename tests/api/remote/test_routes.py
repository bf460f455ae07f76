"""Remote write, remote read and federation over HTTP, on a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance.api.errors import prometheus
from appliance.api.http import base_app
from appliance.api.remote.routes import REMOTE, RemoteDeps, routes
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.metrics import LabelLimits
from appliance.ingest.remote_write import RemoteWriteDoor
from appliance.model.labels import Labels
from appliance.model.sample import STALE_BITS
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.messages.exposition_pb2 import MetricFamily
from tests.api.serving import Answer, Client, http_deps, serving
from tests.remote_requests import NOW, Request2, native_histogram, request_v1, series_v1
from tests.sources import labels

V1 = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
V2 = V1 | {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}
UP = {"__name__": "up", "job": "node"}


@asynccontextmanager
async def remote(path: Path, external: Labels | None = None) -> AsyncIterator[Client]:
    telemetry, clock = Telemetry(), ManualClock()
    store = MetricStore(
        path / "metrics.db",
        MetricStoreOptions(),
        database=DatabaseOptions(synchronous="OFF"),
        clock=clock,
        telemetry=telemetry,
    )
    door = RemoteWriteDoor(store, LabelLimits(labels=5), telemetry, keeper=store, clock=clock)
    app = base_app("prometheus", http_deps(telemetry=telemetry), contract=prometheus)
    app[REMOTE] = RemoteDeps(door, store.source, lambda: external or Labels(), 300_000)
    app.add_routes(routes())
    try:
        async with serving(app) as client:
            yield client
    finally:
        store.close()


async def write(client: Client, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    return await client.post(
        "/api/v1/write", data=snappy.compress(body), headers=dict(headers or V1)
    )


async def read(client: Client, *accepted: int, name: str = "up", **more: str) -> Answer:
    matchers = [
        pb.LabelMatcher(name=key.encode(), value=value.encode())
        for key, value in {"__name__": name, **more}.items()
    ]
    query = pb.Query(start_timestamp_ms=0, end_timestamp_ms=NOW + 1000, matchers=matchers)
    body = pb.ReadRequest(queries=[query], accepted_response_types=accepted).SerializeToString()
    return await client.post("/api/v1/read", data=snappy.compress(body), headers=dict(V1))


def samples(answer: Answer) -> list[tuple[dict[str, str], list[tuple[int, float]]]]:
    assert answer.status == 200, answer.text
    found = pb.ReadResponse.FromString(snappy.decompress(answer.body, limit=1 << 20))
    return [
        (
            {label.name.decode(): label.value.decode() for label in series.labels},
            [(sample.timestamp, sample.value) for sample in series.samples],
        )
        for series in found.results[0].timeseries
    ]


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    async with remote(tmp_path) as client:
        answer = await write(client, request_v1([series_v1(UP, [(NOW, 1.0), (NOW - 5, 2.0)])]))
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["X-Prometheus-Remote-Write-Samples-Written"] == "2"
        request = Request2()
        request.series(UP, [(NOW + 1, 3.0), (NOW - 5, 9.0)])  # the first one written holds
        assert (await write(client, request.encode(), V2)).status == 204
        assert samples(await read(client)) == [(UP, [(NOW - 5, 2.0), (NOW, 1.0), (NOW + 1, 3.0)])]


async def test_histograms(tmp_path: Path) -> None:
    series = series_v1(UP)
    series.histograms.append(native_histogram(NOW))
    async with remote(tmp_path) as client:
        answer = await write(client, request_v1([series]))
        assert answer.headers["X-Prometheus-Remote-Write-Histograms-Written"] == "1"
        found = await read(client)
        chunks = await read(client, 1)
        assert chunks.status == 400
        assert "SAMPLES" in chunks.text
    data = pb.ReadResponse.FromString(snappy.decompress(found.body, limit=1 << 20))
    [histogram] = data.results[0].timeseries[0].histograms
    assert (histogram.count_int, list(histogram.positive_deltas)) == (10, [2, 1, 1])


async def test_bad_series_are_refused_alone_and_named(tmp_path: Path) -> None:
    many = {"__name__": "many", **{f"l{n}": "x" for n in range(5)}}
    twice = series_v1(UP, [(NOW, 1.0)])
    twice.labels.add(name=b"job", value=b"again")
    async with remote(tmp_path) as client:
        answer = await write(
            client,
            request_v1([series_v1({}, [(NOW, 1.0)]), series_v1(many, [(NOW, 1.0)]), twice])
            + request_v1([series_v1(UP, [(NOW, 5.0)])]),
        )
        assert answer.status == 400
        assert answer.headers["Content-Type"].startswith("text/plain")
        first, second, third = answer.text.splitlines()
        assert first == "invalid metric name or labels, got {}"
        assert "limits.labels_per_series" in second
        assert '__name__="many"' in second
        assert third.endswith("duplicated label job")
        assert answer.headers["X-Prometheus-Remote-Write-Samples-Written"] == "1"
        assert samples(await read(client)) == [(UP, [(NOW, 5.0)])]


async def test_samples_far_ahead_are_refused(tmp_path: Path) -> None:
    points = [(NOW, 1.0), (NOW + 600_000, 2.0), (NOW + 600_001, 3.0), (2**63 - 1, 4.0)]
    async with remote(tmp_path) as client:
        answer = await write(client, request_v1([series_v1(UP, points)]))
        assert (answer.status, answer.text) == (
            400,
            'out of bounds for series {__name__="up", job="node"}\n',
        )
        assert answer.headers["X-Prometheus-Remote-Write-Samples-Written"] == "2"


async def test_series_without_a_name(tmp_path: Path) -> None:
    request = Request2()
    request.series({"job": "x"}, [(NOW, 1.0)])
    async with remote(tmp_path) as client:
        assert (
            await write(client, request_v1([series_v1({"job": "y"}, [(NOW, 1.0)])]))
        ).status == 204
        answer = await write(client, request.encode(), V2)
        assert (answer.status, answer.text) == (
            400,
            'invalid metric name or labels, got {job="x"}\n',
        )


async def test_another_value_for_the_same_time_is_refused(tmp_path: Path) -> None:
    async with remote(tmp_path) as client:
        other = series_v1({"__name__": "x"}, [(5, 1.0)])
        for _ in range(2):
            body = request_v1([series_v1(UP, [(NOW, 1.0)]), other])
            assert (await write(client, body)).status == 204
        answer = await write(client, request_v1([series_v1(UP, [(NOW, 2.0)]), other]))
        assert (answer.status, answer.text) == (
            400,
            'duplicate sample for timestamp for series {__name__="up", job="node"}\n',
        )
        assert answer.headers["X-Prometheus-Remote-Write-Samples-Written"] == "1"
        assert samples(await read(client)) == [(UP, [(NOW, 1.0)])]


async def test_wrong_histograms_are_named(tmp_path: Path) -> None:
    series = series_v1(UP)
    series.histograms.append(native_histogram(NOW))
    series.histograms[0].positive_deltas.append(1)
    async with remote(tmp_path) as client:
        answer = await write(client, request_v1([series]))
        assert answer.status == 400
        assert '{__name__="up", job="node"}' in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Content-Type": "application/x-protobuf;proto=prometheus.WriteRequest"}, 204),
        ({"Content-Type": "application/x-protobuf; proto=io.prometheus.write.v3.Request"}, 415),
        ({"Content-Type": "application/x-protobuf;proto"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
async def test_content_negotiation(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with remote(tmp_path) as client:
        answer = await write(client, request_v1([series_v1(UP, [(NOW, 1.0)])]), V1 | headers)
        assert answer.status == status
        if status == 415:
            assert answer.headers["Content-Type"].startswith("text/plain")


async def test_broken_bodies(tmp_path: Path) -> None:
    async with remote(tmp_path) as client:
        for path in ("/api/v1/write", "/api/v1/read"):
            for body in (b"garbage", snappy.compress(b"\xff\xff\xff")):
                answer = await client.post(path, data=body, headers=dict(V1))
                assert answer.status == 400
                assert answer.headers["Content-Type"].startswith("text/plain")
        answer = await client.post("/api/v1/write", data=b"\xff\xff\xff\x7f", headers=dict(V1))
        assert answer.status == 413
        assert (await write(client, b"")).status == 204


async def test_tenants_are_apart(tmp_path: Path) -> None:
    body = request_v1([series_v1(UP, [(NOW, 1.0)])])
    async with remote(tmp_path) as client:
        await write(client, body, V1 | {"X-Scope-OrgID": "other"})
        assert samples(await read(client)) == []


async def test_external_labels_of_remote_read(tmp_path: Path) -> None:
    async with remote(tmp_path, labels(region="eu")) as client:
        await write(client, request_v1([series_v1(UP, [(NOW, 1.0)])]))
        for more in ({}, {"region": "eu"}):
            [(found, _)] = samples(await read(client, **more))
            assert found == UP | {"region": "eu"}
        assert samples(await read(client, region="us")) == []


async def test_chunks(tmp_path: Path) -> None:
    async with remote(tmp_path) as client:
        await write(client, request_v1([series_v1(UP, [(NOW, 1.0)])]))
        answer = await read(client, 1)
    assert answer.headers["Content-Type"] == (
        "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
    )
    message = pb.ChunkedReadResponse.FromString(answer.body[5:])
    assert message.chunked_series[0].chunks[0].min_time_ms == NOW


async def test_federation(tmp_path: Path) -> None:
    stale = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])
    async with remote(tmp_path, labels(region="eu")) as client:
        given = [
            series_v1(UP, [(NOW - 2000, 1.0), (NOW - 1000, 2.0)]),
            series_v1({"__name__": "gone"}, [(NOW - 2000, 1.0), (NOW - 1000, stale)]),
            series_v1({"__name__": "old"}, [(NOW - 400_000, 1.0)]),
            series_v1({"__name__": "future"}, [(NOW + 1000, 1.0)]),
        ]
        await write(client, request_v1(given))
        selectors = [("match[]", '{__name__=~"up|gone|old|future"}'), ("match[]", "up")]
        answer = await client.get("/federate", params=selectors)
        assert answer.text == (
            f'# TYPE up untyped\nup{{job="node",instance="",region="eu"}} 2 {NOW - 1000}\n'
        )
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        nothing = await client.get("/federate")
        assert (nothing.status, nothing.body) == (200, b"")
        bad = await client.get("/federate", params=[("match[]", "up{")])
        assert bad.status == 400
        assert bad.headers["Content-Type"].startswith("text/plain")


async def test_federation_in_protobuf(tmp_path: Path) -> None:
    accept = {
        "Accept": "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
        "encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5"
    }
    series = series_v1(UP)
    series.histograms.append(native_histogram(NOW - 1000))
    async with remote(tmp_path) as client:
        await write(client, request_v1([series]))
        answer = await client.get("/federate?match[]=up", headers=accept)
        assert answer.headers["Content-Type"].startswith("application/vnd.google.protobuf;")
        family = MetricFamily.FromString(answer.body[1:])
        assert family.metric[0].histogram.count_float == 10
        text = await client.get("/federate?match[]=up")
        assert (text.status, text.body) == (200, b"")


async def test_other_methods(tmp_path: Path) -> None:
    async with remote(tmp_path) as client:
        for path in ("/api/v1/write", "/api/v1/read"):
            assert (await client.get(path)).status == 405


async def test_writing_needs_the_token() -> None:
    app = base_app("prometheus", http_deps(token="t"), contract=prometheus)
    app.add_routes(routes())
    async with serving(app) as client:
        assert (await write(client, b"")).status == 401
