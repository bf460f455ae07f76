"""The Pushgateway's contract, with prometheus-client and with what curl sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary
from prometheus_client.exposition import delete_from_gateway, push_to_gateway, pushadd_to_gateway

from appliance.api.pushgateway import make_app
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.metrics import LabelLimits, MetricDoor
from appliance.ingest.pushgateway.gateway import PushGateway
from appliance.model.sample import SampleBatch
from appliance.store.database import DatabaseOptions
from appliance.store.pushes.store import PushStore
from tests.api.serving import Client, http_deps, serving
from tests.ingest.test_metrics import Appender as Recorder

NOW = "1.7e+09"


def gateway_of(
    path: Path, recorder: Any, max_bytes: int = 1 << 20
) -> tuple[PushStore, PushGateway]:
    telemetry = Telemetry()
    store = PushStore(path / "pushes.db", database=DatabaseOptions(), telemetry=telemetry)
    door = MetricDoor(recorder, LabelLimits(), telemetry)
    gateway = PushGateway(store, door, ManualClock(), tenant="anonymous", max_bytes=max_bytes)
    return store, gateway


@asynccontextmanager
async def pushgateway(
    path: Path, recorder: Recorder | None = None, max_bytes: int = 1 << 20, **changes: Any
) -> AsyncIterator[Client]:
    store, gateway = gateway_of(path, recorder or Recorder(), max_bytes)
    await gateway.load()
    try:
        async with serving(make_app(http_deps(**changes), gateway)) as client:
            yield client
    finally:
        store.close()


async def lines(client: Client) -> list[str]:
    answer = await client.get("/pushed")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return [line for line in answer.text.splitlines() if not line.startswith("#")]


async def test_put_replaces_the_group_and_post_the_families(tmp_path: Path) -> None:
    async with pushgateway(tmp_path) as client:
        await client.put("/metrics/job/j/instance/i", data=b"a 1\nb 2\n")
        await client.post("/metrics/job/j/instance/i", data=b"b 3\nc 4\n")
        posted = await lines(client)
        await client.put("/metrics/job/j/instance/i", data=b"c 5\n")
        put = await lines(client)
    shown = '{instance="i",job="j"} '
    times = [f"push_failure_time_seconds{shown}0", f"push_time_seconds{shown}{NOW}"]
    assert posted == [f"a{shown}1", f"b{shown}3", f"c{shown}4", *times]
    assert put == [f"c{shown}5", *times]


async def test_labels_of_the_path_win_and_an_instance_is_always_there(tmp_path: Path) -> None:
    async with pushgateway(tmp_path) as client:
        answer = await client.post("/metrics/job/j", data=b'x{job="other",l="v"} 1\n')
        assert (answer.status, answer.body) == (200, b"")
        assert (await lines(client))[-1] == 'x{instance="",job="j",l="v"} 1'


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("job@base64/L3Zhci90bXA/p@base64/=", '{instance="",job="/var/tmp",p=""}'),
        ("job@base64/L3Zhci90bXA=", '{instance="",job="/var/tmp"}'),
        ("job/a%20b/path@base64/4pyT", '{instance="",job="a b",path="✓"}'),
    ],
)
async def test_grouping_keys_in_base64(tmp_path: Path, path: str, labels: str) -> None:
    async with pushgateway(tmp_path) as client:
        assert (await client.post(f"/metrics/{path}", data=b"x 1\n")).status == 200
        assert (await lines(client))[-1] == f"x{labels} 1"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("job/j/l", b"x 1\n", 'odd number of components in label string "/l"'),
        ("job/j/__l/v", b"x 1\n", 'improper label name "__l"'),
        ("job/j/1l/v", b"x 1\n", 'improper label name "1l"'),
        ("job@base64/!!!", b"x 1\n", 'invalid base64 encoding in job name ""'),
        ("job/j", b"x 1", "text format parsing error in line 1: unexpected end of input stream"),
        ("job/j", b"x 1\ny{ 1\n", "text format parsing error in line 2: "),
        ("job/j", b'# TYPE h histogram\nh_bucket{le="x"} 1\n', "expected float as value for 'le'"),
        (
            "job/j",
            b'# TYPE s summary\ns{quantile="?"} 1\n',
            "expected float as value for 'quantile'",
        ),
        ("job/j", b"# TYPE h histogram\nh_count -1\n", "negative count for histogram"),
        ("job/j", b"# TYPE h histogram\nh_count NaN\n", "is not below 2^64"),
        ("job/j", b"x 1 1000\n", "must not have timestamps"),
        ("job/j", b"x 1\nx 2\n", "was collected before with the same name and label values"),
        ("job/j", b"# TYPE old gauge\nold 2\n", "is not a GAUGE"),
    ],
)
async def test_what_is_wrong_is_said(tmp_path: Path, path: str, body: bytes, message: str) -> None:
    async with pushgateway(tmp_path) as client:
        await client.post("/metrics/job/first", data=b"# TYPE old counter\nold 1\n")
        answer = await client.post(f"/metrics/{path}", data=body)
        assert (answer.status, message in answer.text) == (400, True), answer.text
        assert 'old{instance="",job="first"} 1' in await lines(client)


async def test_a_refused_push_is_remembered(tmp_path: Path) -> None:
    async with pushgateway(tmp_path) as client:
        await client.post("/metrics/job/j", data=b"x 1\n")
        await client.post("/metrics/job/j", data=b"x 1 5\n")
        await client.post("/metrics/job/new", data=b"x 1 5\n")
        found = await lines(client)
        groups = (await client.get("/api/v1/metrics")).json["data"]
    assert f'push_failure_time_seconds{{instance="",job="j"}} {NOW}' in found
    assert f'push_failure_time_seconds{{instance="",job="new"}} {NOW}' in found
    assert 'push_time_seconds{instance="",job="new"} 0' in found
    assert 'x{instance="",job="j"} 1' in found
    assert [group["labels"]["job"] for group in groups] == ["j", "new"]


async def test_delete_and_wipe(tmp_path: Path) -> None:
    async with pushgateway(tmp_path) as client:
        for job in ("a", "b"):
            await client.post(f"/metrics/job/{job}", data=b"x 1\n")
        gone = await client.request("DELETE", "/metrics/job/a")
        unknown = await client.request("DELETE", "/metrics/job/nobody")
        left = await lines(client)
        wiped = await client.put("/api/v1/admin/wipe")
        empty = await lines(client)
    assert [gone.status, unknown.status, wiped.status] == [202, 202, 202]
    assert not [line for line in left if 'job="a"' in line]
    assert 'x{instance="",job="b"} 1' in left
    assert empty == []


async def test_groups_survive_a_restart(tmp_path: Path) -> None:
    body = b'# HELP h Help.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\n'
    async with pushgateway(tmp_path) as client:
        await client.post("/metrics/job/j", data=body + b"h_sum 3\nh_count 2\n")
        before = (await client.get("/pushed")).text
        groups = (await client.get("/api/v1/metrics")).json
    async with pushgateway(tmp_path) as client:
        assert (await client.get("/pushed")).text == before
        assert (await client.get("/api/v1/metrics")).json == groups
    assert 'h_bucket{instance="",job="j",le="+Inf"} 2' in before
    histogram = groups["data"][0]["h"]
    assert (histogram["type"], histogram["help"]) == ("HISTOGRAM", "Help.")
    assert histogram["metrics"][0]["buckets"] == {"1": "1", "+Inf": "2"}
    assert histogram["metrics"][0]["sum"] == "3"


async def test_prometheus_client_pushes_all_its_kinds(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    Counter("jobs", "Jobs.", ["kind"], registry=registry).labels("a").inc(2)
    Gauge("size_bytes", "Size.", registry=registry).set(1.5e9)
    Histogram("took_seconds", "Time.", buckets=(1, 5), registry=registry).observe(2)
    Summary("wait_seconds", "Wait.", registry=registry).observe(3)
    async with pushgateway(tmp_path) as client:
        send = asyncio.to_thread
        await send(push_to_gateway, client.base, job="batch", registry=registry)
        await send(pushadd_to_gateway, client.base, job="a/b", registry=registry)
        found = await lines(client)
        await send(delete_from_gateway, client.base, job="batch")
        left = await lines(client)
    assert 'jobs_total{instance="",job="batch",kind="a"} 2' in found
    assert 'size_bytes{instance="",job="a/b"} 1.5e+09' in found
    assert 'took_seconds_bucket{instance="",job="batch",le="5"} 1' in found
    assert 'wait_seconds_sum{instance="",job="batch"} 3' in found
    assert not [line for line in left if 'job="batch"' in line]


async def test_samples_go_to_the_store_at_once(tmp_path: Path) -> None:
    recorder = Recorder()
    async with pushgateway(tmp_path, recorder) as client:
        await client.post("/metrics/job/j/empty@base64/=", data=b"x 1\n")
    batch: SampleBatch = recorder.batches[0]
    found = dict(zip([dict(item)["__name__"] for item in batch.labels], batch.values, strict=True))
    assert found["x"] == 1
    assert found["push_time_seconds"] == 1.7e9
    assert {name for item in batch.labels for name, _ in item} == {"__name__", "job"}


async def test_a_full_gateway_and_missing_tokens_are_refused(tmp_path: Path) -> None:
    async with pushgateway(tmp_path, max_bytes=600, token="secret") as client:
        bearer = {"Authorization": "Bearer secret"}
        without = await client.post("/metrics/job/j", data=b"x 1\n")
        small = await client.post("/metrics/job/j", data=b"x 1\n", headers=bearer)
        body = b"".join(b"x%d 1\n" % n for n in range(50))
        large = await client.post("/metrics/job/k", data=body, headers=bearer)
    assert [without.status, small.status, large.status] == [401, 200, 400]
    assert "limits.pushed_bytes" in large.text


async def test_paths_and_methods(tmp_path: Path) -> None:
    async with pushgateway(tmp_path) as client:
        statuses = [
            (await client.get("/metrics/job/j")).status,
            (await client.post("/metrics/foo/j", data=b"x 1\n")).status,
            (await client.post("/api/v1/admin/wipe")).status,
            (await client.get("/-/ready")).status,
        ]
        status = (await client.get("/api/v1/status")).json
        await client.post("/metrics/job/j", data=b"x 1\n")
        exposed = (await client.get("/metrics")).text
    assert statuses == [405, 404, 405, 200]
    assert status["data"]["build_information"]["version"].startswith("1.11.2+appliance.")
    assert 'x{instance="",job="j"} 1' in exposed
    assert "appliance_" in exposed
