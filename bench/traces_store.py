"""The span store alone: append, seal, bytes per span, trace by id, a scan of all columns.

Spans have ten attributes and come in requests of 1,000, five spans to a trace. CPU seconds are
those of this process; building the spans is not counted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.model.trace import SpanBatch
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.traces.store import SpanOptions, SpanStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

SERVICES = ("frontend", "cart", "checkout", "payment", "shipping")
NOUNS = ("products", "cart", "orders", "users", "items", "prices")
ROUTES = [f"/api/{noun}/{{id}}" for noun in NOUNS]
PER_TRACE = 5


def pair(key: str, value: str | int) -> KeyValue:
    held = AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
    return KeyValue(key=key, value=held)


def make_span(rng: random.Random, trace: bytes, parent: bytes, start_ns: int) -> Span:
    route = rng.choice(ROUTES)
    failed = rng.random() < 0.02
    code = 500 if failed else rng.choice((200, 200, 200, 201, 404))
    return Span(
        trace_id=trace,
        span_id=rng.randbytes(8),
        parent_span_id=parent,
        flags=256,
        name=f"GET {route}",
        kind=rng.choice((1, 2, 3)),
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + int(rng.lognormvariate(16, 1)),
        attributes=[
            pair("http.request.method", rng.choice(("GET", "POST"))),
            pair("http.route", route),
            pair("http.response.status_code", code),
            pair("url.scheme", "https"),
            pair("server.address", rng.choice(("a.shop.test", "b.shop.test"))),
            pair("server.port", 443),
            pair("network.protocol.version", "1.1"),
            pair("user_agent.original", f"Mozilla/5.0 (bench {rng.randrange(20)})"),
            pair("user.id", f"u{int(rng.expovariate(1e-3)):06d}"),
            pair("url.path", route.replace("{id}", str(rng.randrange(100_000)))),
        ],
        status=Status(code=2, message="boom") if failed else None,
    )


def make_batches(spans: int, size: int) -> Iterator[SpanBatch]:
    rng = random.Random(1)
    for first in range(0, spans, size):
        made: list[Span] = []
        services: list[int] = []
        for number in range(size // PER_TRACE):
            trace, parent = rng.randbytes(16), b""
            start_ns = 1_700_000_000_000_000_000 + (first + number * PER_TRACE) * 1_000_000
            for service in range(PER_TRACE):
                made.append(make_span(rng, trace, parent, start_ns + rng.randrange(50_000_000)))
                services.append(service)
                parent = made[-1].span_id if rng.random() < 0.7 else parent or made[-1].span_id
        yield to_batch(made, np.array(services, np.int32))


def to_batch(spans: list[Span], services: np.ndarray) -> SpanBatch:
    names = {name: at for at, name in enumerate(dict.fromkeys(one.name for one in spans))}
    starts = np.array([one.start_time_unix_nano for one in spans], np.int64)
    ends = np.array([one.end_time_unix_nano for one in spans], np.int64)
    ids = b"".join(one.trace_id for one in spans)
    return SpanBatch(
        trace_ids=np.frombuffer(ids, np.uint8).reshape(-1, 16),
        span_ids=np.array([int.from_bytes(one.span_id) for one in spans], np.uint64),
        parent_ids=np.array([int.from_bytes(one.parent_span_id) for one in spans], np.uint64),
        start_ns=starts,
        duration_ns=ends - starts,
        kinds=np.array([one.kind for one in spans], np.uint8),
        statuses=np.array([one.status.code for one in spans], np.uint8),
        name_ids=np.array([names[one.name] for one in spans], np.int32),
        names=list(names),
        service_ids=services,
        services=SERVICES,
        resource_ids=services,
        resources=[resource(name) for name in SERVICES],
        scope_ids=np.zeros(len(spans), np.int32),
        scopes=[InstrumentationScope(name="bench", version="1.0").SerializeToString()],
        spans=[one.SerializeToString() for one in spans],
    )


def resource(service: str) -> bytes:
    pairs = {"service.name": service, "service.version": "1.2.3", "host.name": f"{service}-0"}
    attributes = [pair(key, value) for key, value in pairs.items()]
    return Resource(attributes=attributes).SerializeToString()


def new_guard() -> QueryGuard:
    return QueryGuard(QueryLimits(), SystemClock())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(CPU seconds, wall seconds)."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def append_all(store: SpanStore, arguments: argparse.Namespace) -> tuple[list[bytes], int]:
    """Appends and seals; prints both rates. Returns some trace ids and the raw bytes."""
    traces: list[bytes] = []
    raw = 0
    append_cpu = append_wall = seal_cpu = 0.0
    batches = make_batches(arguments.spans, arguments.request)
    while group := [batch for _, batch in zip(range(30), batches, strict=False)]:
        traces += [group[0].trace_ids[0].tobytes()]
        raw += sum(len(span) for batch in group for span in batch.spans)

        def send(group: list[SpanBatch] = group) -> None:
            futures: list[Future[None]] = [store.append("anonymous", batch) for batch in group]
            for future in futures:
                future.result()

        cpu, wall = timed(send)
        append_cpu, append_wall = append_cpu + cpu, append_wall + wall
        seal_cpu += timed(store.seal)[0]
    seal_cpu += timed(lambda: store.seal(force=True))[0]
    count = arguments.spans
    print(f"append: {count / append_cpu:,.0f} spans/s of CPU, {count / append_wall:,.0f} of wall")
    print(f"seal:   {count / seal_cpu:,.0f} spans/s of CPU ({seal_cpu / count * 1e6:.1f} us/span)")
    print(f"both:   {count / (append_cpu + seal_cpu):,.0f} spans/s of CPU")
    return traces, raw


def read_columns(store: SpanStore) -> int:
    """What a search for slow failing requests of one service reads."""
    hits = 0
    for block in store.source("anonymous").scan(0, 2**63 - 1, new_guard()):
        codes = block.attribute("span", "http.response.status_code")
        services = block.services()
        if codes is not None:
            wanted = np.array([value == 500 for value in codes.values] + [False])
            cart = np.array([value == "cart" for value in services.values] + [False])
            slow = block.numbers("duration_ns") > 10_000_000
            hits += int((wanted[codes.ids] & cart[services.ids] & slow).sum())
    return hits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=200_000)
    parser.add_argument("--request", type=int, default=1000, help="spans in a request")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.db"
        store = open_store(path)
        traces, raw = append_all(store, arguments)
        count, sizes = arguments.spans, column_sizes(store)
        print(
            f"bytes:  {sum(sizes.values()) / count:.1f} a span in columns ({raw / count:.0f} raw)"
        )
        for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:15]:
            print(f"          {name:28} {size / count:6.2f}")
        store.close()
        print(f"        {path.stat().st_size / arguments.spans:.1f} a span in the file")
        print_queries(path, traces)


def print_queries(path: Path, traces: list[bytes]) -> None:
    _, wall = timed(lambda: open_store(path).close())
    print(f"open:   {wall * 1e3:.0f} ms")
    store = open_store(path)
    source = store.source("anonymous")
    walls = [timed(lambda trace=trace: source.trace(trace, new_guard()))[1] for trace in traces]  # type: ignore[misc]
    print(f"trace:  {statistics.median(walls) * 1e3:.1f} ms median, {max(walls) * 1e3:.1f} at most")
    store.close()
    store = open_store(path)
    for state in ("cold", "warm"):
        cpu, wall = timed(lambda: read_columns(store))
        print(f"search: {wall * 1e3:.0f} ms {state}, {cpu:.2f} s of CPU")
    store.close()


def open_store(path: Path) -> SpanStore:
    return SpanStore(
        path,
        SpanOptions(),
        database=DatabaseOptions(),
        clock=SystemClock(),
        telemetry=Telemetry(),
    )


def column_sizes(store: SpanStore) -> dict[str, int]:
    sql = "SELECT name, sum(length(data)) FROM block_column GROUP BY name"
    with store._database.reader() as connection:
        return dict(connection.execute(sql).fetchall())


if __name__ == "__main__":
    main()
