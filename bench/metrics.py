"""Metrics side by side: the same data and queries through ours and a real Prometheus.

Loads 10,000 series x 1,440 samples (6 h at 15 s: 6,000 counters of 12 jobs and 4,000 gauges), 1,000
histograms of 12 buckets and 100,000 series with one sample by remote write, then asks range and
instant queries and has a group of 1,000 rules evaluated; apart from that, scrapes. CPU seconds are
the servers'.
"""

from __future__ import annotations

import argparse
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import remote_write
from bench.metrics_rules import evaluate_rules
from bench.metrics_scrape import scrape_side_by_side
from bench.peers import Server, find_prometheus, scratch, start_ours, start_prometheus

STEP_MS, SAMPLES = 15_000, 1_440
BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")


@dataclass(frozen=True)
class Query:
    """One question; `step_s` 0 means an instant query at the end of the data."""

    what: str
    text: str
    step_s: int = 60


QUERIES = (
    Query(
        "sum by (job) rate[5m], 6 k series, 6 h", "sum by (job) (rate(bench_requests_total[5m]))"
    ),
    Query("rate[1h], 6 k series", "sum(rate(bench_requests_total[1h]))"),
    Query("topk over 6 k series", "topk(10, rate(bench_requests_total[5m]))"),
    Query("max_over_time[30m], 4 k gauges", "max(max_over_time(bench_gauge[30m]))"),
    Query("avg by, selector alone, 4 k gauges", "avg by (zone) (bench_gauge)"),
    Query("a / on(...) b, 4 k series", "sum(bench_gauge / on (instance, zone, item) bench_gauge)"),
    Query(
        "histogram_quantile, 1,000 x 12",
        "histogram_quantile(0.9, sum by (le, route) (rate(bench_seconds_bucket[5m])))",
    ),
    Query("instant: sum rate[5m]", "sum by (job) (rate(bench_requests_total[5m]))", 0),
    Query("instant: count of 100 k series", "count(bench_wide)", 0),
    Query("instant: regex over 100 k series", 'count(bench_wide{item=~".*77.*"})', 0),
    Query("instant: topk over 100 k series", "topk(5, bench_wide)", 0),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", help="binary (default: $PROMETHEUS3 or the PATH)")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the series")
    parser.add_argument("--parts", default="queries,scrape")
    parser.add_argument(
        "--targets", type=int, default=1_000, help="of 1,000 series each, every 15 s"
    )
    parser.add_argument("--seconds", type=int, default=60, help="length of the scrape part")
    parser.add_argument("--wide", type=int, default=100_000, help="series of the instant queries")
    chosen = parser.parse_args()
    binary = find_prometheus(chosen.prometheus)
    if "scrape" in chosen.parts.split(","):
        scrape_side_by_side(binary, chosen.targets, chosen.seconds)
    if "queries" not in chosen.parts.split(","):
        return
    with scratch() as name:
        folder = Path(name)
        servers = [start_ours(folder)]
        if binary:
            servers.append(start_prometheus(binary, folder))
        else:
            print("no prometheus binary found: ours alone")
        try:
            load(servers, chosen.scale, chosen.wide)
            ask(servers, chosen.repeat)
            evaluate_rules(servers, folder)
        finally:
            for server in servers:
                server.stop()


# -- data


def batches(scale: float, wide: int, end_ms: int) -> Iterator[tuple[int, bytes]]:
    """(samples, body), the oldest first."""
    rnd = np.random.default_rng(7)
    groups = list(_groups(scale))
    state = [np.zeros(len(series)) for series, _ in groups]
    times = end_ms - STEP_MS * np.arange(SAMPLES - 1, -1, -1, dtype=np.int64)
    for start in range(0, SAMPLES, 20):
        part = times[start : start + 20]
        for number, (series, kind) in enumerate(groups):
            shape = (len(series), len(part))
            if kind == "gauge":
                values = np.round(rnd.normal(50, 10, shape), 2)
            else:
                steps = rnd.integers(0, 40, shape).astype(np.float64)
                values = state[number][:, None] + np.cumsum(steps, axis=1)
                state[number] = values[:, -1]
            yield values.size, remote_write.request(series, part, values)
    for start in range(0, wide, 2_000):
        names = [
            remote_write.labels_bytes(
                {"__name__": "bench_wide", "item": f"i{n}", "zone": f"z{n % 9}"}
            )
            for n in range(start, min(start + 2_000, wide))
        ]
        values = rnd.integers(0, 1 << 20, (len(names), 1)).astype(np.float64)
        yield values.size, remote_write.request(names, times[-1:], values)


def _groups(scale: float) -> Iterator[tuple[list[bytes], str]]:
    """Series of one target each, 500 at a time."""
    for target in range(max(1, int(12 * scale))):
        base = {"job": f"job{target % 20}", "instance": f"10.0.0.{target}:9100"}
        yield (
            [
                remote_write.labels_bytes(
                    {
                        "__name__": "bench_requests_total",
                        "path": f"/item/{n}",
                        "code": str(200 + n % 5),
                    }
                    | base
                )
                for n in range(500)
            ],
            "counter",
        )
    for target in range(max(1, int(8 * scale))):
        base = {"job": f"job{target % 20}", "instance": f"10.0.1.{target}:9100"}
        yield (
            [
                remote_write.labels_bytes(
                    {"__name__": "bench_gauge", "item": str(n), "zone": f"z{n % 4}"} | base
                )
                for n in range(500)
            ],
            "gauge",
        )
    for target in range(max(1, int(12 * scale))):
        base = {
            "__name__": "bench_seconds_bucket",
            "job": "web",
            "instance": f"10.0.2.{target}:9100",
        }
        yield (
            [
                remote_write.labels_bytes(base | {"route": f"/r/{target}/{route}", "le": bound})
                for route in range(1000 // 12)
                for bound in BOUNDS
            ],
            "counter",
        )


def load(servers: list[Server], scale: float, wide: int) -> None:
    """Send everything to every server and print what it cost."""
    end_ms = int(time.time()) // 60 * 60_000
    cpu = {server.name: server.cpu() for server in servers}
    wall = dict.fromkeys(cpu, 0.0)
    samples = 0
    for count, body in batches(scale, wide, end_ms):
        samples += count
        for server in servers:
            began = time.perf_counter()
            _post(server.url + "/api/v1/write", body)
            wall[server.name] += time.perf_counter() - began
    for server in servers:
        used = server.cpu() - cpu[server.name]
        print(
            f"{server.name:11} loaded {samples:,} samples: {wall[server.name]:6.1f} s wall,"
            f" {samples / used:>10,.0f} samples/CPU-s, RSS {server.memory()[0] / 1e6:,.0f} MB,"
            f" disk {server.disk() / 1e6:,.0f} MB ({server.disk() / samples:.2f} B/sample)",
            flush=True,
        )


def _post(url: str, body: bytes) -> None:
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    with urllib.request.urlopen(
        urllib.request.Request(url, body, headers),
        timeout=120,
    ) as response:
        response.read()


# -- questions


def ask(servers: list[Server], repeat: int) -> None:
    """Ask every query of every server; the least CPU and wall time of the repetitions count."""
    end = int(time.time()) // 60 * 60
    print(
        f"\n{'query':40}"
        + "".join(f"{s.name + ' CPU':>16} {'wall':>8}" for s in servers)
        + "  ratio"
    )
    for query in QUERIES:
        cells, figures = [], []
        for server in servers:
            runs = [_measure(server, query, end) for _ in range(repeat)]
            cpu, wall = min(run[0] for run in runs), min(run[1] for run in runs)
            figures.append(max(cpu, 0.005))
            cells.append(f"{cpu:>14.3f} s {wall:>6.3f} s")
        ratio = f"{figures[1] / figures[0]:6.1f} x" if len(figures) > 1 else ""
        print(f"{query.what:40}{''.join(cells)}  {ratio}", flush=True)
    for server in servers:
        now, peak = server.memory()
        print(
            f"{server.name:11} RSS {now / 1e6:,.0f} MB, peak {peak / 1e6:,.0f} MB,"
            f" disk {server.disk() / 1e6:,.0f} MB"
        )


def _measure(server: Server, query: Query, end: int) -> tuple[float, float]:
    given: dict[str, object] = {"query": query.text}
    if query.step_s:
        given |= {"start": end - 6 * 3600, "end": end, "step": query.step_s}
    else:
        given |= {"time": end}
    path = "query_range" if query.step_s else "query"
    url = f"{server.url}/api/v1/{path}?{urllib.parse.urlencode(given)}"
    before, began = server.cpu(), time.perf_counter()
    with urllib.request.urlopen(url, timeout=300) as response:
        body = response.read()
    wall = time.perf_counter() - began
    if b'"result":[]' in body:
        print(f"{server.name}: {query.text} finds nothing")
    return server.cpu() - before, wall
