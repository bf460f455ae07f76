"""A data directory as of a busy day: spans, log lines and series of the last 24 hours, all sealed.

Everything comes in through the front doors of a real server (OTLP, Loki push, remote write); then
the server is stopped and what was still in heads is sealed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import numpy as np
import orjson

from appliance.testing import Appliance
from bench import remote_write, trace_bodies
from bench.large_store import StepClock, open_store
from bench.logs_store import traced

HOURS, STEP_MS, SENDERS = 24, 60_000, 4
#: Services of the trace templates that half of the requests give other names of the same length.
RENAMED = {b"payment": b"refunds", b"shipping": b"delivery", b"catalog": b"reviews"}
RENAMED |= {b"email": b"texts"}
SERVICES = (*trace_bodies.SERVICES, "refunds", "delivery", "reviews", "texts")
STREAMS, LINES_EACH = 40, 50
INSTANCES = 40
BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
#: One body: listener, path, content type, its bytes.
Body = tuple[str, str, dict[str, str], bytes]
CONFIGURATION = """
global: {scrape_interval: 15s, evaluation_interval: 15s}
rule_files: [bench-rules.yml]
"""


def seeded(folder: Path, *, spans: int, lines: int, series: int, oldest_minutes: float) -> Path:
    """The data directory below a folder; made anew when its data end too long ago."""
    data, told = folder / "data", folder / "seed.json"
    wanted = {"spans": spans, "lines": lines, "series": series}
    if told.exists():
        known = json.loads(told.read_text())
        age = time.time() - known.pop("end")
        if known == wanted and age < oldest_minutes * 60:
            return data
        told.unlink()
    for old in data.rglob("*") if data.exists() else ():
        if old.is_file():
            old.unlink()
    data.mkdir(parents=True, exist_ok=True)
    end = time.time()
    _fill(data, spans, lines, series, int(end * 1e9))
    told.write_text(json.dumps(wanted | {"end": end}))
    return data


def configuration(folder: Path) -> Path:
    """A `prometheus.yml` with rules, of which thirty alerts fire."""
    alerts = [
        {
            "alert": f"Bench{('Latency', 'Errors', 'Disk')[n % 3]}{n}",
            "expr": "vector(1) > 0",
            "labels": {
                "severity": ("critical", "warning", "info")[n % 3],
                "service": SERVICES[n % len(SERVICES)],
            },
            "annotations": {"summary": f"{SERVICES[n % len(SERVICES)]} needs a look"},
        }
        for n in range(30)
    ]
    rate = "sum by (instance) (rate(http_request_duration_seconds_count[5m]))"
    records = [{"record": f"bench:requests:rate{n}m", "expr": rate} for n in range(1, 6)]
    groups = [{"name": "alerts", "rules": alerts}, {"name": "records", "rules": records}]
    (folder / "bench-rules.yml").write_text(json.dumps({"groups": groups}))
    path = folder / "prometheus.yml"
    path.write_text(CONFIGURATION)
    return path


def _fill(data: Path, spans: int, lines: int, series: int, end_ns: int) -> None:
    with Appliance(data, only=["loki", "otlp_http", "prometheus"]) as server:
        for what, bodies in (
            ("spans", _spans(spans, end_ns)),
            ("lines", _lines(lines, end_ns)),
            ("series", _samples(series, end_ns // 1_000_000)),
        ):
            began = time.perf_counter()
            asyncio.run(_send(server.urls, bodies))
            print(f"seeded {what} in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    for signal in ("traces", "logs", "metrics"):
        store = open_store(signal, data / f"{signal}.db", StepClock(end_ns // 1_000_000))
        store.seal(force=True)
        store.close()
    print(f"sealed the rest in {time.perf_counter() - began:.0f} s", flush=True)


async def _send(urls: dict[str, str], bodies: Iterator[Body]) -> None:
    async with aiohttp.ClientSession() as session:

        async def work() -> None:
            for listener, path, headers, body in bodies:
                async with session.post(urls[listener] + path, data=body, headers=headers) as got:
                    assert got.status < 300, (path, got.status, await got.text())

        await asyncio.gather(*(work() for _ in range(SENDERS)))


def _spans(count: int, end_ns: int) -> Iterator[Body]:
    headers = {"Content-Type": "application/x-protobuf"}
    for number, body in enumerate(trace_bodies.bodies(count, end_ns, hours=HOURS)):
        renamed = body
        for old, new in RENAMED.items() if number % 2 else ():
            renamed = renamed.replace(old, new)
        yield "otlp_http", "/v1/traces", headers, renamed


def _lines(count: int, end_ns: int) -> Iterator[Body]:
    """Requests of all streams; half of them write JSON, a quarter logfmt, a quarter plain text."""
    rnd, span_ns = random.Random(2), HOURS * 3600 * 10**9
    requests = count // (STREAMS * LINES_EACH)
    gap = span_ns // max(1, requests * LINES_EACH)
    names = [(SERVICES[n % len(SERVICES)], f"pod-{n}") for n in range(STREAMS)]
    headers = {"Content-Type": "application/json"}
    for number in range(requests):
        first = end_ns - span_ns + number * LINES_EACH * gap
        streams = []
        for index, (service, pod) in enumerate(names):
            times = [first + n * gap + index for n in range(LINES_EACH)]
            values = [[str(at), _line(index, at, rnd)] for at in times]
            labels = {"service_name": service, "pod": pod, "env": "prod"}
            streams.append({"stream": labels, "values": values})
        yield "loki", "/loki/api/v1/push", headers, orjson.dumps({"streams": streams})


def _line(stream: int, at_ns: int, rnd: random.Random) -> str:
    if stream % 2 == 0:
        return traced(at_ns, stream, rnd).decode()
    level = rnd.choice(("INFO", "INFO", "INFO", "WARN", "ERROR", "DEBUG"))
    user, milliseconds = rnd.randint(1, 9999), rnd.randint(1, 900)
    if stream % 4 == 1:
        return f'level={level.lower()} msg="order placed" user={user} duration={milliseconds}ms'
    return f"{level} worker finished the batch of user {user} after {milliseconds} ms"


def _samples(series: int, end_ms: int) -> Iterator[Body]:
    """A tenth of the day at a time, of one instance each."""
    rng, count = np.random.default_rng(3), HOURS * 3_600_000 // STEP_MS
    times = end_ms // STEP_MS * STEP_MS - STEP_MS * np.arange(count - 1, -1, -1, dtype=np.int64)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    labels = [_series(n, series // INSTANCES) for n in range(INSTANCES)]
    totals = np.zeros((INSTANCES, series // INSTANCES, 1))
    for part, (number, made) in itertools.product(
        np.array_split(times, 10), list(enumerate(labels))
    ):
        steps = rng.integers(0, 40, (len(made), len(part))).astype(np.float64)
        values = totals[number] + np.cumsum(steps, axis=1)
        totals[number] = values[:, -1:]
        yield "prometheus", "/api/v1/write", headers, remote_write.request(made, part, values)


def _series(instance: int, count: int) -> list[bytes]:
    """A host and its web server: CPU counters, disks, and histograms of routes."""
    base = {"instance": f"10.0.0.{instance}:9100", "job": SERVICES[instance % len(SERVICES)]}
    modes = ("idle", "user", "system", "iowait", "irq", "softirq", "steal", "nice")
    found = [
        {"__name__": "node_cpu_seconds_total", "cpu": str(cpu), "mode": mode}
        for cpu, mode in itertools.product(range(12), modes)
    ]
    for route in range(6):
        name, where = "http_request_duration_seconds", {"route": f"/api/{route}"}
        found += [{"__name__": f"{name}_bucket", "le": bound} | where for bound in BOUNDS]
        found += [{"__name__": f"{name}_{part}"} | where for part in ("count", "sum")]
    for number in range(count - len(found)):
        found.append({"__name__": f"node_bench_{number}_total"})
    return [remote_write.labels_bytes(one | base) for one in found[:count]]
