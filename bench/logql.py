"""LogQL over sealed chunks: 1,000,000 JSON lines of two hours; CPU and wall time per query.

`python -m bench logql --lines 1000000`; a query's name as argument runs that one alone, with
`--profile` under cProfile. "Cold" is the first run after opening the store, though the disk's
pages are in memory; "warm" the best of three after it.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.clock import SystemClock
from appliance.logql.engine import Request, evaluate
from appliance.logql.parser import parse
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.model.value import Matrix, Streams, Vector
from appliance.query.limits import QueryGuard, QueryLimits
from bench.logs_store import append, open_store, pino

if TYPE_CHECKING:
    from appliance.model.value import QueryResult
    from appliance.store.logs.store import LogStore

_HOSTS = 8
_HOURS_NS = 2 * 3600 * 10**9
_START_NS = 1_700_000_000_000_000_000 // _HOURS_NS * _HOURS_NS
_MINUTE_NS = 60 * 10**9
_REQUEST_LINES = 1000

#: Name, query, step in minutes (0: a log query; -1: an instant query), limit.
_QUERIES = (
    ("last 100", '{app="shop"}', 0, 100),
    ("last 5000", '{app="shop"}', 0, 5000),
    ("needle", '{app="shop"} |= "nowhere_to_be_found"', 0, 100),
    ("rare request", '{app="shop"} |= "req-7a120"', 0, 100),
    ("common text", '{app="shop"} |= "payment accepted"', 0, 100),
    ("json, filter", '{app="shop"} | json | responseTime > 880 | req_method="POST"', 0, 100),
    ("json, rare", '{app="shop"} | json | reqId="req-7a120"', 0, 100),
    ("count by host", 'sum by (host) (count_over_time({app="shop"}[1m]))', 1, 0),
    ("rate of all", 'sum(rate({app="shop"}[5m]))', 1, 0),
    ("bytes by host", 'sum by (host) (bytes_over_time({app="shop"}[5m]))', 1, 0),
    ("substring count", 'sum(count_over_time({app="shop"} |= "cache miss" [5m]))', 1, 0),
    ("regex count", 'sum(count_over_time({app="shop"} |~ "retry.*timeout" [5m]))', 1, 0),
    ("ip count", 'sum(count_over_time({app="shop"} |= ip("10.0.1.0/25") [5m]))', 1, 0),
    ("json count", 'sum by (msg) (count_over_time({app="shop"} | json [5m]))', 1, 0),
    (
        "json filter count",
        'sum by (req_method) (count_over_time({app="shop"} | json | responseTime > 500 [5m]))',
        1,
        0,
    ),
    (
        "json all count",
        'count(count_over_time({app="shop"} | json | keep host, level, req_method [2h]))',
        -1,
        0,
    ),
    ("unwrap avg", 'avg_over_time({app="shop"} | json | unwrap responseTime [5m]) by (host)', 1, 0),
    (
        "unwrap quantile",
        'quantile_over_time(0.99, {app="shop"} | json | unwrap responseTime [5m]) by (host)',
        1,
        0,
    ),
    (
        "topk url",
        'topk(10, sum by (req_url) (count_over_time({app="shop"} | json [2h])))',
        -1,
        0,
    ),
    ("json by request", 'count(sum by (reqId) (count_over_time({app="shop"} | json [2h])))', -1, 0),
    (
        "pattern topk",
        'topk(5, sum by (m) (count_over_time({app="shop"} | pattern `<_>"method":"<m>"<_>` [5m])))',
        1,
        0,
    ),
    (
        "regexp count",
        'sum by (m) (count_over_time({app="shop"} | regexp `"method":"(?P<m>[A-Z]+)"` [5m]))',
        1,
        0,
    ),
    ("line_format", 'sum(bytes_over_time({app="shop"} | line_format "{{.host}}" [5m]))', 1, 0),
)


def requests(lines: int) -> list[list[StreamBatch]]:
    """Requests of 1,000 lines, evenly over two hours and some hosts."""
    rnd = random.Random(1)
    labels = [Labels.of({"app": "shop", "host": f"host-{n}"}) for n in range(_HOSTS)]
    levels = ((("detected_level", "info"),), (("detected_level", "error"),))
    gap, made = _HOURS_NS // lines, []
    for first in range(0, lines, _REQUEST_LINES):
        batches = []
        for host, label in enumerate(labels):
            numbers = np.arange(first + host, min(first + _REQUEST_LINES, lines), _HOSTS)
            times = _START_NS + numbers * gap
            found = [
                pino(at, number, rnd)
                for at, number in zip(times.tolist(), numbers.tolist(), strict=True)
            ]
            metadata = [levels[b'"level":50' in line] for line in found]
            batches.append(StreamBatch(label, times, found, metadata))
        made.append(batches)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", default="", help="run queries whose name has this")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="keep the store here, or use the one that is")
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (chosen.data or Path(folder)) / "logs.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _fill(path, chosen.lines)
        print(f"{'':18} {'cold':>9} {'CPU':>9} {'warm':>9} {'CPU':>9}  result")
        for query in _QUERIES:
            if chosen.name in query[0]:
                _measure(path, query, is_profiled=chosen.profile)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak of memory {peak:.0f} MB")


def _fill(path: Path, lines: int) -> None:
    made = requests(lines)
    raw = sum(len(line) + 1 for batches in made for batch in batches for line in batch.lines)
    print(f"{lines:,} lines of {raw / lines:.0f} bytes in {_HOSTS} streams")
    store = open_store(path)
    append(store, made, 8)
    store.seal(force=True)
    store.close()


def _measure(path: Path, query: tuple[str, str, int, int], *, is_profiled: bool) -> None:
    store = open_store(path)
    try:
        cold, value = _timed(store, query)
        if is_profiled:
            with cProfile.Profile() as profile:
                _timed(store, query)
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        warm = min(_timed(store, query)[0] for _ in range(3))
    finally:
        store.close()
    times = " ".join(f"{1000 * one:7.1f}ms" for one in (*cold, *warm))
    print(f"{query[0]:18} {times}  {_described(value)}")


def _timed(
    store: LogStore, query: tuple[str, str, int, int]
) -> tuple[tuple[float, float], QueryResult]:
    """Wall and CPU seconds of a query."""
    _, text, minutes, limit = query
    request = Request(
        _START_NS,
        _START_NS + _HOURS_NS,
        step_ns=max(0, minutes) * _MINUTE_NS,
        limit=limit,
        max_series=100_000,
    )
    node = parse(text)
    guard = QueryGuard(QueryLimits(), SystemClock())
    wall, cpu = time.perf_counter(), time.process_time()
    found = evaluate(node, store.source("bench"), request, guard)
    return (time.perf_counter() - wall, time.process_time() - cpu), found


def _described(result: QueryResult) -> str:
    match result.value:
        case Streams(streams):
            return f"{sum(len(one.entries) for one in streams)} entries"
        case Matrix(series):
            return f"{len(series)} series, {sum(one[2].sum() for one in series):,.0f}"
        case Vector(_, _, values):
            return f"{len(values)} series, {values.sum():,.0f}"
    return str(result.value)


if __name__ == "__main__":
    main()
