"""Traces through the real process: pushes by four senders, then queries over HTTP.

Spans have ten attributes and are all different. CPU seconds are the server's. `cold` is the first
time a query is asked after the last block was sealed, `warm` the best of five more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import aiohttp
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.testing import Appliance
from bench.process import Row, cpu_seconds, memory_bytes
from bench.trace_bodies import SIZE, bodies

SEARCHES = {
    "attribute and service": (
        '{ resource.service.name = "cart" && span.http.response.status_code = 500 }'
    ),
    "regex over many values": '{ span.user.id =~ "u0000.*" }',
    "duration and kind": "{ duration > 500ms && kind = server }",
    "descendants": '{ name = "GET /api/orders/{id}" } >> { status = error }',
    "children": '{ resource.service.name = "frontend" } > { resource.service.name = "cart" }',
    "count": "{ } | count() > 10",
    "by service": "{ status = error } | by(resource.service.name) | count() > 1",
    "event attribute": '{ event.exception.type = "IOError" }',
    "two conditions in a trace": (
        '{ span.url.path =~ "/api/orders/1.*" } && { span.http.request.method = "POST" }'
    ),
    "root and select": (
        '{ rootServiceName = "frontend" && traceDuration > 1s } | select(span.url.path)'
    ),
}
METRICS = {
    "rate by service": "{ } | rate() by (resource.service.name)",
    "quantiles by name": "{ } | quantile_over_time(duration, .5, .99) by (name)",
    "errors": "{ status = error } | count_over_time() by (span.http.route)",
}
JAEGER = {
    "service": {"service": "cart"},
    "operation, tag, duration": {
        "service": "cart",
        "operation": "GET /api/orders/{id}",
        "tags": '{"http.response.status_code":"500"}',
        "minDuration": "10ms",
    },
}
LISTENERS = ("otlp_grpc", "otlp_http", "tempo", "jaeger")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--protocols", default="grpc,http")
    parser.add_argument("--no-queries", action="store_true")
    chosen = parser.parse_args()
    protocols = chosen.protocols.split(",")
    for number, protocol in enumerate(protocols):
        with tempfile.TemporaryDirectory() as folder:
            server = Appliance(Path(folder) / "data", only=LISTENERS).start()
            try:
                end_ns = time.time_ns()
                push(server, protocol, chosen.spans, chosen.senders, end_ns)
                if number == len(protocols) - 1 and not chosen.no_queries:
                    query_all(server, end_ns)
            finally:
                server.stop()
                Path(server.log).unlink(missing_ok=True)


# -- writing


def push(server: Appliance, protocol: str, spans: int, senders: int, end_ns: int) -> None:
    """Push, then wait until everything is sealed but what is too little."""
    made = list(bodies(spans, end_ns))
    pid = server.process.pid
    send = _send_grpc if protocol == "grpc" else _send_http
    before, began = cpu_seconds(pid), time.perf_counter()
    asyncio.run(send(server, made, senders))
    wall, cpu = time.perf_counter() - began, cpu_seconds(pid) - before
    count = len(made) * SIZE
    what = f"OTLP {protocol}, {senders} senders"
    Row(what, count, wall, cpu, memory_bytes(pid)[1], "spans").print()
    print(f"  visible after {visible_ms(server, made[-1]):.0f} ms")
    wait_until_idle(pid)
    cpu = cpu_seconds(pid) - before
    now, peak = memory_bytes(pid)
    print(
        f"  sealed: {count / cpu:,.0f} spans/CPU-s all in all, {now / 1e6:.0f} MB resident,"
        f" {peak / 1e6:.0f} MB peak"
    )
    print_disk(server.data / "traces.db", count)


def visible_ms(server: Appliance, body: bytes) -> float:
    """How long after its answer the newest trace can be read."""
    request = ExportTraceServiceRequest.FromString(body)
    trace = request.resource_spans[0].scope_spans[0].spans[-1].trace_id.hex()
    began = time.perf_counter()
    while not spans_of(server, trace):
        pass
    return (time.perf_counter() - began) * 1000


def spans_of(server: Appliance, trace: str) -> int:
    status, body = get(f"{server.urls['tempo']}/api/traces/{trace}")
    if status != 200:
        return 0
    return sum(
        len(scoped["spans"])
        for batch in json.loads(body)["batches"]
        for scoped in batch["scopeSpans"]
    )


def wait_until_idle(pid: int) -> None:
    """Until the server has used little CPU for longer than the pause between looks at heads."""
    calm = 0
    while calm < 7:
        before = cpu_seconds(pid)
        time.sleep(1)
        calm = calm + 1 if cpu_seconds(pid) - before < 0.1 else 0


def print_disk(path: Path, count: int) -> None:
    """Bytes per span: of sealed blocks, and of the file."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    sealed, stored = connection.execute(
        "SELECT sum(spans), sum(stored_bytes) FROM block"
    ).fetchone()
    connection.close()
    size = path.stat().st_size
    print(f"  disk: {stored / sealed:.1f} bytes a span in blocks, {size / count:.1f} in the file")


async def _send_http(server: Appliance, made: list[bytes], senders: int) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    left = iter(made)
    async with aiohttp.ClientSession() as session:

        async def work() -> None:
            for body in left:
                url = server.urls["otlp_http"] + "/v1/traces"
                async with session.post(url, data=body, headers=headers) as answer:
                    assert answer.status == 200, (answer.status, await answer.text())

        await asyncio.gather(*(work() for _ in range(senders)))


async def _send_grpc(server: Appliance, made: list[bytes], senders: int) -> None:
    import grpc

    left = iter(made)
    name = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    async with grpc.aio.insecure_channel(server.urls["otlp_grpc"]) as channel:
        export = channel.unary_unary(name)

        async def work() -> None:
            for body in left:
                await export(body)

        await asyncio.gather(*(work() for _ in range(senders)))


# -- reading


def query_all(server: Appliance, end_ns: int) -> None:
    seconds = {"start": end_ns // 10**9 - 4000, "end": end_ns // 10**9 + 4000}
    tempo, jaeger = server.urls["tempo"], server.urls["jaeger"]
    print(f"{'':48} {'cold ms':>8} {'warm ms':>8} {'CPU ms':>8}  answer")
    for name, url in trace_urls(server, seconds):
        measure(server, name, url)
    for name, query in SEARCHES.items():
        measure(server, f"search: {name}", address(f"{tempo}/api/search", q=query, **seconds))
    for name, query in METRICS.items():
        where = f"{tempo}/api/metrics/query_range"
        measure(server, f"metrics: {name}", address(where, q=query, step="60s", **seconds))
    for name, criteria in JAEGER.items():
        times = {key: value * 10**6 for key, value in seconds.items()}
        where = f"{jaeger}/api/traces"
        measure(server, f"jaeger: {name}", address(where, limit=20, **criteria, **times))
    for name, path in (
        ("tags", "v2/search/tags"),
        ("values", "v2/search/tag/span.http.route/values"),
    ):
        measure(server, f"tags: {name}", address(f"{tempo}/api/{path}", **seconds))
    now, peak = memory_bytes(server.process.pid)
    print(f"{now / 1e6:.0f} MB resident, {peak / 1e6:.0f} MB peak")


def trace_urls(server: Appliance, seconds: dict[str, int]) -> Iterator[tuple[str, str]]:
    """A trace by id."""
    tempo = server.urls["tempo"]
    _, body = get(address(f"{tempo}/api/search", q="{ }", limit=1, **seconds))
    for trace in json.loads(body)["traces"]:
        yield "trace by id", f"{tempo}/api/traces/{trace['traceID']}"


def measure(server: Appliance, name: str, url: str) -> None:
    walls, cpus = [], []
    for _ in range(6):
        cpu, began = cpu_seconds(server.process.pid), time.perf_counter()
        status, body = get(url)
        walls.append((time.perf_counter() - began) * 1000)
        cpus.append((cpu_seconds(server.process.pid) - cpu) * 1000)
    warm = sum(cpus[1:]) / len(cpus[1:])
    print(
        f"{name:48} {walls[0]:8.0f} {min(walls[1:]):8.0f} {warm:8.0f}  {answer_of(status, body)}",
        flush=True,
    )


def answer_of(status: int, body: bytes) -> str:
    if status != 200:
        return f"{status} {body[:100]!r}"
    answer = json.loads(body)
    for key in ("traces", "series", "data", "batches", "scopes", "tagValues"):
        if key in answer:
            return f"{len(answer[key])} {key}"
    return f"{len(body)} bytes"


def address(url: str, **parameters: object) -> str:
    return f"{url}?{urllib.parse.urlencode(parameters)}"


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


if __name__ == "__main__":
    main()
