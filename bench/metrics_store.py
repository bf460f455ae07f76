"""Metric store: items per CPU second of append, seal and select, and bytes per sample.

`python -m bench.metrics_store [--series N] [--columns N] [--targets N] [--exporter PATH]`
With `--exporter` the samples are those of a node exporter, scraped every 150 ms and stored as if
they were 15 s apart; without it they are made up in the same mixture.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import SampleBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore

STEP_MS = 15_000
START_MS = 1_700_000_000_000


def make_up(series: int, columns: int) -> np.ndarray:
    """A matrix like a node exporter's: two thirds constant, counters, gauges, decimals."""
    rng = np.random.default_rng(7)
    kinds = np.arange(series) % 12
    values = np.repeat(rng.integers(0, 1 << 30, (series, 1)).astype(float), columns, axis=1)
    counters = kinds == 8
    steps = rng.poisson(40, (int(counters.sum()), columns))
    values[counters] = np.cumsum(steps, axis=1)
    seconds = kinds == 9
    steps = rng.integers(0, 1500, (int(seconds.sum()), columns))
    values[seconds] = np.cumsum(steps, axis=1) / 100
    gauges = kinds == 10
    steps = rng.integers(-8, 9, (int(gauges.sum()), columns))
    values[gauges] = (500_000 + np.cumsum(steps, axis=1)) * 4096
    noise = kinds == 11
    values[noise] = rng.lognormal(-6, 0.3, (int(noise.sum()), columns)).round(9)
    return values


def record(exporter: str, columns: int) -> np.ndarray:
    """Scrapes of a real node exporter as a matrix."""
    address = "127.0.0.1:29123"
    process = subprocess.Popen(
        [exporter, f"--web.listen-address={address}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    scrapes: list[dict[bytes, float]] = []
    try:
        time.sleep(1)
        for _ in range(columns):
            with urllib.request.urlopen(f"http://{address}/metrics") as answer:
                lines = [line for line in answer.read().split(b"\n") if line[:1] not in b"#"]
            pairs = (line.rpartition(b" ") for line in lines)
            scrapes.append({key: float(value) for key, _, value in pairs})
            time.sleep(0.15)
    finally:
        process.terminate()
        process.wait()
    names = sorted(set.intersection(*(set(scrape) for scrape in scrapes)))
    return np.array([[scrape[name] for scrape in scrapes] for name in names])


class Stopwatch:
    """CPU and wall seconds of a step, printed with a rate."""

    def __init__(self, name: str, items: int = 0) -> None:
        self.name, self.items = name, items

    def __enter__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        rate = f"{self.items / cpu / 1e6:8.2f} M items/s of CPU" if self.items else ""
        print(f"{self.name:32} {cpu:7.3f} s CPU {wall:7.3f} s {rate}")


def open_store(folder: Path) -> MetricStore:
    return MetricStore(
        folder / "metrics.db",
        MetricStoreOptions(),
        database=DatabaseOptions(),
        clock=SystemClock(),
        telemetry=Telemetry(),
    )


def scrape_all(store: MetricStore, values: np.ndarray, targets: int) -> None:
    """Every target scraped at every step; sealed when due, as the server does."""
    parts = np.array_split(np.arange(len(values)), targets)
    ids = [
        store.resolve("t", [Labels.of({"__name__": f"m{row}", "target": str(n)}) for row in part])
        for n, part in enumerate(parts)
    ]
    for column in range(values.shape[1]):
        now = START_MS + column * STEP_MS
        block = np.ascontiguousarray(values[:, column])
        futures = [
            store.append_column("t", f"target{n}", now + n, ids[n], block[part])
            for n, part in enumerate(parts)
        ]
        for future in futures:
            future.result()


def push_all(store: MetricStore, values: np.ndarray, columns: range) -> None:
    """Requests of 2,000 series with one sample each, as a Prometheus sends them."""
    labels = [Labels.of({"__name__": f"p{row}", "by": "push"}) for row in range(len(values))]
    wire = [item.encode() for item in labels]
    for column in columns:
        futures = []
        for first in range(0, len(values), 2000):
            part = values[first : first + 2000, column].copy()
            # New objects, as they come from the wire: their hashes are not known yet.
            keys = [bytes(memoryview(key)) for key in wire[first : first + 2000]]
            ids = store.resolve_keys("pushed", keys, lambda row, at=first: labels[at + row])
            times = np.full(len(part), START_MS + column * STEP_MS + first)
            batch = SampleBatch((), np.arange(len(part)), times, part)
            futures.append(store.append_resolved("pushed", ids, batch))
        for future in futures:
            future.result()


def select_all(store: MetricStore, tenant: str, columns: int) -> int:
    guard = QueryGuard(QueryLimits(max_samples=1 << 40), SystemClock())
    end = START_MS + (columns + 1) * STEP_MS
    groups = store.source(tenant).select((), START_MS, end, guard)
    return sum(group.values.size for group in groups)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=1_440)
    parser.add_argument("--targets", type=int, default=10)
    parser.add_argument("--pushes", type=int, default=100, help="samples per pushed series")
    parser.add_argument("--exporter", help="node exporter binary to record from")
    args = parser.parse_args()
    if args.exporter:
        base = record(args.exporter, args.columns)
        values = np.tile(base, (args.series // len(base) + 1, 1))[: args.series]
    else:
        values = make_up(args.series, args.columns)
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), values, args)


def run(folder: Path, values: np.ndarray, args: argparse.Namespace) -> None:
    store = open_store(folder)
    with Stopwatch("append_column + commit", values.size):
        scrape_all(store, values, args.targets)
    inbox = store.stats().disk_bytes
    with Stopwatch("select all from the head", values.size):
        select_all(store, "t", args.columns)
    store.close()
    with Stopwatch("open, replay", values.size):
        store = open_store(folder)
    with Stopwatch("seal", values.size):
        blocks = store.seal(force=True)
    for turn in ("first", "second"):
        with Stopwatch(f"select all, {turn} time", values.size):
            assert select_all(store, "t", args.columns) == values.size
    store.close()
    with Stopwatch("open, sealed"):
        store = open_store(folder)
    size = (folder / "metrics.db").stat().st_size
    from appliance.store.retention import Retention

    store.retain(Retention())
    with store._database.reader() as connection:
        data = connection.execute("SELECT sum(length(data)) FROM block").fetchone()[0]
    print(
        f"{blocks} blocks; inbox {inbox / values.size:.2f}, file {size / values.size:.2f},"
        f" blocks {data / values.size:.3f} bytes/sample"
    )
    pushed = len(values) * args.pushes
    with Stopwatch("append (push) + commit", pushed):
        push_all(store, values, range(args.pushes))
    with Stopwatch("select pushed from the head", pushed):
        assert select_all(store, "pushed", args.columns) == pushed
    with Stopwatch("seal pushed", pushed):
        store.seal(force=True)
    with Stopwatch("select pushed, sealed", pushed):
        assert select_all(store, "pushed", args.columns) == pushed
    with Stopwatch("push and seal three times more", 3 * pushed):
        for turn in range(1, 4):
            push_all(store, values, range(turn * args.pushes, (turn + 1) * args.pushes))
            store.seal(force=True)
    with Stopwatch("delete a tenth of them", 4 * pushed // 10):
        every_tenth = Matcher("__name__", MatchOp.REGEX, "p.*0")
        deleted = store.delete("pushed", [(every_tenth,)], 0, 1 << 60)
    assert deleted == 4 * pushed // 10, deleted
    store.close()


if __name__ == "__main__":
    main()
