"""Files of several GB: open, one typical query each, and pruning half while appends go on.

`python -m bench large_store [--logs GB] [--traces GB] [--metrics GB] [--folder DIR]`
The data are random, so that no codec makes them smaller. What is opened and asked anew is in a
process of its own; the page cache is warm.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.trace import SpanBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.logs.store import LogOptions, LogStore
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.retention import Retention, RetentionRule
from appliance.store.traces.store import SpanOptions, SpanStore

START_MS = 1_700_000_000_000
#: Time from one request (logs, traces) or scrape (metrics) to the next.
STEP_MS = {"logs": 1000, "traces": 1000, "metrics": 15_000}
STREAMS, LINES, LINE_BYTES = 20, 1000, 300
TARGETS, SERIES = 20, 5000
SPANS, PER_TRACE, SPAN_BYTES = 1000, 5, 300
GUARD_LIMITS = QueryLimits(max_samples=1 << 40, max_bytes=1 << 40)


class StepClock(ManualClock):
    """Stands where it is put."""

    def put(self, now_ms: int) -> None:
        self._now_ns = now_ms * 1_000_000


def open_store(signal: str, path: Path, clock: ManualClock, synchronous: str = "FULL") -> Any:
    database = DatabaseOptions(synchronous=synchronous)
    shared: Any = {"database": database, "clock": clock, "telemetry": Telemetry()}
    if signal == "logs":
        return LogStore(path, LogOptions(), **shared)
    if signal == "traces":
        return SpanStore(path, SpanOptions(), **shared)
    return MetricStore(path, MetricStoreOptions(), **shared)


class Filler:
    """Appends step after step."""

    def __init__(self, signal: str, store: Any) -> None:
        self.store = store
        self.append = {"logs": self.lines, "traces": self.spans, "metrics": self.scrapes}[signal]
        self._streams = [Labels.of({"app": "large", "pod": f"p{n}"}) for n in range(STREAMS)]
        self._ids: list[np.ndarray] = []
        self._random = np.random.default_rng(1)

    def lines(self, at_ms: int, count: int = LINES) -> list[Any]:
        """One request of lines in all streams; half of a line is random."""
        each = max(1, count // STREAMS)
        text = self._random.bytes(LINE_BYTES * each * STREAMS).translate(_NO_NEWLINES)
        batches = []
        for number, labels in enumerate(self._streams):
            start = number * each
            times = np.arange(each) * 1_000_000 + at_ms * 1_000_000 + number
            lines = [
                b'{"level":"info","msg":"request completed","payload":"%b"}'
                % text[(start + n) * LINE_BYTES : (start + n + 1) * LINE_BYTES]
                for n in range(each)
            ]
            batches.append(StreamBatch(labels, times, lines))
        return [self.store.append("t", batches)]

    def scrapes(self, at_ms: int, count: int = SERIES) -> list[Any]:
        """A scrape of every target; a small one is of targets of their own."""
        if not self._ids:
            self._ids = [
                self.store.resolve("t", [series(f"m{n}", f"{t}") for n in range(count)])
                for t in range(TARGETS)
            ]
        return [
            self.store.append_column(
                "t", f"target{n} {count}", at_ms + n, ids, self._random.random(len(ids))
            )
            for n, ids in enumerate(self._ids)
        ]

    def spans(self, at_ms: int, count: int = SPANS) -> list[Any]:
        """One request of traces with random ids and a random attribute."""
        return [self.store.append("t", make_spans(at_ms, count))]


def series(name: str, target: str) -> Labels:
    return Labels.of({"__name__": name, "target": target})


_NO_NEWLINES = bytes(32 + byte % 95 if byte < 32 else byte for byte in range(256))


def make_spans(at_ms: int, count: int) -> SpanBatch:
    """Spans that the time alone decides, so that they can be asked for later."""
    chosen = np.random.default_rng(at_ms)
    traces = np.repeat(
        chosen.integers(0, 256, (-(-count // PER_TRACE), 16), dtype=np.uint8), PER_TRACE, axis=0
    )[:count]
    span_ids = chosen.integers(1, 1 << 63, count, dtype=np.uint64)
    starts = (at_ms * 1_000_000 + np.arange(count) * 1000).astype(np.int64)
    payload = chosen.bytes(count * SPAN_BYTES // 2).hex().encode()
    zeros = np.zeros(count, dtype=np.int32)
    return SpanBatch(
        trace_ids=traces,
        span_ids=span_ids,
        parent_ids=np.zeros(count, dtype=np.uint64),
        start_ns=starts,
        duration_ns=np.full(count, 5000, dtype=np.int64),
        kinds=np.full(count, 2, dtype=np.uint8),
        statuses=zeros.astype(np.uint8),
        name_ids=zeros,
        names=["GET /"],
        service_ids=zeros,
        services=["large"],
        resource_ids=zeros,
        resources=[b""],
        scope_ids=zeros,
        scopes=[b""],
        spans=[
            span_bytes(trace, span, start, payload[n * SPAN_BYTES : (n + 1) * SPAN_BYTES])
            for n, (trace, span, start) in enumerate(
                zip(map(bytes, traces), map(int, span_ids), map(int, starts), strict=True)
            )
        ],
    )


def span_bytes(trace: bytes, span: int, start: int, payload: bytes) -> bytes:
    """A Span message: ids, name, kind, times, one attribute `blob`."""
    value = b"\x0a" + varint(len(payload)) + payload
    pair = b"\x0a\x04blob\x12" + varint(len(value)) + value
    return b"".join((
        b"\x0a\x10", trace, b"\x12\x08", span.to_bytes(8, "big"), b"\x2a\x05GET /\x30\x02\x39",
        start.to_bytes(8, "little"), b"\x41", (start + 5000).to_bytes(8, "little"),
        b"\x4a", varint(len(pair)), pair,
    ))  # fmt: skip


def varint(number: int) -> bytes:
    return bytes((number & 0x7F | 0x80, number >> 7)) if number > 0x7F else bytes((number,))


def fill(signal: str, path: Path, wanted_bytes: int, clock: StepClock) -> int:
    """Append and seal until the file is large enough; returns the time of the end."""
    store = open_store(signal, path, clock, synchronous="OFF")
    filler = Filler(signal, store)
    began, at_ms, waiting = time.perf_counter(), START_MS, []
    step = 0
    while path.stat().st_size < wanted_bytes:
        clock.put(at_ms)
        waiting += filler.append(at_ms)
        while len(waiting) > 4:
            waiting.pop(0).result()
        at_ms += STEP_MS[signal]
        step += 1
        if step % 20 == 0 and store.seal_due:
            store.seal()
    for future in waiting:
        future.result()
    store.close()
    seconds = time.perf_counter() - began
    print(f"{signal}: {gigabytes(path)} filled in {seconds:.0f} s", flush=True)
    return at_ms


def ask(signal: str, path: Path, end_ms: int) -> dict[str, float]:
    """What a fresh process measures."""
    before = own_memory_bytes()
    began = time.perf_counter()
    store = open_store(signal, path, StepClock(end_ms))
    found = {"open_ms": (time.perf_counter() - began) * 1e3}
    found["open_mb"] = (own_memory_bytes() - before) / 1e6
    source = store.source("t")
    for turn in ("first", "again"):
        began = time.perf_counter()
        QUERIES[signal](source, end_ms)
        found[f"{turn}_ms"] = (time.perf_counter() - began) * 1e3
    found["after_mb"] = (own_memory_bytes() - before) / 1e6
    store.close()
    return found


def own_memory_bytes() -> int:
    """Resident memory, mapped pages of files not counted."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


def last_lines(source: Any, end_ms: int) -> None:
    matchers = (Matcher("app", MatchOp.EQUAL, "large"),)
    found = 0
    end_ns = (end_ms + 1000) * 1_000_000
    guard = new_guard()
    for lines in source.scan(matchers, 0, end_ns, guard, work=list_lines, backward=True):
        found += len(lines)
        if found >= 100:
            return
    raise AssertionError(found)


def list_lines(chunk: LogChunk) -> list[bytes]:
    return [chunk.line(row) for row in range(len(chunk))]


def one_series(source: Any, end_ms: int) -> None:
    matchers = (
        Matcher("__name__", MatchOp.EQUAL, "m7"),
        Matcher("target", MatchOp.EQUAL, "3"),
    )
    middle = (START_MS + end_ms) // 2
    (group,) = source.select(matchers, middle, middle + 3_600_000, new_guard())
    assert len(group.timestamps_ms) >= 100


def one_trace(source: Any, end_ms: int) -> None:
    steps = (end_ms - START_MS) // STEP_MS["traces"]
    batch = make_spans(START_MS + steps * 3 // 4 * STEP_MS["traces"], SPANS)
    assert len(source.trace(batch.trace_ids[500].tobytes(), new_guard())) == PER_TRACE


QUERIES = {"logs": last_lines, "metrics": one_series, "traces": one_trace}


def new_guard() -> QueryGuard:
    return QueryGuard(GUARD_LIMITS, ManualClock())


def prune_half(signal: str, path: Path, end_ms: int) -> None:
    """Retention by age that removes half, while small appends measure how long they wait."""
    clock = StepClock(end_ms)
    store = open_store(signal, path, clock)
    filler = Filler(signal, store)
    stop = threading.Event()
    waits: list[float] = []

    def append() -> None:
        at_ms = end_ms
        while not stop.is_set():
            at_ms += STEP_MS[signal]
            began = time.perf_counter()
            for future in filler.append(at_ms, 20):
                future.result()
            waits.append(time.perf_counter() - began)
            stop.wait(0.002)

    sender = threading.Thread(target=append)
    sender.start()
    time.sleep(1)
    quiet, waits[:] = list(waits), []
    began = time.perf_counter()
    rules = Retention((RetentionRule((end_ms - START_MS) // 2),))
    pruned = store.retain(rules)
    seconds = time.perf_counter() - began
    stop.set()
    sender.join()
    print(
        f"{signal}: retain removed {pruned.blocks:,} blocks, {pruned.bytes / 1e9:.2f} GB in"
        f" {seconds:.1f} s; file {gigabytes(path)}; appends waited"
        f" {statistics.median(waits) * 1e3:.1f} ms (median), {max(waits) * 1e3:.0f} ms (longest);"
        f" before {statistics.median(quiet) * 1e3:.1f} and {max(quiet) * 1e3:.0f} ms",
        flush=True,
    )
    store.close()


def gigabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e9:.2f} GB"


def in_new_process(signal: str, path: Path, end_ms: int) -> None:
    command = [sys.executable, "-m", "bench.large_store", "--ask", signal, str(path), str(end_ms)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(
        f"{signal}: opened in {answer['open_ms']:.0f} ms with {answer['open_mb']:.0f} MB more;"
        f" query {answer['first_ms']:.1f} ms, again {answer['again_ms']:.1f} ms,"
        f" {answer['after_mb']:.0f} MB more after it",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=float, default=5.0, help="GB; 0 leaves the signal out")
    parser.add_argument("--traces", type=float, default=2.0)
    parser.add_argument("--metrics", type=float, default=2.0)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: /tmp)")
    parser.add_argument("--ask", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.ask:
        signal, path, end_ms = chosen.ask
        print(json.dumps(ask(signal, Path(path), int(end_ms))))
        return
    for signal in ("logs", "traces", "metrics"):
        wanted = int(getattr(chosen, signal) * 1e9)
        if wanted:
            run(signal, wanted, chosen.folder)


def run(signal: str, wanted_bytes: int, folder: Path | None) -> None:
    place = Path(tempfile.mkdtemp(prefix="large-", dir=folder))
    try:
        path = place / f"{signal}.db"
        end_ms = fill(signal, path, wanted_bytes, StepClock(START_MS))
        in_new_process(signal, path, end_ms)
        prune_half(signal, path, end_ms)
        in_new_process(signal, path, end_ms)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
