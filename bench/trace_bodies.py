"""OTLP trace requests for benchmarks: realistic, all different, and cheap to make.

A few requests are built with protobuf; more of them are the same bytes with other ids (a mask over
all ids of a request keeps parents and children together) and other times.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES = ("frontend", "cart", "checkout", "payment", "shipping", "catalog", "email", "quotes")
NOUNS = ("products", "cart", "orders", "users", "items", "prices")
ROUTES = [f"/api/{noun}/{{id}}" for noun in NOUNS]
#: Spans in a request, and requests built with protobuf.
SIZE, TEMPLATES = 1000, 40
_KIND_SERVER, _KIND_CLIENT, _KIND_INTERNAL = 2, 3, 1


@dataclass(frozen=True)
class Template:
    """A request and where its ids and times lie."""

    body: np.ndarray
    trace_ids: np.ndarray
    span_ids: np.ndarray
    times: np.ndarray

    def variant(self, rng: np.random.Generator, shift_ns: int) -> bytes:
        """The same spans with other ids, so much later."""
        body = self.body.copy()
        mask = rng.integers(0, 256, 24, dtype=np.uint8)
        body[self.trace_ids[:, None] + np.arange(16)] ^= mask[:16]
        body[self.span_ids[:, None] + np.arange(8)] ^= mask[16:]
        at = self.times[:, None] + np.arange(8)
        moved = np.ascontiguousarray(body[at]).view("<u8") + np.uint64(shift_ns)
        body[at] = moved.view(np.uint8).reshape(-1, 8)
        return body.tobytes()


def bodies(spans: int, end_ns: int, hours: float = 1.0) -> Iterator[bytes]:
    """Requests of `SIZE` spans with starts evenly over some time before `end_ns`."""
    rng = np.random.default_rng(1)
    count = max(1, spans // SIZE)
    start_ns = end_ns - int(hours * 3.6e12)
    templates = [make_template(random.Random(n), start_ns) for n in range(min(TEMPLATES, count))]
    step = int(hours * 3.6e12) // count
    for number in range(count):
        yield templates[number % len(templates)].variant(rng, number * step)


def make_template(rng: random.Random, start_ns: int) -> Template:
    """A request of traces with 2 to 14 spans each, grouped by service as SDKs send them."""
    by_service: dict[str, list[Span]] = {name: [] for name in SERVICES}
    made = 0
    while made < SIZE:
        count = min(SIZE - made, rng.choice((2, 4, 5, 6, 8, 14)))
        for service, span in make_trace(rng, start_ns + rng.randrange(10**9), count):
            by_service[service].append(span)
        made += count
    request = ExportTraceServiceRequest()
    for service, spans in by_service.items():
        group = request.resource_spans.add()
        pairs = {"service.name": service, "service.version": "1.2.3", "host.name": f"{service}-0"}
        group.resource.attributes.extend(pair(key, value) for key, value in pairs.items())
        scoped = group.scope_spans.add()
        scoped.scope.CopyFrom(InstrumentationScope(name="bench", version="1.0"))
        scoped.spans.extend(spans)
    return _located(request)


def make_trace(rng: random.Random, start_ns: int, count: int) -> Iterator[tuple[str, Span]]:
    """Spans of one trace, each the child of an earlier one."""
    trace = rng.randbytes(16)
    made: list[Span] = []
    for number in range(count):
        parent = rng.choice(made[-3:]).span_id if made else b""
        service = SERVICES[0] if number == 0 else SERVICES[min(7, int(rng.expovariate(0.4)))]
        kind = _KIND_SERVER if number == 0 else rng.choice((_KIND_INTERNAL, 2, _KIND_CLIENT))
        span = make_span(rng, (trace, parent), kind, start_ns + number * rng.randrange(1, 10**7))
        made.append(span)
        yield service, span


def make_span(rng: random.Random, ids: tuple[bytes, bytes], kind: int, start_ns: int) -> Span:
    """A span with ten attributes; one in fifty fails, and has an event that says why."""
    route = rng.choice(ROUTES)
    failed = rng.random() < 0.02
    method = rng.choice(("GET", "GET", "POST"))
    span = Span(
        trace_id=ids[0],
        span_id=rng.randbytes(8),
        parent_span_id=ids[1],
        flags=256,
        name=f"{method} {route}",
        kind=kind,  # type: ignore[arg-type]
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + int(rng.lognormvariate(16, 1)),
        attributes=[
            pair("http.request.method", method),
            pair("http.route", route),
            pair(
                "http.response.status_code",
                500 if failed else rng.choice((200, 200, 200, 201, 404)),
            ),
            pair("url.scheme", "https"),
            pair("server.address", rng.choice(("a.shop.test", "b.shop.test"))),
            pair("server.port", 443),
            pair("network.protocol.version", "1.1"),
            pair("user_agent.original", f"Mozilla/5.0 (bench {rng.randrange(20)})"),
            pair("user.id", f"u{int(rng.expovariate(1e-3)):06d}"),
            pair("url.path", route.replace("{id}", str(rng.randrange(100_000)))),
        ],
        status=Status(code=2, message="boom") if failed else None,  # type: ignore[arg-type]
    )
    if failed:
        event = span.events.add(name="exception", time_unix_nano=start_ns + 1000)
        kinds = ("IOError", "KeyError", "Timeout")
        event.attributes.extend([pair("exception.type", rng.choice(kinds))])
    return span


def pair(key: str, value: str | int) -> KeyValue:
    held = AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
    return KeyValue(key=key, value=held)


def _located(request: ExportTraceServiceRequest) -> Template:
    """Find ids and times by the bytes before them: they are random or large, nothing else is."""
    body = request.SerializeToString()
    array = np.frombuffer(body, np.uint8)
    spans = [
        span
        for group in request.resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
    ]
    known_traces = {span.trace_id for span in spans}
    known_spans = {span.span_id for span in spans}

    def places(mark: bytes, width: int, known: set[bytes]) -> np.ndarray:
        hits = np.flatnonzero(
            np.lib.stride_tricks.sliding_window_view(array, len(mark))
            .__eq__(np.frombuffer(mark, np.uint8))
            .all(axis=1)
        ) + len(mark)
        return np.array([at for at in hits.tolist() if body[at : at + width] in known], np.int64)

    starts = {span.start_time_unix_nano.to_bytes(8, "little") for span in spans}
    ends = {span.end_time_unix_nano.to_bytes(8, "little") for span in spans}
    events = {event.time_unix_nano.to_bytes(8, "little") for span in spans for event in span.events}
    times = [places(b"\x39", 8, starts), places(b"\x41", 8, ends), places(b"\x09", 8, events)]
    span_ids = [places(b"\x12\x08", 8, known_spans), places(b"\x22\x08", 8, known_spans)]
    return Template(
        array.copy(),
        places(b"\x0a\x10", 16, known_traces),
        np.concatenate(span_ids),
        np.concatenate(times),
    )
