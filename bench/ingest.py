"""Ingest through the real process: scrapes, remote write, log pushes, OTLP spans.

CPU seconds and peak memory are the server's; bodies are encoded beforehand and repeat, so bytes per
item are not told here: the benchmarks of the stores do.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import numpy as np
import orjson
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.model.labels import Labels
from appliance.testing import Appliance
from appliance.wire import snappy
from appliance.wire.remote.encode import encode_labels
from appliance.wire.remote.send import RequestV2, encode_v1
from bench.process import Row, cpu_seconds, memory_bytes

Send = Callable[[aiohttp.ClientSession, bytes], Awaitable[None]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--parts",
        default="scrape,remote-write,remote-write-2,logs-json,logs-proto,spans-http,spans-grpc",
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--spans", type=int, default=400_000)
    parser.add_argument("--targets", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=20, help="length of the scrape part")
    parser.add_argument("--samples", type=int, default=2_000_000, help="of remote write")
    parser.add_argument("--senders", type=int, default=4)
    chosen = parser.parse_args()
    parts = {
        "scrape": lambda: scrape(chosen.targets, chosen.seconds),
        "remote-write": lambda: remote_write(chosen.samples, chosen.senders, version=1),
        "remote-write-2": lambda: remote_write(chosen.samples, chosen.senders, version=2),
        "logs-json": lambda: push_logs(chosen.lines, chosen.senders, protobuf=False),
        "logs-proto": lambda: push_logs(chosen.lines, chosen.senders, protobuf=True),
        "spans-http": lambda: push_spans(chosen.spans, chosen.senders, grpc=False),
        "spans-grpc": lambda: push_spans(chosen.spans, chosen.senders, grpc=True),
    }
    for name in chosen.parts.split(","):
        parts[name]()


# -- scrape


def exposition(target: int, tick: int, series: int = 1000) -> bytes:
    """A body of a target: counters, gauges and a histogram, as exporters write them."""
    rnd = random.Random(target)
    lines = ["# TYPE bench_requests_total counter"]
    for n in range(series):
        kind = ("bench_requests_total", "bench_queue_length", "bench_bytes_total")[n % 3]
        value = {
            0: tick * rnd.randint(0, 9),
            1: (tick * 7 + n) % 50,
            2: tick * 4096 * rnd.randint(0, 3),
        }[n % 3]
        lines.append(
            f'{kind}{{path="/api/v1/item/{n}",code="{200 + n % 5}",zone="z{n % 4}"}} {value}'
        )
    return ("\n".join(lines) + "\n").encode()


def scrape(targets: int, seconds: int) -> None:
    """Targets of 1,000 series each, scraped every second."""
    asyncio.run(_scrape(targets, seconds))


async def _scrape(targets: int, seconds: int) -> None:
    ticks: dict[int, int] = {}
    bodies = {(t % 4, k): exposition(t % 4, k) for t in range(4) for k in range(40)}

    async def metrics(request: web.Request) -> web.Response:
        number = int(request.match_info["n"])
        ticks[number] = ticks.get(number, 0) + 1
        return web.Response(body=bodies[number % 4, ticks[number] % 40], content_type="text/plain")

    app = web.Application()
    app.router.add_get("/{n}/metrics", metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "prometheus.yml"
        jobs = "".join(
            f"  - job_name: j{n}\n    metrics_path: /{n}/metrics\n"
            f"    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
            for n in range(targets)
        )
        config.write_text(
            f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n{jobs}"
        )
        data = Path(folder) / "data"
        server = Appliance(data, args=["--prometheus-config", str(config)], only=["prometheus"])
        await asyncio.to_thread(server.start)
        await asyncio.sleep(4)  # first scrapes: every series is new
        before, began, scrapes = (
            cpu_seconds(server.process.pid),
            time.perf_counter(),
            sum(ticks.values()),
        )
        await asyncio.sleep(seconds)
        wall, cpu = time.perf_counter() - began, cpu_seconds(server.process.pid) - before
        samples = (sum(ticks.values()) - scrapes) * 1005
        peak = memory_bytes(server.process.pid)[1]
        await asyncio.to_thread(server.stop)
        Row("scrape, 1,000 series a target", samples, wall, cpu, peak, unit="samples").print()
        Path(server.log).unlink(missing_ok=True)
    await runner.cleanup()


# -- remote write


def remote_write(samples: int, senders: int, *, version: int, series: int = 2000) -> None:
    """Requests of 2,000 series of a target with one sample each, as Prometheus sends them."""
    targets = 50
    bodies = []
    at = time.time_ns() // 1_000_000 - 3_600_000
    for n in range(samples // series + targets):
        tick, target = divmod(n, targets)
        bodies.append(_remote_body(target, at + tick * 15_000, tick, series, version))
    kind = "application/x-protobuf"
    if version == 2:
        kind += ";proto=io.prometheus.write.v2.Request"
    headers = {"Content-Type": kind, "Content-Encoding": "snappy"}

    async def send(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 204, (answer.status, await answer.text())

    with tempfile.TemporaryDirectory() as folder:
        server = Appliance(Path(folder) / "data", only=["prometheus"]).start()
        address = server.urls["prometheus"] + "/api/v1/write"
        asyncio.run(_send_http(address, bodies[:targets], targets, senders, send))  # new series
        rest = bodies[targets:]
        before, began = cpu_seconds(server.process.pid), time.perf_counter()
        asyncio.run(_send_http(address, rest, len(rest), senders, send))
        wall, cpu = time.perf_counter() - began, cpu_seconds(server.process.pid) - before
        peak = memory_bytes(server.process.pid)[1]
        server.stop()
        what = f"remote write {version}, {senders} senders, {series} series a request"
        Row(what, len(rest) * series, wall, cpu, peak, "samples").print()


def _remote_body(target: int, at: int, tick: int, series: int, version: int) -> bytes:
    rnd = random.Random(target * 1000 + tick)
    kept = _remote_labels(target, series)
    values = np.array([float(rnd.randint(0, 9) * tick) for _ in range(series)])
    times = np.full(series, at, dtype=np.int64)
    if version == 1:
        rows = np.arange(series, dtype=np.uint32)
        return snappy.compress(
            encode_v1([encode_labels(item) for item in kept], rows, times, values)
        )
    request = RequestV2({})
    request.add_samples(kept, times.tolist(), values, [0] * series)
    return snappy.compress(request.encode())


@functools.cache
def _remote_labels(target: int, series: int) -> list[Labels]:
    return [
        Labels.of(
            {
                "__name__": ("bench_requests_total", "bench_queue_length", "bench_bytes_total")[
                    n % 3
                ],
                "instance": f"10.0.0.{target}:9100",
                "job": "bench",
                "path": f"/api/v1/item/{n}",
                "code": str(200 + n % 5),
                "zone": f"z{n % 4}",
            }
        )
        for n in range(series)
    ]


# -- logs


def log_bodies(lines: int, *, protobuf: bool) -> list[bytes]:
    """Pushes of 1,000 JSON application lines in 10 streams."""
    rnd = random.Random(3)
    words = "order placed paid failed retry cart user session cache miss hit stock".split()
    at = time.time_ns() - lines * 1_000_000
    bodies = []
    for _ in range(lines // 1000):
        streams = []
        for s in range(10):
            values = []
            for _ in range(100):
                at += 1_000_000
                line = orjson.dumps(
                    {
                        "level": rnd.choice(("info", "info", "info", "warn", "error")),
                        "time": at // 1_000_000,
                        "service": f"svc{s}",
                        "msg": " ".join(rnd.choices(words, k=4)),
                        "duration_ms": rnd.randint(1, 4000),
                        "status": rnd.choice((200, 200, 200, 404, 500)),
                        "trace_id": rnd.randbytes(16).hex(),
                        "path": f"/api/v1/items/{rnd.randint(1, 500)}",
                        "user": rnd.randint(1, 9999),
                    }
                ).decode()
                values.append([str(at), line])
            streams.append({"stream": {"app": "bench", "service": f"svc{s}"}, "values": values})
        bodies.append(_as_protobuf(streams) if protobuf else orjson.dumps({"streams": streams}))
    return bodies


def _as_protobuf(streams: list[dict[str, object]]) -> bytes:
    from appliance.wire import snappy
    from appliance.wire.messages.loki_push_pb2 import PushRequest

    message = PushRequest()
    for stream in streams:
        labels = ", ".join(f'{k}="{v}"' for k, v in stream["stream"].items())
        target = message.streams.add(labels=("{" + labels + "}").encode())
        for at, line in stream["values"]:
            entry = target.entries.add(line=line.encode())
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(int(at), 10**9)
    return snappy.compress(message.SerializeToString())


def push_logs(lines: int, senders: int, *, protobuf: bool) -> None:
    bodies = log_bodies(lines, protobuf=protobuf)
    kind = "application/x-protobuf" if protobuf else "application/json"

    async def send(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
        async with session.post(url, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == 204, (answer.status, await answer.text())

    what = f"log push, {'protobuf' if protobuf else 'JSON'}, {senders} senders"
    _run(
        what,
        "lines",
        bodies,
        lines // 1000,
        1000,
        senders,
        "loki",
        "/loki/api/v1/push",
        send,
    )


# -- spans


def span_bodies(count: int = 100, spans: int = 1000) -> list[bytes]:
    rnd = random.Random(5)
    bodies = []
    for _ in range(count):
        message = ExportTraceServiceRequest()
        at = time.time_ns()
        for s in range(5):
            resource = message.resource_spans.add()
            for key, value in {
                "service.name": f"svc{s}",
                "host.name": f"h{s}",
                "service.version": "1",
            }.items():
                resource.resource.attributes.add(key=key).value.string_value = value
            scope = resource.scope_spans.add()
            scope.scope.name = "bench"
            for n in range(spans // 5):
                if n % 10 == 0:
                    trace, parent = rnd.randbytes(16), b""
                span = scope.spans.add(
                    trace_id=trace, span_id=rnd.randbytes(8), parent_span_id=parent
                )
                parent = parent or span.span_id
                span.name, span.kind = f"GET /items/{n % 20}", 2
                span.start_time_unix_nano = at + n * 1000
                span.end_time_unix_nano = at + n * 1000 + rnd.randint(10_000, 90_000_000)
                span.status.code = 2 if n % 37 == 0 else 0
                for key in ("http.method", "http.route", "net.peer", "db.system", "user.tier"):
                    span.attributes.add(key=key).value.string_value = f"{key}-{rnd.randint(0, 20)}"
                for key in ("http.status", "retry", "rows", "bytes", "shard"):
                    span.attributes.add(key=key).value.int_value = rnd.randint(0, 500)
        bodies.append(message.SerializeToString())
    return bodies


def push_spans(spans: int, senders: int, *, grpc: bool) -> None:
    bodies = span_bodies()
    if grpc:
        what = f"OTLP gRPC, {senders} senders, 10 attributes"
        _run(what, "spans", bodies, spans // 1000, 1000, senders, "otlp_grpc", "", None)
        return
    headers = {"Content-Type": "application/x-protobuf"}

    async def send(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())

    what = f"OTLP HTTP, {senders} senders, 10 attributes"
    _run(
        what,
        "spans",
        bodies,
        spans // 1000,
        1000,
        senders,
        "otlp_http",
        "/v1/traces",
        send,
    )


def _run(what, unit, bodies, pushes, size, senders, listener, path, send) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        server = Appliance(data, only=[listener]).start()
        before, began = cpu_seconds(server.process.pid), time.perf_counter()
        address = server.urls[listener]
        if send is None:
            asyncio.run(_send_grpc(address, bodies, pushes, senders))
        else:
            asyncio.run(_send_http(address + path, bodies, pushes, senders, send))
        wall, cpu = time.perf_counter() - began, cpu_seconds(server.process.pid) - before
        peak = memory_bytes(server.process.pid)[1]
        server.stop()
        items = pushes * size
        Row(what, items, wall, cpu, peak, unit).print()


async def _send_http(url: str, bodies: list[bytes], pushes: int, senders: int, send) -> None:
    numbers = iter(range(pushes))
    async with aiohttp.ClientSession() as session:

        async def work() -> None:
            for n in numbers:
                await send(session, url, bodies[n % len(bodies)])

        await asyncio.gather(*(work() for _ in range(senders)))


async def _send_grpc(address: str, bodies: list[bytes], pushes: int, senders: int) -> None:
    import grpc

    numbers = iter(range(pushes))
    name = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    async with grpc.aio.insecure_channel(address) as channel:
        export = channel.unary_unary(name)

        async def work() -> None:
            for n in numbers:
                await export(bodies[n % len(bodies)])

        await asyncio.gather(*(work() for _ in range(senders)))


if __name__ == "__main__":
    main()
