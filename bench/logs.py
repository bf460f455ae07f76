"""Logs through the real process: pushes by each protocol, bytes on disk, ten queries over HTTP.

`python -m bench logs --lines 1000000`. Lines are those of a Node service (Pino), of the last two
hours, in 8 streams; no line is sent twice. CPU seconds and memory are the server's. Queries: cold
is the first run after a start (the disk's pages are in memory), warm the best of three after it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import numpy as np
import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from appliance.testing import Appliance
from appliance.wire import snappy
from appliance.wire.messages.loki_push_pb2 import PushRequest
from bench.logs_store import live_bytes, pino
from bench.process import Row, cpu_seconds, memory_bytes

HOSTS, REQUEST_LINES, SENDERS = 8, 1000, 4
HOURS_NS = 2 * 3600 * 10**9
#: Name, query, step in seconds (0: a log query of 100 lines; -1: an instant query).
QUERIES = (
    ("last 100 lines", '{app="shop"}', 0),
    ("rare line", '{app="shop"} |= "req-7a120"', 0),
    ("no line, full text", '{app="shop"} |= "nowhere to be found"', 0),
    ("common line", '{app="shop"} |= "payment accepted"', 0),
    ("regex over everything", 'sum(count_over_time({app="shop"} |~ "retry.*timeout" [5m]))', 60),
    ("json, field > x, 100 lines", '{app="shop"} | json | responseTime > 880', 0),
    (
        "json, field > x, count",
        'sum(count_over_time({app="shop"} | json | responseTime > 500 [5m]))',
        60,
    ),
    ("json, sum by (msg)", 'sum by (msg) (count_over_time({app="shop"} | json [5m]))', 60),
    (
        "json, quantile over unwrap",
        'quantile_over_time(0.99, {app="shop"} | json | unwrap responseTime [5m]) by (host)',
        60,
    ),
    ("json, topk", 'topk(5, sum by (req_url) (count_over_time({app="shop"} | json [2h])))', -1),
)
#: A stream's host, and times and lines of its entries.
Part = tuple[str, list[int], list[bytes]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--parts", default="protobuf,otlp,json,queries")
    chosen = parser.parse_args()
    start_ns = time.time_ns() - HOURS_NS
    for protocol in ("protobuf", "otlp", "json"):
        if protocol in chosen.parts.split(","):
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder) / "data"
                push(data, protocol, chosen.lines, start_ns)
                if protocol == "json" and "queries" in chosen.parts.split(","):
                    ask_all(data, start_ns)


# -- pushes


def requests(lines: int, start_ns: int) -> Iterator[list[Part]]:
    """Requests of 1,000 lines in some streams, evenly over two hours."""
    rnd = random.Random(1)
    gap = HOURS_NS // lines
    for first in range(0, lines, REQUEST_LINES):
        parts = []
        for host in range(HOSTS):
            numbers = np.arange(first + host, first + REQUEST_LINES, HOSTS)
            times = (start_ns + numbers * gap).tolist()
            made = [pino(at, n, rnd) for at, n in zip(times, numbers.tolist(), strict=True)]
            parts.append((f"host-{host}", times, made))
        yield parts


def as_json(parts: list[Part]) -> bytes:
    streams = [
        {
            "stream": {"app": "shop", "host": host},
            "values": [[str(at), line.decode()] for at, line in zip(times, lines, strict=True)],
        }
        for host, times, lines in parts
    ]
    return orjson.dumps({"streams": streams})


def as_protobuf(parts: list[Part]) -> bytes:
    message = PushRequest()
    for host, times, lines in parts:
        stream = message.streams.add(labels=f'{{app="shop", host="{host}"}}'.encode())
        for at, line in zip(times, lines, strict=True):
            entry = stream.entries.add(line=line)
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(at, 10**9)
    return snappy.compress(message.SerializeToString())


def as_otlp(parts: list[Part]) -> bytes:
    """As an OpenTelemetry SDK sends them: severity and ids of trace and span beside the body."""
    rnd = random.Random(parts[0][1][0])
    message = ExportLogsServiceRequest()
    for host, times, lines in parts:
        resource = message.resource_logs.add()
        for name, value in (("service.name", "shop"), ("host.name", host)):
            resource.resource.attributes.add(key=name).value.string_value = value
        scope = resource.scope_logs.add()
        for at, line in zip(times, lines, strict=True):
            record = scope.log_records.add(time_unix_nano=at, severity_number=9)
            record.body.string_value = line.decode()
            record.trace_id, record.span_id = rnd.randbytes(16), rnd.randbytes(8)
    return bytes(message.SerializeToString())


KINDS = {
    "json": (as_json, "application/json", "loki", "/loki/api/v1/push"),
    "protobuf": (as_protobuf, "application/x-protobuf", "loki", "/loki/api/v1/push"),
    "otlp": (as_otlp, "application/x-protobuf", "otlp_http", "/v1/logs"),
}


def push(data: Path, protocol: str, lines: int, start_ns: int) -> None:
    """Push all lines, then seal and measure the file."""
    encode, kind, listener, path = KINDS[protocol]
    raw, bodies = 0, []
    for parts in requests(lines, start_ns):
        raw += sum(len(line) + 1 for _, _, made in parts for line in made)
        bodies.append(encode(parts))
    server = Appliance(data, only=["loki", "otlp_http"]).start()
    pid = pid_of(server)
    cpu, wall = cpu_seconds(pid), time.perf_counter()
    asyncio.run(send_all(server.urls[listener] + path, kind, bodies))
    cpu, wall = cpu_seconds(pid) - cpu, time.perf_counter() - wall
    Row(
        f"push, {protocol}, {SENDERS} senders", lines, wall, cpu, memory_bytes(pid)[1], "lines"
    ).print()
    print(f"{'':38} {raw / wall / 1e6:.0f} MB/s, {raw / max(cpu, 0.01) / 1e6:.0f} MB/CPU-s of text")
    cpu, wall = cpu_seconds(pid), time.perf_counter()
    fetch(server.urls["loki"] + "/flush", b"")
    cpu, wall = cpu_seconds(pid) - cpu, time.perf_counter() - wall
    Row("  then sealed and parsed", lines, wall, cpu, memory_bytes(pid)[1], "lines").print()
    server.stop()
    size = live_bytes(data / "logs.db")
    print(f"{'':38} {size / lines:.1f} bytes a line on disk, raw / {raw / size:.1f}", flush=True)


async def send_all(url: str, kind: str, bodies: list[bytes]) -> None:
    left = iter(bodies)
    async with aiohttp.ClientSession(headers={"Content-Type": kind}) as session:

        async def work() -> None:
            for body in left:
                async with session.post(url, data=body) as answer:
                    assert answer.status < 300, (answer.status, await answer.text())

        await asyncio.gather(*(work() for _ in range(SENDERS)))


# -- queries


def ask_all(data: Path, start_ns: int) -> None:
    """Each query in a server of its own, so that nothing of another one is cached."""
    print(f"{'':32} {'cold':>9} {'CPU':>9} {'warm':>9} {'CPU':>9} {'RSS':>7}")
    for name, text, step in QUERIES:
        server = Appliance(data, only=["loki"]).start()
        pid = pid_of(server)
        fetch(server.urls["loki"] + "/loki/api/v1/labels")  # what is imported lazily is no query's
        url = query_url(server.urls["loki"], text, step, start_ns)
        runs = []
        for _ in range(4):
            cpu, wall = cpu_seconds(pid), time.perf_counter()
            fetch(url)
            runs.append((time.perf_counter() - wall, cpu_seconds(pid) - cpu))
        shown = " ".join(f"{1000 * one:7.1f}ms" for one in (*runs[0], *min(runs[1:])))
        print(f"{name:32} {shown} {memory_bytes(pid)[1] / 1e6:4.0f} MB", flush=True)
        server.stop()


def query_url(base: str, text: str, step: int, start_ns: int) -> str:
    end_ns = start_ns + HOURS_NS
    asked: dict[str, object] = {"query": text, "start": start_ns, "end": end_ns, "limit": 100}
    if step > 0:
        asked["step"] = step
    kind = "query" if step < 0 else "query_range"
    if step < 0:
        asked["time"] = end_ns
    return f"{base}/loki/api/v1/{kind}?{urllib.parse.urlencode(asked)}"


def pid_of(server: Appliance) -> int:
    assert server.process is not None
    return server.process.pid


def fetch(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, data=body, timeout=600) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    main()
