"""The log store by itself: append, seal, read back; CPU seconds and bytes per line.

`python -m bench.logs_store --lines 1000000`
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS = ("order", "placed", "paid", "failed", "retry", "cart", "user", "session", "cache", "hit")
_ROUTES = ("/api/cart", "/api/orders", "/api/items", "/healthz", "/api/pay")
_TEXTS = (
    "request completed",
    "cache miss, falling back to the database",
    "payment accepted",
    "slow query",
    "retrying after timeout",
)


class NoGuard:
    """No limits."""

    def check(self) -> None: ...

    def add_series(self, count: int) -> None: ...

    def add_samples(self, count: int) -> None: ...

    def free_samples(self, count: int) -> None: ...

    def add_bytes(self, count: int) -> None: ...


def pino(at_ns: int, number: int, rnd: random.Random) -> bytes:
    """A line as Pino writes it for an HTTP request, with a request id as deep as a counter."""
    status = rnd.choice((200, 200, 200, 200, 201, 304, 404, 500))
    return orjson.dumps(
        {
            "level": 50 if status == 500 else 30,
            "time": at_ns // 1_000_000,
            "pid": 4711,
            "hostname": "shop-7d9f6c5b4-x2x8k",
            "name": "shop",
            "reqId": f"req-{number:x}",
            "req": {
                "method": rnd.choice(("GET", "GET", "POST")),
                "url": f"{rnd.choice(_ROUTES)}/{rnd.randint(1, 500)}",
                "remoteAddress": f"10.0.{rnd.randint(0, 3)}.{rnd.randint(1, 250)}",
            },
            "res": {"statusCode": status},
            "responseTime": rnd.randint(1, 900),
            "msg": rnd.choice(_TEXTS),
        }
    )


def traced(at_ns: int, number: int, rnd: random.Random) -> bytes:
    """A line with a random 128-bit trace id, which nothing can compress."""
    return orjson.dumps(
        {
            "level": rnd.choice(("info", "info", "info", "warn", "error")),
            "time": at_ns // 1_000_000,
            "service": f"svc{number % 10}",
            "msg": " ".join(rnd.choices(_WORDS, k=4)),
            "duration_ms": rnd.randint(1, 4000),
            "status": rnd.choice((200, 200, 200, 404, 500)),
            "trace_id": rnd.randbytes(16).hex(),
            "path": f"/api/v1/items/{rnd.randint(1, 500)}",
            "user": rnd.randint(1, 9999),
        }
    )


def requests(
    lines: int, streams: int, make: Callable[[int, int, random.Random], bytes]
) -> Iterator[list[StreamBatch]]:
    """Requests of 1,000 lines in some streams."""
    rnd = random.Random(1)
    labels = [Labels.of({"app": "bench", "pod": f"pod-{n}"}) for n in range(streams)]
    at, each = 1_700_000_000_000_000_000, 1000 // streams
    for first in range(0, lines, 1000):
        batches = []
        for n, label in enumerate(labels):
            times = at + np.arange(each, dtype=np.int64) * 1_000_000
            at += each * 1_000_000
            made = [make(int(t), first + n * each + i, rnd) for i, t in enumerate(times)]
            batches.append(StreamBatch(label, times, made))
        yield batches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--window", type=int, default=8, help="requests in flight")
    parser.add_argument("--data", choices=("pino", "traced"), default="pino")
    chosen = parser.parse_args()
    make = {"pino": pino, "traced": traced}[chosen.data]
    made = list(requests(chosen.lines, chosen.streams, make))
    lines = sum(len(batch.lines) for request in made for batch in request)
    raw = sum(len(line) + 1 for request in made for batch in request for line in batch.lines)
    print(f"{lines:,} lines of {raw / lines:.0f} bytes, {chosen.streams} streams, {chosen.data}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "logs.db"
        store = open_store(path)
        with Timed("append", lines, raw):
            append(store, made, chosen.window)
        store.close()
        with Timed("open and replay", lines, raw):
            store = open_store(path)
        with Timed("seal", lines, raw):
            store.seal(force=True)
        read(store, lines, raw)
        store.close()
        size = live_bytes(path)
        print(f"on disk {size / lines:.1f} bytes a line, raw / {raw / size:.1f}")


def open_store(path: Path) -> LogStore:
    options = DatabaseOptions()
    return LogStore(
        path, LogOptions(), database=options, clock=SystemClock(), telemetry=Telemetry()
    )


def append(store: LogStore, made: list[list[StreamBatch]], window: int) -> None:
    waiting = []
    for request in made:
        waiting.append(store.append("bench", request))
        if len(waiting) >= window:
            waiting.pop(0).result()
    for future in waiting:
        future.result()


def read(store: LogStore, lines: int, raw: int) -> None:
    source = store.source("bench")
    matchers = (Matcher("app", MatchOp.EQUAL, "bench"),)
    everything = (0, 1 << 62)
    runs: tuple[tuple[str, tuple[bytes, ...], Callable[[LogChunk], int]], ...] = (
        ("count, cold", (), len),
        ("count, warm", (), len),
        ("bytes, cold", (), lambda chunk: int(chunk.offsets[-1])),
        ("text, token not there", (b" nowhere_to_be_found ",), find_nothing),
        ("text, again", (b" nowhere_to_be_found ",), find_nothing),
        ("text, cold", (), find_nothing),
        ("text, warm", (), find_nothing),
        ("field > x, cold", (), count_slow),
        ("field > x, warm", (), count_slow),
    )
    for what, needles, work in runs:
        with Timed(what, lines, raw):
            found = sum(source.scan(matchers, *everything, NoGuard(), work=work, needles=needles))
        print(f"    {found:,}")
    with Timed("label values", lines, raw):
        source.label_values("pod", [matchers], *everything)


def find_nothing(chunk: LogChunk) -> int:
    """As a filter does that nothing passes."""
    return len(chunk) if chunk.text.find(b"nowhere to be found") < 0 else 0


def count_slow(chunk: LogChunk) -> int:
    """Lines whose stored number is over a bound, as `| json | field > x` goes about it."""
    for name in ("responseTime", "duration_ms"):
        fields = chunk.lines.fields("json", (name,))
        if fields is not None and name in fields.columns:
            column = fields.columns[name].compact()
            verdicts = np.array([*(float(text) > 800 for text in column.values), False])
            return int(verdicts[column.codes].sum())
    return 0


def live_bytes(path: Path) -> int:
    connection = sqlite3.connect(path)
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    connection.close()
    return int((pages - free) * size)


class Timed:
    """Prints the CPU and wall time of a block of code."""

    def __init__(self, what: str, lines: int, raw: int) -> None:
        self._what, self._lines, self._raw = what, lines, raw

    def __enter__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        rate, megabytes = self._lines / cpu, self._raw / cpu / 1e6
        print(
            f"{self._what:24} {cpu:7.3f} s CPU {wall:7.3f} s wall"
            f" {rate:12,.0f} lines/s of CPU {megabytes:8,.0f} MB/s of CPU"
        )


if __name__ == "__main__":
    main()
